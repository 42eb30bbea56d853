#include "iam/condition.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "iam/wildcard.h"
#include "pattern/address.h"

namespace aright::iam {

namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// ISO 8601 with or without a time of day, or seconds since 1970.
std::optional<std::int64_t> instant(std::string_view text) {
  constexpr std::size_t day_length = 10;
  if (auto seconds = number(text)) return static_cast<std::int64_t>(*seconds * 1000);
  auto whole = std::string(text);
  if (whole.size() == day_length) whole += "T00:00:00Z";
  auto parsed = parse_timestamp(whole);
  return parsed ? std::optional(parsed->ms) : std::nullopt;
}

template <typename T>
bool compare(Test test, const std::optional<T>& asked, const std::optional<T>& wanted) {
  if (!asked || !wanted) return false;
  switch (test) {
    case Test::numeric_equals:
    case Test::date_equals:
      return *asked == *wanted;
    case Test::numeric_less:
    case Test::date_less:
      return *asked < *wanted;
    case Test::numeric_less_or_equal:
    case Test::date_less_or_equal:
      return *asked <= *wanted;
    case Test::numeric_greater:
    case Test::date_greater:
      return *asked > *wanted;
    default:
      return *asked >= *wanted;
  }
}

bool in_range(std::string_view address, std::string_view range) {
  auto asked = pattern::parse_address(address);
  auto slash = range.find('/');
  auto network = pattern::parse_address(range.substr(0, slash));
  if (!asked || !network || asked->v6 != network->v6) return false;
  int bits_max = network->v6 ? 128 : 32, bits = bits_max;
  if (slash != std::string_view::npos) {
    auto given = number(range.substr(slash + 1));
    if (!given || *given < 0 || *given > bits_max) return false;
    bits = static_cast<int>(*given);
  }
  for (int bit = 0; bit < bits; ++bit) {
    auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    auto byte = static_cast<std::size_t>(bit / 8);
    if ((asked->bytes[byte] & mask) != (network->bytes[byte] & mask)) return false;
  }
  return true;
}

bool same_bytes(const std::string& asked, const std::string& wanted) {
  auto left = from_base64(asked), right = from_base64(wanted);
  return left && right && *left == *right;
}

// One value of the request against one of the policy.
bool matches(Test test, const std::string& asked, const Wildcard& wanted) {
  switch (test) {
    case Test::string_equals:
      return asked == wanted.text();
    case Test::string_equals_ignore_case:
    case Test::boolean:
      return equal_ignore_case(asked, wanted.text());
    case Test::string_like:
      return wanted.matches(asked);
    case Test::numeric_equals:
    case Test::numeric_less:
    case Test::numeric_less_or_equal:
    case Test::numeric_greater:
    case Test::numeric_greater_or_equal:
      return compare(test, number(asked), number(wanted.text()));
    case Test::date_equals:
    case Test::date_less:
    case Test::date_less_or_equal:
    case Test::date_greater:
    case Test::date_greater_or_equal:
      return compare(test, instant(asked), instant(wanted.text()));
    case Test::binary_equals:
      return same_bytes(asked, wanted.text());
    case Test::ip_address:
      return in_range(asked, wanted.text());
    case Test::arn_like:
      return asked.starts_with("arn:") && wanted.matches_arn(asked);
    case Test::null:
      return false;
  }
  return false;
}

bool has_wildcards(Test test) {
  return test == Test::string_like || test == Test::arn_like;
}

}  // namespace

bool holds(const Condition& condition, const Keys& keys, bool variables) {
  const auto* asked = keys.find(condition.key);
  bool there = asked != nullptr && !asked->empty();
  if (condition.test == Test::null)
    return std::ranges::any_of(condition.values, [&](const std::string& absent) {
      return equal_ignore_case(absent, "true") != there;
    });
  if (!there) {
    if (condition.if_exists) return true;
    switch (condition.quantifier) {
      case Quantifier::all:
        return true;
      case Quantifier::any:
        return false;
      case Quantifier::one:
        return condition.negated;
    }
  }
  std::vector<Wildcard> wanted;
  for (const auto& value : condition.values) {
    auto resolved = resolve(value, keys, variables, has_wildcards(condition.test));
    if (resolved) wanted.push_back(std::move(*resolved));
    // Nobody can say that a value differs from one that is not known.
    if (!resolved && condition.negated) return false;
  }
  auto passes = [&](const std::string& one) {
    bool found = std::ranges::any_of(
        wanted, [&](const Wildcard& value) { return matches(condition.test, one, value); });
    return found != condition.negated;
  };
  switch (condition.quantifier) {
    case Quantifier::all:
      return std::ranges::all_of(*asked, passes);
    case Quantifier::any:
      return std::ranges::any_of(*asked, passes);
    case Quantifier::one:
      // A key with several values where the operator expects one: all must pass a negation, any an
      // affirmation.
      return condition.negated ? std::ranges::all_of(*asked, passes)
                               : std::ranges::any_of(*asked, passes);
  }
  return false;
}

}  // namespace aright::iam
