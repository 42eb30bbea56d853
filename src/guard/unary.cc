// exists, empty and is_…: what is asked of each value by itself.

#include <fmt/format.h>

#include "guard/evaluator.h"

namespace aright::guard {

namespace {

Status of(bool truth) {
  return truth ? Status::pass : Status::fail;
}

bool is_kind(Operator sign, Kind kind) {
  switch (sign) {
    case Operator::is_string:
      return kind == Kind::text;
    case Operator::is_list:
      return kind == Kind::list;
    case Operator::is_struct:
      return kind == Kind::map;
    case Operator::is_bool:
      return kind == Kind::boolean;
    case Operator::is_int:
      return kind == Kind::integer;
    case Operator::is_null:
      return kind == Kind::null;
    case Operator::is_float:
      return kind == Kind::real;
    case Operator::equal:
    case Operator::in:
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
    case Operator::exists:
    case Operator::empty:
      return false;
  }
  return false;
}

}  // namespace

// [..] empty and %x empty ask whether anything was selected, not whether it is empty.
Evaluator::Outcomes Evaluator::selection_is_empty(const Comparison& comparison,
                                                  const Findings& left) {
  auto negated = comparison.comparator.negated != comparison.negated;
  if (left.empty()) {
    bool passed = !negated;
    recorder_.leaf(&comparison,
                   {.kind = passed ? Check::Kind::passed : Check::Kind::nothing_selected});
    return of(passed);
  }
  std::size_t fails = 0, passes = 0;
  for (const auto& found : left) {
    bool nothing = !found.is_resolved() || found.value->is(Kind::null);
    bool passed = nothing != negated;
    recorder_.leaf(&comparison,
                   {.kind = passed ? Check::Kind::passed : Check::Kind::unary, .from = found});
    (passed ? passes : fails) += 1;
  }
  return of(comparison.query.all ? fails == 0 : passes > 0);
}

Outcome<bool> Evaluator::holds(const Comparison& comparison, const Found& found) {
  auto sign = comparison.comparator.sign;
  if (sign == Operator::exists) return found.is_resolved();
  if (sign != Operator::empty) return found.is_resolved() && is_kind(sign, found.value->kind());
  if (!found.is_resolved()) return true;
  const auto& value = *found.value;
  if (const auto* list = value.list()) return list->empty();
  if (const auto* map = value.map()) return map->members().empty();
  if (const auto* text = value.text()) return text->empty();
  if (value.is(Kind::boolean)) return false;
  return stop(
      comparison.place,
      fmt::format("{} is {}, which is neither empty nor not", value.path(), name(value.kind())),
      "ask is_string, is_list or is_struct first");
}

Evaluator::Outcomes Evaluator::unary(const Comparison& comparison, const Findings& left) {
  const auto& last = comparison.query.steps.back();
  bool selects = last.kind == Step::Kind::filter || last.kind == Step::Kind::keys ||
                 (last.kind == Step::Kind::variable && comparison.query.steps.size() == 1);
  if (selects && comparison.comparator.sign == Operator::empty)
    return selection_is_empty(comparison, left);
  if (left.empty()) return Status::skip;
  bool negated = comparison.comparator.negated != comparison.negated;
  std::size_t fails = 0, passes = 0;
  for (const auto& found : left) {
    CHECK_OK(spend(1));
    bool passed = TRY(holds(comparison, found)) != negated;
    recorder_.leaf(&comparison,
                   {.kind = passed ? Check::Kind::passed : Check::Kind::unary, .from = found});
    (passed ? passes : fails) += 1;
  }
  return of(comparison.query.all ? fails == 0 : passes > 0);
}

}  // namespace aright::guard
