#include "pattern/condition_table.h"

#include <algorithm>

#include "base/overloaded.h"
#include "pattern/fold.h"

namespace aright::pattern {

namespace {

template <typename List>
std::uint32_t place_of_next(const List& list) {
  return static_cast<std::uint32_t>(list.size());
}

}  // namespace

struct ConditionTable::Packer {
  ConditionTable& to;

  Item text(Op op, std::string_view text) const {
    Item out{.op = op, .at = place_of_next(to.texts_), .size = static_cast<std::uint32_t>(text.size())};
    to.texts_ += text;
    return out;
  }
  template <typename List, typename Value>
  Item listed(Op op, List& list, const Value& value) const {
    Item out{.op = op, .at = place_of_next(list)};
    list.push_back(value);
    return out;
  }

  Item operator()(const ExactText& exact) const {
    return exact.address ? listed(Op::address, to.addresses_, *exact.address) : text(Op::text, exact.text);
  }
  Item operator()(const ExactNumber& exact) const {
    return exact.exact ? listed(Op::number, to.numbers_, exact.value) : text(Op::inexact_number, exact.text);
  }
  Item operator()(const ExactLiteral& exact) const { return {.op = Op::literal, .literal = exact.kind}; }
  Item operator()(const Prefix& prefix) const {
    return text(prefix.any_case ? Op::any_case_prefix : Op::prefix, prefix.text);
  }
  Item operator()(const Suffix& suffix) const {
    return text(suffix.any_case ? Op::any_case_suffix : Op::suffix, suffix.text);
  }
  Item operator()(const EqualAnyCase& equal) const { return text(Op::any_case_text, equal.folded); }
  Item operator()(const Wildcard& wildcard) const {
    Item out{
        .op = Op::wildcard, .count = static_cast<std::uint16_t>(wildcard.parts.size()), .at = place_of_next(to.parts_)};
    for (const auto& part : wildcard.parts) {
      auto packed = text(Op::text, part);
      to.parts_.push_back({.at = packed.at, .size = packed.size});
    }
    return out;
  }
  Item operator()(const Range& range) const { return listed(Op::range, to.ranges_, range); }
  Item operator()(const InAddressRange& in) const { return listed(Op::network, to.networks_, in.range); }
  Item operator()(const Present&) const { return {.op = Op::present}; }
  Item operator()(const AnythingBut& but) const {
    return {
        .op = Op::anything_but, .count = static_cast<std::uint16_t>(but.excluded.size()), .at = to.add(but.excluded)};
  }
};

std::uint32_t ConditionTable::add(const std::vector<Condition>& conditions) {
  std::vector<Item> items;
  for (const auto& condition : conditions)
    items.push_back(std::visit(Packer{*this}, condition.kind));
  const auto first = place_of_next(items_);
  items_.insert(items_.end(), items.begin(), items.end());
  return first;
}

bool ConditionTable::holds(const Item& item, const Scalar& leaf) const {
  switch (item.op) {
    case Op::present:
      return true;
    case Op::anything_but:
      return !any_holds(item.at, item.count, leaf);
    case Op::literal:
      return leaf.kind == item.literal;
    case Op::number:
      return leaf.kind == Kind::number && leaf.exact && leaf.number == numbers_[item.at];
    case Op::inexact_number:
      return leaf.kind == Kind::number && !leaf.exact && leaf.text == text(item.at, item.size);
    case Op::range:
      return leaf.kind == Kind::number && leaf.exact && in_range(item, leaf.number);
    case Op::text:
    case Op::address:
    case Op::prefix:
    case Op::suffix:
    case Op::any_case_prefix:
    case Op::any_case_suffix:
    case Op::any_case_text:
    case Op::wildcard:
    case Op::network:
      return leaf.kind == Kind::text && holds_for_text(item, leaf.text);
  }
  return false;
}

bool ConditionTable::in_range(const Item& item, double number) const {
  const auto& [lower, upper] = ranges_[item.at];
  if (lower && (lower->inclusive ? number < lower->value : number <= lower->value)) return false;
  return !upper || (upper->inclusive ? number <= upper->value : number < upper->value);
}

bool ConditionTable::holds_for_text(const Item& item, std::string_view value) const {
  if (item.op == Op::wildcard) return holds_wildcard(item, value);
  if (item.op == Op::network || item.op == Op::address) {
    const auto address = parse_address(value);
    if (!address) return false;
    return item.op == Op::network ? networks_[item.at].contains(*address) : addresses_[item.at] == *address;
  }
  const auto wanted = text(item.at, item.size);
  switch (item.op) {
    case Op::text:
      return value == wanted;
    case Op::prefix:
      return value.starts_with(wanted);
    case Op::suffix:
      return value.ends_with(wanted);
    case Op::any_case_prefix:
      return starts_folded(value, wanted);
    case Op::any_case_suffix:
      return ends_folded(value, wanted);
    case Op::any_case_text:
      return equals_folded(value, wanted);
    default:
      return false;  // the others look at no text, or are done above
  }
}

// As for Condition: the ends first, then each inner part at its first occurrence.
bool ConditionTable::holds_wildcard(const Item& item, std::string_view value) const {
  const auto* parts = parts_.data() + item.at;
  const std::size_t last = item.count - 1u;
  auto part = [&](std::size_t i) { return text(parts[i].at, parts[i].size); };
  if (last == 0) return value == part(0);
  if (!value.starts_with(part(0))) return false;
  value.remove_prefix(parts[0].size);
  if (!value.ends_with(part(last))) return false;
  value.remove_suffix(parts[last].size);
  for (std::size_t i = 1; i < last; ++i) {
    const auto found = value.find(part(i));
    if (found == std::string_view::npos) return false;
    value.remove_prefix(found + parts[i].size);
  }
  return true;
}

std::size_t ConditionTable::bytes() const {
  return items_.size() * sizeof(Item) + parts_.size() * sizeof(Part) + ranges_.size() * sizeof(Range) +
         numbers_.size() * sizeof(double) + networks_.size() * sizeof(AddressRange) +
         addresses_.size() * sizeof(Address) + texts_.size();
}

}  // namespace aright::pattern
