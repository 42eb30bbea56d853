#include "guard/scalar.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace aright::guard {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

template <typename Number>
std::optional<Number> in_base(std::string_view digits, int base) {
  Number number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

// Digits with at most one point among them and at least one digit, perhaps an exponent.
bool is_decimal(std::string_view text) {
  auto exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    auto power = text.substr(exponent + 1);
    if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
    if (!all_digits(power)) return false;
    text = text.substr(0, exponent);
  }
  auto point = text.find('.');
  if (point == std::string_view::npos) return all_digits(text);
  auto whole = text.substr(0, point), part = text.substr(point + 1);
  return (whole.empty() || all_digits(whole)) && (part.empty() || all_digits(part)) &&
         text.size() > 1;
}

double decimal(std::string_view text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc::result_out_of_range) return number;
  auto exponent = text.find_first_of("eE");
  bool tiny = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
  return tiny ? 0 : std::numeric_limits<double>::infinity();
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (auto word : words)
    if (text == word) return true;
  return false;
}

// 0x, 0o and 0b; decimal without a leading zero.
std::optional<std::int64_t> core_integer(std::string_view text) {
  bool negative = text.starts_with('-');
  auto digits = text.starts_with('+') || negative ? text.substr(1) : text;
  if (digits.starts_with('+') || digits.starts_with('-')) return std::nullopt;
  int base = digits.starts_with("0x")   ? 16
             : digits.starts_with("0o") ? 8
             : digits.starts_with("0b") ? 2
                                        : 10;
  if (base != 10) digits.remove_prefix(2);
  if (base == 10 && digits.size() > 1 && digits[0] == '0') return std::nullopt;
  auto size = in_base<std::uint64_t>(digits, base);
  if (!size || (negative && *size > 1ULL << 63)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - *size : *size);
}

std::optional<double> core_real(std::string_view text) {
  bool negative = text.starts_with('-');
  auto size = text.starts_with('+') || negative ? text.substr(1) : text;
  if (is_one_of(size, {".inf", ".Inf", ".INF"})) return negative ? -HUGE_VAL : HUGE_VAL;
  if (is_one_of(text, {".nan", ".NaN", ".NAN"})) return std::nan("");
  if (!is_decimal(size)) return std::nullopt;
  // Digits that are no integer because of a leading zero are no float either.
  if (all_digits(size) && size.size() > 1 && size[0] == '0') return std::nullopt;
  auto number = decimal(size);
  if (std::isinf(number)) return std::nullopt;
  return negative ? -number : number;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  bool negative = text.starts_with('-');
  auto digits = text.starts_with('+') || negative ? text.substr(1) : text;
  if (!all_digits(digits)) return std::nullopt;
  return in_base<std::int64_t>(negative ? text : digits, 10);
}

std::optional<double> parse_real(std::string_view text) {
  bool negative = text.starts_with('-');
  auto size = text.starts_with('+') || negative ? text.substr(1) : text;
  std::optional<double> number;
  auto word = size.size() <= 8 ? lower(size) : std::string();
  if (word == "inf" || word == "infinity") {
    number = HUGE_VAL;
  } else if (word == "nan") {
    number = std::nan("");
  } else if (is_decimal(size)) {
    number = decimal(size);
  }
  if (number && negative) number = -*number;
  return number;
}

Value::Data data_scalar(std::string_view text) {
  if (auto number = parse_integer(text)) return *number;
  if (auto number = parse_real(text)) return *number;
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "~" || equal_ignore_case(text, "null")) return std::monostate();
  return std::string(text);
}

Value::Data core_scalar(std::string_view text) {
  if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) return std::monostate();
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  if (auto number = core_integer(text)) return *number;
  if (auto number = core_real(text)) return *number;
  return std::string(text);
}

}  // namespace aright::guard
