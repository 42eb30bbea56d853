// What queries find. A step is asked of a value in a scope; where plain keys of a filter are looked
// up depends on how the query came to the value, as README.md tells.

#include <fmt/format.h>

#include <cstdlib>

#include "guard/evaluator.h"

namespace aright::guard {

namespace {

constexpr int no_spelling = -1;

Found unresolved(const Query& query, std::size_t at, const Value& current) {
  return {Found::Kind::unresolved, &current, &query, static_cast<std::uint32_t>(at)};
}

// A negative index is its absolute value.
std::size_t position(std::int32_t index) {
  return static_cast<std::size_t>(std::llabs(index));
}

const Value* spelled_member(const Map& map, const Step& step, int& spelling) {
  if (const auto* found = map.find(step.name)) return found;
  if (spelling != no_spelling) return map.find(step.spellings[static_cast<std::size_t>(spelling)]);
  for (std::size_t at = 0; at < spellings_count; ++at) {
    const auto* found = map.find(step.spellings[at]);
    if (!found) continue;
    spelling = static_cast<int>(at);
    return found;
  }
  return nullptr;
}

}  // namespace

Outcome<Findings> Evaluator::query(const Query& query, Scope& scope) {
  // At a value, keys are read from it, but its filters know the scope around it.
  Scope* resolver = &scope;
  while (resolver->kind == Scope::Kind::call)
    resolver = resolver->parent;
  const Value& root = *resolver->root;
  if (resolver->kind == Scope::Kind::value) resolver = resolver->parent;
  Findings out;
  CHECK_OK(retrieve(query, 0, root, *resolver, no_spelling, out));
  return out;
}

Outcome<> Evaluator::retrieve(const Query& query, std::size_t at, const Value& from, Scope& scope,
                              int spelling, Findings& out) {
  using Kind = Step::Kind;
  const Value* current = &from;
  for (; at < query.steps.size(); ++at) {
    CHECK_OK(spend(1));
    const auto& step = query.steps[at];
    const Value* next = nullptr;
    switch (step.kind) {
      case Kind::itself:
        next = current;
        break;
      case Kind::key:
        if (const auto* map = current->map()) next = spelled_member(*map, step, spelling);
        break;
      case Kind::index: {
        const auto* list = current->list();
        if (list && position(step.index) < list->size()) next = &(*list)[position(step.index)];
        break;
      }
      case Kind::variable:
        return at == 0 ? from_variable(query, scope, out)
                       : interpolate(query, at, *current, scope, spelling, out);
      case Kind::all_items:
      case Kind::all_values: {
        bool members =
            current->map() && (step.kind == Kind::all_values || step.variable != no_name);
        if (members) return each_member(query, at, *current, scope, spelling, out);
        if (current->list()) return each_item(query, at, *current, scope, spelling, out);
        next = current;
        break;
      }
      case Kind::filter:
        return filter(query, at, *current, scope, spelling, out);
      case Kind::keys:
        return keys(query, at, *current, scope, spelling, out);
    }
    if (!next) {
      out.push_back(unresolved(query, at, *current));
      return {};
    }
    current = next;
  }
  out.push_back({.kind = Found::Kind::resolved, .value = current});
  return {};
}

Outcome<> Evaluator::from_variable(const Query& query, Scope& scope, Findings& out) {
  Depth depth(*this);
  auto values = TRY(resolve(query.steps[0].variable, scope));
  bool all = query.steps.size() > 1 && query.steps[1].kind == Step::Kind::all_items;
  std::size_t next = all ? 2 : 1;
  for (const auto& found : *values) {
    CHECK_OK(spend(1));
    if (!found.is_resolved() || next == query.steps.size()) {
      out.push_back(found);
      continue;
    }
    Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = found.value};
    CHECK_OK(retrieve(query, next, *found.value, inner, no_spelling, out));
  }
  return {};
}

// m.%x: the members whose names the variable holds.
Outcome<> Evaluator::interpolate(const Query& query, std::size_t at, const Value& current,
                                 Scope& scope, int spelling, Findings& out) {
  Depth depth(*this);
  const auto* map = current.map();
  auto missing = [&] { out.push_back(unresolved(query, at, current)); };
  if (!map) {
    missing();
    return {};
  }
  auto names = TRY(resolve(query.steps[at].variable, scope));
  std::size_t from = 0, to = names->size();
  if (at + 1 < query.steps.size()) {
    const auto& next = query.steps[at + 1];
    using Kind = Step::Kind;
    bool plain = next.kind == Kind::all_items || next.kind == Kind::key ||
                 next.kind == Kind::variable || next.quoted_index;
    if (!plain && next.kind != Kind::index) {
      return stop(at_,
                  fmt::format("{} cannot stand before a filter, * or this", query.steps[at].name),
                  "give what it selects a name with let");
    }
    if (!plain) {
      from = position(next.index);
      to = from + 1;
      if (from >= names->size()) {
        missing();
        return {};
      }
    }
  }
  auto take = [&](const Value& name) -> Outcome<> {
    if (!name.text()) {
      return stop(at_, fmt::format("{} holds {}, and only texts are names", query.steps[at].name,
                                   aright::guard::name(name.kind())));
    }
    if (const auto* value = map->find(*name.text()))
      return retrieve(query, at + 1, *value, scope, spelling, out);
    missing();
    return {};
  };
  for (; from < to; ++from) {
    const auto& found = (*names)[from];
    if (!found.is_resolved()) {
      missing();
    } else if (const auto* list = found.value->list()) {
      for (const auto& name : *list)
        CHECK_OK(take(name));
    } else {
      CHECK_OK(take(*found.value));
    }
  }
  return {};
}

Outcome<> Evaluator::each_item(const Query& query, std::size_t at, const Value& current,
                               Scope& scope, int spelling, Findings& out) {
  Depth depth(*this);
  if (current.list()->empty()) out.push_back(unresolved(query, at, current));
  for (const auto& item : *current.list())
    CHECK_OK(retrieve(query, at + 1, item, scope, spelling, out));
  return {};
}

Outcome<> Evaluator::each_member(const Query& query, std::size_t at, const Value& current,
                                 Scope& scope, int spelling, Findings& out) {
  Depth depth(*this);
  const auto& members = current.map()->members();
  if (members.empty()) out.push_back(unresolved(query, at, current));
  for (std::size_t position = 0; position < members.size(); ++position) {
    const auto& step = query.steps[at];
    if (step.variable != no_name) capture(step.variable, key_of(current, position));
    const auto& value = members[position].value;
    Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = &value};
    CHECK_OK(retrieve(query, at + 1, value, inner, spelling, out));
  }
  return {};
}

Outcome<bool> Evaluator::passes(const Conjunction& filter, Scope& scope) {
  Recorder::Mute mute(recorder_);
  recorder_.open(Record::Kind::filter);
  auto before = at_;
  auto status = TRY(conjunction(filter, scope));
  at_ = before;
  recorder_.close(status);
  return status == Status::pass;
}

Outcome<> Evaluator::filter(const Query& query, std::size_t at, const Value& current, Scope& scope,
                            int spelling, Findings& out) {
  Depth depth(*this);
  using Kind = Step::Kind;
  if (current.list()) return filter_items(query, at, current, scope, spelling, out);
  const auto& before = query.steps[at - 1];
  const auto& clauses = query.steps[at].filter;
  if (current.map()) {
    if (before.kind == Kind::all_values || before.kind == Kind::all_items) {
      if (TRY(passes(clauses, scope)))
        return retrieve(query, at + 1, current, scope, spelling, out);
      return {};
    }
    if (before.kind == Kind::key || before.kind == Kind::variable || before.quoted_index) {
      return filter_members(query, at, current, scope, spelling, out);
    }
    return stop(at_, "a filter on a map after this, an index or another filter",
                "write the conditions into one filter");
  }
  if (before.kind != Kind::all_items) {
    out.push_back(unresolved(query, at, current));
    return {};
  }
  Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = &current};
  if (TRY(passes(clauses, inner))) return retrieve(query, at + 1, current, scope, spelling, out);
  return {};
}

Outcome<> Evaluator::filter_items(const Query& query, std::size_t at, const Value& current,
                                  Scope& scope, int spelling, Findings& out) {
  for (const auto& item : *current.list()) {
    Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = &item};
    if (TRY(passes(query.steps[at].filter, inner)))
      CHECK_OK(retrieve(query, at + 1, item, scope, spelling, out));
  }
  return {};
}

Outcome<> Evaluator::filter_members(const Query& query, std::size_t at, const Value& current,
                                    Scope& scope, int spelling, Findings& out) {
  const auto& step = query.steps[at];
  const auto& members = current.map()->members();
  for (std::size_t position = 0; position < members.size(); ++position) {
    const auto& value = members[position].value;
    Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = &value};
    if (!TRY(passes(step.filter, inner))) continue;
    if (step.variable != no_name) capture(step.variable, key_of(current, position));
    CHECK_OK(retrieve(query, at + 1, value, inner, spelling, out));
  }
  return {};
}

Outcome<> Evaluator::keys(const Query& query, std::size_t at, const Value& current, Scope& scope,
                          int spelling, Findings& out) {
  Depth depth(*this);
  const auto* map = current.map();
  if (!map) {
    out.push_back(unresolved(query, at, current));
    return {};
  }
  const auto& step = query.steps[at];
  Findings with;
  if (const auto* asked = std::get_if<Query>(&step.with->what)) {
    CHECK_OK(retrieve(*asked, 0, current, scope, spelling, with));
  } else {
    with = TRY(operand(*step.with, scope));
  }
  auto comparator = step.comparator;
  if (comparator.sign == Operator::equal && with.size() > 1) comparator.sign = Operator::in;
  // `in` asks whether any of several fits; == takes the key once for each that does.
  bool once = comparator.sign == Operator::in;
  for (std::size_t position = 0; position < map->members().size(); ++position) {
    const auto& key = key_of(current, position);
    for (const auto& one : with) {
      CHECK_OK(spend(1));
      if (!TRY(key_passes(key, {one}, comparator))) continue;
      CHECK_OK(retrieve(query, at + 1, map->members()[position].value, scope, spelling, out));
      if (once) break;
    }
  }
  return {};
}

Outcome<bool> Evaluator::key_passes(const Value& key, const Findings& with, Comparator comparator) {
  const auto& found = with.front();
  if (!found.is_resolved()) return false;
  auto judged = [&](const Value& right) {
    if (comparator.sign == Operator::equal) return equals(key, right);
    if (right.text())
      return right.text()->find(*key.text()) != std::string::npos ? Answer::yes : Answer::no;
    const auto* list = right.list();
    if (!list) return equals(key, right);
    auto any = Answer::no;
    for (const auto& one : *list) {
      auto own = equals(key, one);
      if (own == Answer::incomparable || own == Answer::overrun) return own;
      if (own == Answer::yes) any = own;
    }
    return any;
  };
  auto answer = judged(*found.value);
  const auto* list = found.value->list();
  if (answer == Answer::incomparable && found.kind == Found::Kind::literal && list &&
      list->size() == 1) {
    answer = judged(list->front());
  }
  if (answer == Answer::overrun)
    return stop(at_, "a regular expression backtracks without end", "make it simpler");
  if (answer == Answer::incomparable) return false;
  return (answer == Answer::yes) != comparator.negated;
}

const Value& Evaluator::key_of(const Value& map, std::size_t position) {
  const auto& member = map.map()->members()[position];
  auto& key = made_.emplace_back();
  key.data = member.key;
  key.place = member.place;
  key.parent = &map;
  key.position = static_cast<std::uint32_t>(position);
  return key;
}

}  // namespace aright::guard
