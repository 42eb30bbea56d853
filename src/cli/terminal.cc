#include "cli/terminal.h"

#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "cli/settings.h"

namespace aright::cli {

namespace {

constexpr std::size_t column_width_max = 60;
constexpr std::string_view error_pages = "docs/errors/";

bool colourful() {
  // no-color.org: set and not empty.
  static const char* refused = std::getenv("NO_COLOR");
  static const bool on = isatty(STDOUT_FILENO) && (!refused || !*refused);
  return on;
}

// Characters, not bytes: continuation bytes take no room.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Whole at the end of a line that somebody does not read on a terminal, but keeps or searches.
std::string clipped(const std::string& text, bool last) {
  static const bool kept = isatty(STDOUT_FILENO) == 0;
  if (width(text) <= column_width_max || (last && kept)) return text;
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

std::string harmless(std::string_view text) {
  constexpr std::array colours{"\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m", "\033[36m"};
  std::string out;
  while (!text.empty()) {
    auto colour = std::ranges::find_if(colours, [&](const char* one) { return colourful() && text.starts_with(one); });
    std::size_t size = colour != colours.end() ? std::string_view(*colour).size() : 1;
    auto byte = static_cast<unsigned char>(text[0]);
    bool c1 = byte == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
    bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F || c1;
    if (size == 1 && control)
      out += '?';
    else
      out += text.substr(0, size);
    text.remove_prefix(c1 ? 2 : size);
  }
  return out;
}

void print_line(std::string_view text) { fmt::print("{}\n", harmless(text)); }

void print_whole(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  print_line(text);
}

void print_bytes(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); }

void print_json(const json::Value& value) { fmt::print("{}\n", json::print_pretty(value)); }

void note(std::string_view text) {
  std::fflush(stdout);  // on a terminal, what was printed before stands before
  fmt::print(stderr, "{}\n", harmless(text));
}

void print_error(const Error& error, bool as_json) {
  if (as_json) {
    json::Object body{{"code", name(error.code)}, {"message", error.message}};
    if (!error.number.empty()) body["number"] = error.number;
    fmt::print(stderr, "{}\n", json::print(json::Object{{"error", std::move(body)}}));
    return;
  }
  fmt::print(stderr, "aright: {}\n", harmless(error.message));
  if (!error.number.empty()) fmt::print(stderr, "        {}: see {}{}.md\n", error.number, error_pages, error.number);
}

int failed(const Error& error, bool as_json) {
  print_error(error, as_json);
  bool of_policy = error.number == "AR-0001";  // the file is wrong, not the question
  bool no_such_control = error.number == "AR-0006";
  return (error.code == Errc::invalid && !of_policy) || no_such_control ? exit_usage : exit_failed;
}

int told(const Result<int>& code, bool as_json) { return code ? *code : failed(code.error(), as_json); }

void Table::print() const {
  std::vector<std::size_t> widths;
  for (const auto& head : heads_) widths.push_back(width(head));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(clipped(row[i].text, i + 1 == row.size())));
  std::string line;
  auto put = [&](std::size_t column, const std::string& text, Tone with, bool last) {
    line += tone(with, text);
    if (!last) line.append(widths[column] - width(text) + 2, ' ');
  };
  for (std::size_t i = 0; i < heads_.size(); ++i) put(i, heads_[i], Tone::faint, i + 1 == heads_.size());
  print_line(line);
  for (const auto& row : rows_) {
    line.clear();
    for (std::size_t i = 0; i < row.size(); ++i) {
      bool last = i + 1 == row.size();
      put(i, clipped(row[i].text, last), row[i].tone, last);
    }
    print_line(line);
  }
}

bool confirmed(std::string_view question) {
  std::fflush(stdout);  // what is asked about was printed there
  fmt::print(stderr, "{} [y/N] ", question);
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

Progress::Progress(bool quiet) : on_(!quiet && isatty(STDERR_FILENO)) {}
Progress::~Progress() { clear(); }

void Progress::say(std::string_view text) {
  if (!on_) return;
  fmt::print(stderr, "\r\033[K{}", harmless(text));
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
