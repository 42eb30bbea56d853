#include "pattern/condition.h"

#include <algorithm>

#include "pattern/fold.h"

namespace aright::pattern {

namespace {

bool is_text(const Scalar& leaf) {
  return leaf.kind == Kind::text;
}

bool holds(const ExactText& exact, const Scalar& leaf) {
  if (!is_text(leaf)) return false;
  if (leaf.text == exact.text) return true;
  return exact.address && parse_address(leaf.text) == exact.address;
}

bool holds(const ExactNumber& exact, const Scalar& leaf) {
  if (leaf.kind != Kind::number || leaf.exact != exact.exact) return false;
  return exact.exact ? leaf.number == exact.value : leaf.text == exact.text;
}

bool holds(const ExactLiteral& exact, const Scalar& leaf) {
  return leaf.kind == exact.kind;
}

bool holds(const Prefix& prefix, const Scalar& leaf) {
  if (!is_text(leaf)) return false;
  return prefix.any_case ? starts_folded(leaf.text, prefix.text) : leaf.text.starts_with(prefix.text);
}

bool holds(const Suffix& suffix, const Scalar& leaf) {
  if (!is_text(leaf)) return false;
  return suffix.any_case ? ends_folded(leaf.text, suffix.text) : leaf.text.ends_with(suffix.text);
}

bool holds(const EqualAnyCase& equal, const Scalar& leaf) {
  return is_text(leaf) && equals_folded(leaf.text, equal.folded);
}

// Every inner part is taken at its first occurrence: leaving more text behind it never hurts. No
// backtracking.
bool holds(const Wildcard& wildcard, const Scalar& leaf) {
  if (!is_text(leaf)) return false;
  std::string_view rest = leaf.text;
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

bool holds(const Range& range, const Scalar& leaf) {
  if (leaf.kind != Kind::number || !leaf.exact) return false;
  const auto& [lower, upper] = range;
  const double number = leaf.number;
  if (lower && (lower->inclusive ? number < lower->value : number <= lower->value)) return false;
  if (upper && (upper->inclusive ? number > upper->value : number >= upper->value)) return false;
  return true;
}

bool holds(const InAddressRange& in, const Scalar& leaf) {
  if (!is_text(leaf)) return false;
  auto address = parse_address(leaf.text);
  return address && in.range.contains(*address);
}

bool holds(const Present&, const Scalar&) {
  return true;
}

bool holds(const AnythingBut& but, const Scalar& leaf) {
  return std::ranges::none_of(but.excluded,
                              [&](const Condition& one) { return pattern::holds(one, leaf); });
}

}  // namespace

bool holds(const Condition& condition, const Scalar& leaf) {
  return std::visit([&](const auto& kind) { return holds(kind, leaf); }, condition.kind);
}

}  // namespace aright::pattern
