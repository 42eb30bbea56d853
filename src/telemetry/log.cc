#include "telemetry/log.h"

#include <cstdio>

#include "base/known.h"
#include "telemetry/instruments.h"

namespace aright::telemetry {

namespace {

// Others write what we tell of: no text of theirs begins a line of its own, or moves a terminal's cursor.
std::string one_line(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, log_line_bytes_max)) {
    if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f)
      out += c;
  }
  return out;
}

std::string as_text(Timestamp at, Level level, std::string_view module, std::string_view message,
                    const json::Object& fields) {
  auto line = fmt::format("{} {:<5} {}: {}", at.iso(), name(level), module, one_line(message));
  for (const auto& [field, value] : fields)
    line += fmt::format(" {}={}", std::string_view(field), one_line(json::scalar_text(value)));
  return line;
}

std::string as_json(Timestamp at, Level level, std::string_view module, std::string_view message,
                    const json::Object& fields) {
  json::Object line{{"time", at.iso()},
                    {"level", name(level)},
                    {"module", module},
                    {"message", message.substr(0, log_line_bytes_max)}};
  for (const auto& [field, value] : fields)
    line[field] = value;
  return json::print(line);
}

void to_standard_error(std::string_view line) {
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

std::string_view name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "";
}

Result<Level> parse_level(std::string_view text) {
  std::vector<std::string> known;
  for (auto level : {Level::debug, Level::info, Level::warn, Level::error}) {
    if (text == name(level)) return level;
    known.emplace_back(name(level));
  }
  return fail({.code = Errc::invalid, .message = unknown_word("a level of log lines", std::string(text), known)});
}

Log::Log(Format format, Level least, const Clock& clock, Write write)
    : format_(format), least_(least), clock_(clock), write_(write ? std::move(write) : to_standard_error) {}

void Log::write(Level level, std::string_view module, std::string_view message, const json::Object& fields) const {
  static auto& lines = Registry::process().counter("aright_log_lines_total", "Lines of log, by level.", {"level"});
  lines.with({name(level)}).add();
  if (level < least_) return;
  auto now = clock_.now();
  auto line = format_ == Format::text ? as_text(now, level, module, message, fields)
                                      : as_json(now, level, module, message, fields);
  write_(line + "\n");
}

}  // namespace aright::telemetry
