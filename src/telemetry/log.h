#pragma once
// Lines of log: one event a line, for people or for programs, on standard error, where a service manager takes them
// up. Thread-safe; a line comes out whole.

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace aright::telemetry {

inline constexpr std::size_t log_line_bytes_max = 16u << 10;  // of a message; what is longer is cut

enum class Level { debug, info, warn, error };
std::string_view name(Level level);
Result<Level> parse_level(std::string_view text);

class Log {
 public:
  enum class Format { text, json };
  using Write = std::function<void(std::string_view line)>;  // with its line end

  // `clock` must outlive it. Lines below `least` are left out. An empty `write` is standard error.
  Log(Format format, Level least, const Clock& clock, Write write = {});

  // `fields` say what it is about: {"remediation": "rem_…", "trace_id": "…"}.
  void write(Level level, std::string_view module, std::string_view message, const json::Object& fields = {}) const;

 private:
  const Format format_;
  const Level least_;
  const Clock& clock_;
  const Write write_;
};

}  // namespace aright::telemetry
