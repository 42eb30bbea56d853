#include "guard/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace aright::guard {

namespace {

Answer answer(bool truth) {
  return truth ? Answer::yes : Answer::no;
}

Answer searched(const Regex& regex, std::string_view text) {
  auto found = regex.search(text);
  return found == Regex::Found::overrun ? Answer::overrun : answer(found == Regex::Found::yes);
}

template <typename Number>
Answer within(const Range& range, Number number) {
  const auto* lower = std::get_if<Number>(&range.lower);
  const auto* upper = std::get_if<Number>(&range.upper);
  if (!lower || !upper) return Answer::incomparable;
  bool above = range.with_lower ? *lower <= number : *lower < number;
  bool below = range.with_upper ? *upper >= number : *upper > number;
  return answer(above && below);
}

// What both ways of comparing see alike, for values that hold no others.
Answer equal_scalars(const Value& left, const Value& right) {
  const auto* regex = std::get_if<std::shared_ptr<const Regex>>(&right.data);
  const auto* left_regex = std::get_if<std::shared_ptr<const Regex>>(&left.data);
  if (left.text() && regex) return searched(**regex, *left.text());
  if (left_regex && right.text()) return searched(**left_regex, *right.text());
  if (left_regex && regex) return answer((*left_regex)->pattern() == (*regex)->pattern());
  if (const auto* range = std::get_if<std::shared_ptr<const Range>>(&right.data)) {
    if (const auto* number = std::get_if<std::int64_t>(&left.data)) return within(**range, *number);
    if (const auto* number = std::get_if<double>(&left.data)) return within(**range, *number);
    if (const auto* code = std::get_if<char32_t>(&left.data)) return within(**range, *code);
    return Answer::incomparable;
  }
  const auto* truth = std::get_if<bool>(&left.data);
  const auto* other = std::get_if<bool>(&right.data);
  if (truth && other) return answer(*truth == *other);
  auto place = order(left, right);
  return place == Order::incomparable ? Answer::incomparable : answer(place == Order::equal);
}

using Compare = Answer (*)(const Value&, const Value&);

// The first pair that is not equal decides.
Answer equal_lists(const List& left, const List& right, Compare compare) {
  if (left.size() != right.size()) return Answer::no;
  for (std::size_t at = 0; at < left.size(); ++at) {
    auto pair = compare(left[at], right[at]);
    if (pair != Answer::yes) return pair;
  }
  return Answer::yes;
}

Answer equal_maps(const Map& left, const Map& right, Compare compare) {
  if (left.members().size() != right.members().size()) return Answer::no;
  for (const auto& member : left.members()) {
    const auto* other = right.find(member.key);
    if (!other) return Answer::no;
    auto pair = compare(member.value, *other);
    if (pair != Answer::yes) return pair;
  }
  return Answer::yes;
}

Answer equal_with(const Value& left, const Value& right, Compare compare) {
  if (left.list() && right.list()) return equal_lists(*left.list(), *right.list(), compare);
  if (left.map() && right.map()) return equal_maps(*left.map(), *right.map(), compare);
  return equal_scalars(left, right);
}

bool holds_pattern(const Value& value) {
  if (value.is(Kind::regex) || value.is(Kind::range)) return true;
  if (const auto* list = value.list()) return std::ranges::any_of(*list, holds_pattern);
  if (const auto* map = value.map())
    return std::ranges::any_of(map->members(),
                               [](const Member& member) { return holds_pattern(member.value); });
  return false;
}

// Equal for values without patterns that are the same; the order of members does not matter.
std::size_t hash(const Value& value) {
  auto mix = [](std::size_t seed, std::size_t more) {
    return std::rotl(seed * 0x9e3779b97f4a7c15ULL, 17) ^ more;
  };
  auto own = static_cast<std::size_t>(value.kind()) + 1;
  if (const auto* text = value.text()) return mix(own, std::hash<std::string>()(*text));
  if (const auto* number = std::get_if<std::int64_t>(&value.data))
    return mix(own, std::hash<std::int64_t>()(*number));
  if (const auto* real = std::get_if<double>(&value.data))
    return mix(own, std::hash<double>()(*real));
  if (const auto* truth = std::get_if<bool>(&value.data)) return mix(own, *truth ? 1 : 0);
  if (const auto* code = std::get_if<char32_t>(&value.data)) return mix(own, *code);
  if (const auto* list = value.list()) {
    for (const auto& item : *list)
      own = mix(own, hash(item));
  } else if (const auto* map = value.map()) {
    for (const auto& member : map->members())
      own += mix(hash(member.value), std::hash<std::string>()(member.key));
  }
  return own;
}

}  // namespace

Answer equals(const Value& left, const Value& right) {
  return equal_with(left, right, equals);
}

Answer same(const Value& left, const Value& right) {
  auto found = equal_with(left, right, same);
  return found == Answer::incomparable ? Answer::no : found;
}

Order order(const Value& left, const Value& right) {
  auto ranked = [](auto a, auto b) {
    return a < b ? Order::less : b < a ? Order::greater : Order::equal;
  };
  if (left.kind() != right.kind()) return Order::incomparable;
  switch (left.kind()) {
    case Kind::null:
      return Order::equal;
    case Kind::integer:
      return ranked(std::get<std::int64_t>(left.data), std::get<std::int64_t>(right.data));
    case Kind::text:
      return ranked(std::string_view(*left.text()), std::string_view(*right.text()));
    case Kind::character:
      return ranked(std::get<char32_t>(left.data), std::get<char32_t>(right.data));
    case Kind::real: {
      auto a = std::get<double>(left.data), b = std::get<double>(right.data);
      return std::isnan(a) || std::isnan(b) ? Order::incomparable : ranked(a, b);
    }
    case Kind::boolean:
    case Kind::regex:
    case Kind::range:
    case Kind::list:
    case Kind::map:
      return Order::incomparable;
  }
  return Order::incomparable;
}

Among::Among(std::vector<const Value*> values) : values_(std::move(values)) {
  index();
}

Among::Among(const List& list) {
  values_.reserve(list.size());
  for (const auto& item : list)
    values_.push_back(&item);
  index();
}

void Among::index() {
  if (values_.size() < hashed_from) return;
  for (const auto* value : values_) {
    if (holds_pattern(*value)) {
      patterns_.push_back(value);
    } else {
      hashed_.emplace(hash(*value), value);
    }
  }
}

Answer Among::holds(const Value& value) const {
  bool by_hash = !hashed_.empty() && !holds_pattern(value);
  if (by_hash) {
    auto [from, to] = hashed_.equal_range(hash(value));
    for (auto at = from; at != to; ++at)
      if (same(*at->second, value) == Answer::yes) return Answer::yes;
  }
  for (const auto* one : by_hash ? patterns_ : values_) {
    auto found = same(*one, value);
    if (found != Answer::no) return found;
  }
  return Answer::no;
}

}  // namespace aright::guard
