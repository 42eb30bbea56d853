#include "guard/scanner.h"

#include <algorithm>

#include "guard/unicode.h"

namespace aright::guard {

namespace {

constexpr std::size_t stretch = 64;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}

}  // namespace

Scanner::Scanner(std::string_view text) : text_(text), lines_{0} {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at % stretch == 0) characters_.push_back(characters);
    if (begins_character(text[at])) ++characters;
    if (text[at] == '\n') lines_.push_back(at + 1);
  }
  characters_.push_back(characters);
}

std::size_t Scanner::characters_before(std::size_t at) const {
  auto from = at / stretch * stretch;
  auto more = std::ranges::count_if(text_.substr(std::min(from, text_.size()), at - from),
                                    begins_character);
  return characters_[at / stretch] + static_cast<std::size_t>(more);
}

Place Scanner::place(std::size_t at) const {
  auto line = static_cast<std::size_t>(std::ranges::upper_bound(lines_, at) - lines_.begin());
  auto column = characters_before(at) - characters_before(lines_[line - 1]) + 1;
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
}

bool Scanner::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Scanner::take(std::string_view word) {
  if (!rest().starts_with(word)) return false;
  at_ += word.size();
  return true;
}

void Scanner::skip_blanks() {
  while (peek() == ' ' || peek() == '\t')
    ++at_;
}

bool Scanner::skip_space() {
  auto from = at_;
  while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n')
    ++at_;
  return at_ != from;
}

bool Scanner::skip_space_and_comments() {
  auto from = at_;
  while (true) {
    skip_space();
    if (peek() != '#') return at_ != from;
    at_ = std::min(text_.find('\n', at_), text_.size());
  }
}

std::string_view Scanner::take_digits() {
  auto from = at_;
  while (peek() >= '0' && peek() <= '9')
    ++at_;
  return between(from, at_);
}

std::optional<std::string> Scanner::take_name() {
  auto first = peek();
  if (!((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z'))) return std::nullopt;
  auto from = at_;
  while (!at_end()) {
    auto [code, bytes] = decode(text_, at_);
    if (code != '_' && !is_alphanumeric(code)) break;
    at_ += bytes;
  }
  return std::string(between(from, at_));
}

char32_t Scanner::take_character() {
  auto [code, bytes] = decode(text_, at_);
  at_ += bytes;
  return code;
}

}  // namespace aright::guard
