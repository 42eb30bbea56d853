#include "json/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace aright::json {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <typename Number>
std::optional<Number> number_of(std::string_view text, int base = 10) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// 0x1F and 0o17; not 017, which is far more often the beginning of an id.
std::optional<Value> prefixed_integer(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0 || text.size() == 2 || text[2] == '-') return std::nullopt;
  auto number = number_of<std::int64_t>(text.substr(2), base);
  return number ? std::optional<Value>(*number) : std::nullopt;
}

std::optional<Value> integer_of(std::string_view text) {
  if (auto number = number_of<std::int64_t>(text)) return Value(*number);
  if (auto number = number_of<std::uint64_t>(text)) return Value(*number);
  return std::nullopt;
}

std::optional<Value> double_of(std::string_view text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional<Value>(number) : std::nullopt;
}

std::optional<Value> number_in(std::string_view text) {
  if (auto number = prefixed_integer(text)) return number;
  std::string_view unsigned_text = text;
  if (text.starts_with('+') || text.starts_with('-')) unsigned_text.remove_prefix(1);
  if (text.starts_with('+')) text = unsigned_text;  // from_chars refuses it
  if (unsigned_text.empty()) return std::nullopt;
  if (!is_digit(unsigned_text[0]) &&
      !(unsigned_text[0] == '.' && unsigned_text.size() > 1 && is_digit(unsigned_text[1])))
    return std::nullopt;
  if (unsigned_text.size() > 1 && unsigned_text[0] == '0' && is_digit(unsigned_text[1]))
    return std::nullopt;
  return std::ranges::all_of(unsigned_text, is_digit) ? integer_of(text) : double_of(text);
}

}  // namespace

Value resolve_plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (auto number = number_in(text)) return std::move(*number);
  return Value(text);
}

}  // namespace aright::json
