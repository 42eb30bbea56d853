// ==, in, and the four that order: how values on the left are set against those on the right. What
// is compared with what depends on whether a side is a literal, a list, or what a query found.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "guard/evaluator.h"
#include "guard/tally.h"

namespace aright::guard {

namespace {

using Values = std::vector<const Value*>;

const Value* literal_of(const Findings& side) {
  return side.size() == 1 && side.front().kind == Found::Kind::literal ? side.front().value
                                                                       : nullptr;
}

Values values_of(const Findings& side) {
  Values out;
  for (const auto& found : side)
    if (found.is_resolved()) out.push_back(found.value);
  return out;
}

// The items of lists, and all else as it is.
Values flat(const Findings& side) {
  Values out;
  for (const auto* value : values_of(side)) {
    if (const auto* list = value->list()) {
      for (const auto& item : *list)
        out.push_back(&item);
    } else {
      out.push_back(value);
    }
  }
  return out;
}

Values items_of(const Value& value) {
  Values out;
  for (const auto& item : *value.list())
    out.push_back(&item);
  return out;
}

}  // namespace

Evaluator::Outcomes Evaluator::binary(const Comparison& comparison, const Findings& left,
                                      const Findings& right) {
  if (left.empty() || right.empty()) return Status::skip;
  Tally tally(comparison, recorder_);
  for (const auto& found : left)
    if (!found.is_resolved()) tally.missing_left(found);
  auto sign = comparison.comparator.sign;
  bool orders = sign != Operator::equal && sign != Operator::in;
  bool some_missing =
      std::ranges::any_of(right, [](const Found& found) { return !found.is_resolved(); });
  if (some_missing) {
    auto compared = orders ? flat(left) : values_of(left);
    for (const auto& found : right) {
      if (found.is_resolved()) continue;
      CHECK_OK(spend(compared.size()));
      for (const auto* value : compared)
        tally.missing_right(*value, found);
    }
  }
  if (sign == Operator::equal) {
    CHECK_OK(equal(tally, left, right));
  } else if (sign == Operator::in) {
    CHECK_OK(contained(tally, left, right));
  } else {
    CHECK_OK(ordered(tally, left, right));
  }
  return tally.status();
}

Outcome<> Evaluator::compare(Tally& tally, const Value& left, const Value& right) {
  CHECK_OK(spend(1));
  switch (equals(left, right)) {
    case Answer::yes:
      tally.judge(true, left, right);
      break;
    case Answer::no:
      tally.judge(false, left, right);
      break;
    case Answer::incomparable:
      tally.fail(left, right);
      break;
    case Answer::overrun:
      return stop(at_, "a regular expression backtracks without end", "make it simpler");
  }
  return {};
}

Outcome<> Evaluator::equal(Tally& tally, const Findings& left, const Findings& right) {
  const auto* a = literal_of(left);
  const auto* b = literal_of(right);
  if (a && b) return compare(tally, *a, *b);
  if (a) {
    for (const auto* value : a->list() ? values_of(right) : flat(right))
      CHECK_OK(compare(tally, *a, *value));
    return {};
  }
  if (!b) {
    // Two queries: whether the longer has values that the other lacks.
    auto lefts = values_of(left), rights = values_of(right);
    bool more_left = lefts.size() > rights.size();
    Among others(more_left ? rights : lefts);
    Values lacking;
    for (const auto* value : more_left ? lefts : rights) {
      CHECK_OK(spend(1));
      auto found = others.holds(*value);
      if (found == Answer::overrun)
        return stop(at_, "a regular expression backtracks without end", "make it simpler");
      if (found == Answer::no) lacking.push_back(value);
    }
    // What is asked for does not lack: told is what there is in its place.
    if (!more_left && !lacking.empty() && !tally.negated()) {
      CHECK_OK(spend(lefts.size()));
      Among wanted(rights);
      Values wrong;
      std::ranges::copy_if(lefts, std::back_inserter(wrong),
                           [&](const Value* value) { return wanted.holds(*value) == Answer::no; });
      if (!wrong.empty()) lacking = std::move(wrong);
    }
    return values_contained(tally, lacking, rights, lefts);
  }
  for (const auto* value : values_of(left)) {
    if (const auto* list = b->list()) {
      bool single = list->size() == 1 && value->is_scalar();
      CHECK_OK(compare(tally, *value, single ? list->front() : *b));
    } else if (const auto* items = value->list()) {
      for (const auto& item : *items)
        CHECK_OK(compare(tally, item, *b));
    } else {
      CHECK_OK(compare(tally, *value, *b));
    }
  }
  return {};
}

// Left values of which some are lacking on the right, as a whole: one verdict for each value that
// decides.
Outcome<> Evaluator::values_contained(Tally& tally, const Values& lacking, const Values& right,
                                      const Values& left) {
  CHECK_OK(spend(left.size() + lacking.size()));
  auto pass_all = [&] {
    for (std::size_t at = 0; at < left.size(); ++at)
      tally.pass();
  };
  if (!tally.negated()) {
    if (lacking.empty()) pass_all();
    for (const auto* value : lacking)
      tally.fail_among(*value, right);
    return {};
  }
  Among without(lacking);
  Values there;
  for (const auto* value : left)
    if (lacking.empty() || without.holds(*value) != Answer::yes) there.push_back(value);
  if (there.empty() && !lacking.empty()) pass_all();
  for (const auto* value : there)
    tally.fail_among(*value, right);
  return {};
}

const Among& Evaluator::among(const Value& list) {
  auto& known = lists_[&list];
  if (!known) known = std::make_unique<Among>(*list.list());
  return *known;
}

Outcome<> Evaluator::text_contained(Tally& tally, const Value& left, const Value& right) {
  CHECK_OK(spend(1));
  if (left.text() && right.text()) {
    tally.judge(right.text()->find(*left.text()) != std::string::npos, left, right);
  } else {
    tally.fail(left, right);
  }
  return {};
}

// A list in a list: each of its items is there; in a list of lists: it is there itself.
Outcome<> Evaluator::list_contained(Tally& tally, const Value& left, const Value& right) {
  const auto* list = right.list();
  if (!list) {
    tally.fail(left, right);
    return {};
  }
  const auto& others = among(right);
  bool as_whole = !list->empty() && list->front().list();
  Values lacking;
  for (const auto* value : as_whole ? Values{&left} : items_of(left)) {
    CHECK_OK(spend(1));
    auto found = others.holds(*value);
    if (found == Answer::overrun)
      return stop(at_, "a regular expression backtracks without end", "make it simpler");
    if (found == Answer::no) lacking.push_back(value);
  }
  bool holds = lacking.empty();
  if (tally.negated() && !holds) {
    Among without(lacking);
    bool all_lack = std::ranges::all_of(
        items_of(left), [&](const Value* item) { return without.holds(*item) == Answer::yes; });
    holds = !all_lack;
  }
  holds != tally.negated() ? tally.pass() : tally.fail_among(left, {&right});
  return {};
}

Outcome<> Evaluator::contained_in(Tally& tally, const Value& left, const Value& right) {
  if (left.list()) return list_contained(tally, left, right);
  if (!right.list()) return compare(tally, left, right);
  CHECK_OK(spend(1));
  auto found = among(right).holds(left);
  if (found == Answer::overrun)
    return stop(at_, "a regular expression backtracks without end", "make it simpler");
  (found == Answer::yes) != tally.negated() ? tally.pass() : tally.fail_among(left, {&right});
  return {};
}

Outcome<> Evaluator::contained(Tally& tally, const Findings& left, const Findings& right) {
  const auto* a = literal_of(left);
  const auto* b = literal_of(right);
  if (a && b) {
    bool part = a->text() && b->text() && b->text()->find(*a->text()) != std::string::npos;
    if (!part) return contained_in(tally, *a, *b);
    tally.judge(true, *a, *b);
    return {};
  }
  auto rights = values_of(right);
  if (a) {
    bool lists =
        std::ranges::any_of(rights, [](const Value* value) { return value->list() != nullptr; });
    if (!lists && a->list()) {
      Among others(rights);
      Values lacking;
      for (const auto* item : items_of(*a))
        if (others.holds(*item) != Answer::yes) lacking.push_back(item);
      return values_contained(tally, lacking, rights, {a});
    }
    for (const auto* value : rights)
      CHECK_OK(contained_in(tally, *a, *value));
    return {};
  }
  auto lefts = values_of(left);
  if (!b) {
    Values lacking;
    CHECK_OK(lacking_in(lefts, rights, lacking));
    return values_contained(tally, lacking, rights, lefts);
  }
  for (const auto* value : lefts) {
    if (!b->text()) {
      CHECK_OK(contained_in(tally, *value, *b));
    } else if (const auto* items = value->list()) {
      for (const auto& item : *items)
        CHECK_OK(text_contained(tally, item, *b));
    } else {
      CHECK_OK(text_contained(tally, *value, *b));
    }
  }
  return {};
}

// Those of the left that are in none of the right: a value in a list is an item of it.
Outcome<> Evaluator::lacking_in(const Values& left, const Values& right, Values& lacking) {
  Values scalars, lists;
  for (const auto* value : right)
    (value->list() ? lists : scalars).push_back(value);
  Among others(scalars);
  for (const auto* value : left) {
    CHECK_OK(spend(1 + lists.size()));
    bool found = !value->list() && others.holds(*value) == Answer::yes;
    for (const auto* list : lists) {
      if (found) break;
      const auto& items = among(*list);
      bool as_whole = !value->list() || (!list->list()->empty() && list->list()->front().list());
      found = as_whole ? items.holds(*value) == Answer::yes
                       : std::ranges::all_of(*value->list(), [&](const Value& item) {
                           return items.holds(item) == Answer::yes;
                         });
    }
    if (!found) lacking.push_back(value);
  }
  return {};
}

Outcome<> Evaluator::ordered(Tally& tally, const Findings& left, const Findings& right) {
  auto rights = flat(right);
  for (const auto* value : flat(left)) {
    CHECK_OK(spend(rights.size()));
    for (const auto* other : rights) {
      auto place = order(*value, *other);
      if (place == Order::incomparable) {
        tally.fail(*value, *other);
        continue;
      }
      tally.judge(tally.accepts(place), *value, *other);
    }
  }
  return {};
}

}  // namespace aright::guard
