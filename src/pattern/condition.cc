#include "pattern/condition.h"

#include <algorithm>
#include <cmath>

#include "pattern/fold.h"

namespace aright::pattern {

namespace {

std::string_view text_of(const json::Value& value) {
  return value.get_string();
}

bool holds(const ExactText& exact, const json::Value& value) {
  if (!value.is_string()) return false;
  if (text_of(value) == exact.text) return true;
  return exact.address && parse_address(text_of(value)) == exact.address;
}

bool holds(const ExactValue& exact, const json::Value& value) {
  return json::equal(exact.value, value);
}

bool holds(const Prefix& prefix, const json::Value& value) {
  if (!value.is_string()) return false;
  if (prefix.any_case) return fold(text_of(value)).starts_with(prefix.text);
  return text_of(value).starts_with(prefix.text);
}

bool holds(const Suffix& suffix, const json::Value& value) {
  if (!value.is_string()) return false;
  if (suffix.any_case) return fold(text_of(value)).ends_with(suffix.text);
  return text_of(value).ends_with(suffix.text);
}

bool holds(const EqualAnyCase& equal, const json::Value& value) {
  return value.is_string() && fold(text_of(value)) == equal.folded;
}

// Every inner part is taken at its first occurrence: leaving more text behind it never hurts. No
// backtracking.
bool holds(const Wildcard& wildcard, const json::Value& value) {
  if (!value.is_string()) return false;
  std::string_view rest = text_of(value);
  const auto& parts = wildcard.parts;
  if (parts.size() == 1) return rest == parts.front();
  if (!rest.starts_with(parts.front())) return false;
  rest.remove_prefix(parts.front().size());
  if (!rest.ends_with(parts.back())) return false;
  rest.remove_suffix(parts.back().size());
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    auto found = rest.find(parts[i]);
    if (found == std::string_view::npos) return false;
    rest.remove_prefix(found + parts[i].size());
  }
  return true;
}

bool holds(const Range& range, const json::Value& value) {
  if (!value.is_number()) return false;
  auto number = exact_double(value);
  if (!number) return false;
  const auto& [lower, upper] = range;
  if (lower && (lower->inclusive ? *number < lower->value : *number <= lower->value)) return false;
  if (upper && (upper->inclusive ? *number > upper->value : *number >= upper->value)) return false;
  return true;
}

bool holds(const InAddressRange& in, const json::Value& value) {
  if (!value.is_string()) return false;
  auto address = parse_address(text_of(value));
  return address && in.range.contains(*address);
}

bool holds(const Present&, const json::Value&) {
  return true;
}

bool holds(const AnythingBut& but, const json::Value& value) {
  return std::ranges::none_of(but.excluded,
                              [&](const Condition& one) { return pattern::holds(one, value); });
}

}  // namespace

bool holds(const Condition& condition, const json::Value& value) {
  return std::visit([&](const auto& kind) { return holds(kind, value); }, condition.kind);
}

std::optional<double> exact_double(const json::Value& number) {
  const double rounded = number.to_number<double>();
  // Casting back is defined only inside the integer's own range, which 2^63 and 2^64 are just
  // outside of.
  if (number.is_int64() &&
      (rounded >= 0x1p63 || static_cast<std::int64_t>(rounded) != number.get_int64()))
    return {};
  if (number.is_uint64() &&
      (rounded >= 0x1p64 || static_cast<std::uint64_t>(rounded) != number.get_uint64()))
    return {};
  if (!std::isfinite(rounded)) return {};
  return rounded;
}

}  // namespace aright::pattern
