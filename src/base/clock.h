#pragma once
// Time has a type, and comes from a Clock. Nobody outside base asks the system what time it is.

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace aright {

using std::chrono::milliseconds;
using std::chrono::seconds;

// An instant, in milliseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t ms = 0;

  auto operator<=>(const Timestamp&) const = default;
  Timestamp operator+(milliseconds d) const { return {ms + d.count()}; }
  Timestamp operator-(milliseconds d) const { return {ms - d.count()}; }
  milliseconds operator-(Timestamp other) const { return milliseconds(ms - other.ms); }

  std::string iso() const;          // 2024-05-01T10:00:00.123Z
  std::string iso_seconds() const;  // 2024-05-01T10:00:00Z
  std::string format(const char* strftime_format) const;  // in UTC
};

// Accepts 2024-05-01T10:00:00[.fff](Z|+hh:mm). Fails with invalid.
Result<Timestamp> parse_timestamp(std::string_view text);

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

// Stands still until it is told otherwise.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start = {1'700'000'000'000}) : ms_(start.ms) {}
  Timestamp now() const override { return {ms_.load()}; }
  void advance(milliseconds by) { ms_ += by.count(); }
  void set(Timestamp to) { ms_ = to.ms; }

 private:
  std::atomic<std::int64_t> ms_;
};

// Runs `factor` times as fast as the clock below it, from the moment it was made. Used by the sandbox so
// that a two-minute snapshot takes a second.
class ScaledClock final : public Clock {
 public:
  ScaledClock(const Clock& below, double factor) : below_(below), start_(below.now()), factor_(factor) {}
  Timestamp now() const override {
    return start_ + milliseconds(static_cast<std::int64_t>((below_.now() - start_).count() * factor_));
  }

 private:
  const Clock& below_;
  Timestamp start_;
  double factor_;
};

}  // namespace aright
