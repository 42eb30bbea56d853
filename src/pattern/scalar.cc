#include "pattern/scalar.h"

#include <charconv>
#include <cmath>

namespace aright::pattern {

namespace {

constexpr std::size_t sure_digits = 15;  // so many decimal digits always survive the way through a double
constexpr std::size_t shortest_chars_max = 32;

template <typename Integer>
bool held_by_double(Integer integer, double limit) {
  const auto rounded = static_cast<double>(integer);
  // Casting back is defined only inside the integer's own range, which the limit is just outside of.
  return rounded < limit && static_cast<Integer>(rounded) == integer;
}

// A decimal as its digits without zeros around them, and the power of ten of the last one.
struct Decimal {
  std::string digits;
  std::int64_t exponent = 0;
  bool operator==(const Decimal&) const = default;
};

Decimal decimal_of(std::string_view token) {
  Decimal out;
  std::int64_t fraction = 0;
  bool after_point = false;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    if (c == '.') after_point = true;
    if (c == 'e' || c == 'E') {
      auto power = token.substr(i + 1);
      if (power.starts_with('+')) power.remove_prefix(1);
      auto error = std::from_chars(power.data(), power.data() + power.size(), out.exponent).ec;
      if (error != std::errc()) out.exponent = INT32_MAX;
      break;
    }
    if (c < '0' || c > '9') continue;
    if (after_point) ++fraction;
    if (c != '0' || !out.digits.empty()) out.digits += c;
  }
  out.exponent -= fraction;
  while (out.digits.ends_with('0')) {
    out.digits.pop_back();
    ++out.exponent;
  }
  if (out.digits.empty()) out.exponent = 0;
  return out;
}

bool survives(std::string_view token, double number) {
  if (!std::isfinite(number)) return false;
  const double size = std::fabs(number);
  if (token.size() <= sure_digits && size < 1e290 && (size > 1e-290 || token == "0")) return true;
  char shortest[shortest_chars_max];
  auto end = std::to_chars(shortest, shortest + sizeof shortest, number).ptr;
  return decimal_of(token) == decimal_of({shortest, end});
}

}  // namespace

Scalar number_scalar(std::string_view token) {
  Scalar out{.kind = Kind::number, .text = token};
  const char* end = token.data() + token.size();
  if (token.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t integer = 0;
    if (std::from_chars(token.data(), end, integer).ec == std::errc()) {
      out.number = static_cast<double>(integer);
      out.exact = held_by_double(integer, 0x1p63);
      return out;
    }
    std::uint64_t large = 0;
    if (std::from_chars(token.data(), end, large).ec == std::errc()) {
      out.number = static_cast<double>(large);
      out.exact = held_by_double(large, 0x1p64);
      return out;
    }
  }
  if (std::from_chars(token.data(), end, out.number).ec != std::errc()) return out;
  out.exact = survives(token, out.number);
  return out;
}

Scalar scalar_of(const json::Value& leaf, std::string& digits) {
  switch (leaf.kind()) {
    case boost::json::kind::string:
      return {.kind = Kind::text, .text = leaf.get_string()};
    case boost::json::kind::bool_:
      return {.kind = leaf.get_bool() ? Kind::yes : Kind::no};
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      digits = json::print(leaf);
      return number_scalar(digits);
    case boost::json::kind::double_:
      return {.kind = Kind::number, .exact = std::isfinite(leaf.get_double()), .number = leaf.get_double()};
    case boost::json::kind::null:
    case boost::json::kind::array:
    case boost::json::kind::object:
      break;
  }
  return {};
}

}  // namespace aright::pattern
