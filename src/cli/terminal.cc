#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace aright::cli {

namespace {

constexpr std::size_t column_width_max = 60;
constexpr std::string_view error_pages = "docs/errors/";

bool colourful() {
  static const bool on = isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR");
  return on;
}

// Characters, not bytes: continuation bytes take no room.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string clipped(const std::string& text) {
  if (width(text) <= column_width_max) return text;
  std::string out;
  std::size_t taken = 0;
  for (char c : text) {
    if ((c & 0xC0) != 0x80 && ++taken == column_width_max) break;
    out += c;
  }
  return out + "…";
}

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::strong: return "\033[1m";
    case Tone::faint: return "\033[2m";
    case Tone::good: return "\033[32m";
    case Tone::bad: return "\033[31m";
    case Tone::warn: return "\033[33m";
    case Tone::accent: return "\033[36m";
  }
  return "";
}

}  // namespace

std::string tone(Tone tone, std::string_view text) {
  if (!colourful() || tone == Tone::plain) return std::string(text);
  return fmt::format("{}{}\033[0m", code_of(tone), text);
}

Tone tone_of_severity(std::string_view severity) {
  if (severity == "critical" || severity == "high") return Tone::bad;
  if (severity == "medium") return Tone::warn;
  return Tone::plain;
}

Tone tone_of_stage(std::string_view stage) {
  if (stage == "resolved") return Tone::good;
  if (stage == "escalated") return Tone::bad;
  if (stage == "awaiting_approval" || stage == "deferred") return Tone::warn;
  return Tone::plain;
}

void print_line(std::string_view text) { fmt::print("{}\n", text); }

void print_json(const json::Value& value) { fmt::print("{}\n", json::print_pretty(value)); }

void print_error(const Error& error, bool as_json) {
  if (as_json) {
    json::Object body{{"code", name(error.code)}, {"message", error.message}};
    if (!error.number.empty()) body["number"] = error.number;
    fmt::print(stderr, "{}\n", json::print(json::Object{{"error", std::move(body)}}));
    return;
  }
  fmt::print(stderr, "aright: {}\n", error.message);
  if (!error.number.empty()) fmt::print(stderr, "        {}: see {}{}.md\n", error.number, error_pages, error.number);
}

void Table::print() const {
  std::vector<std::size_t> widths;
  for (const auto& head : heads_) widths.push_back(width(head));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(clipped(row[i].text)));
  std::string line;
  auto put = [&](std::size_t column, const std::string& text, Tone with, bool last) {
    line += tone(with, text);
    if (!last) line.append(widths[column] - width(text) + 2, ' ');
  };
  for (std::size_t i = 0; i < heads_.size(); ++i) put(i, heads_[i], Tone::faint, i + 1 == heads_.size());
  print_line(line);
  for (const auto& row : rows_) {
    line.clear();
    for (std::size_t i = 0; i < row.size(); ++i) put(i, clipped(row[i].text), row[i].tone, i + 1 == row.size());
    print_line(line);
  }
}

Progress::Progress(bool quiet) : on_(!quiet && isatty(STDERR_FILENO)) {}
Progress::~Progress() { clear(); }

void Progress::say(std::string_view text) {
  if (!on_) return;
  fmt::print(stderr, "\r\033[K{}", text);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace aright::cli
