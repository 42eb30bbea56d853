#include "guard/evaluator.h"

#include <fmt/format.h>

#include <algorithm>

namespace aright::guard {

Evaluator::Evaluator(const Program& program, const Value& root, Limits limits)
    : program_(program),
      root_(root),
      limits_(limits),
      recorder_(limits.everything),
      file_{.kind = Scope::Kind::file, .root = &root, .block = &program.globals} {}

Outcome<> Evaluator::spend(std::uint64_t steps) {
  steps_ += steps;
  if (steps_ > limits_.steps_max) {
    return stop(at_, fmt::format("judging this takes more than {} steps", limits_.steps_max),
                "a query that selects everything stands inside of a block over everything");
  }
  if (depth_ > evaluation_depth_max) {
    return stop(at_,
                fmt::format("clauses lead to one another deeper than {}", evaluation_depth_max));
  }
  return {};
}

namespace {

Status overall(std::size_t fails, std::size_t passes) {
  return fails > 0 ? Status::fail : passes > 0 ? Status::pass : Status::skip;
}

}  // namespace

Outcome<std::vector<Status>> Evaluator::run() {
  recorder_.open(Record::Kind::file);
  std::vector<Status> out;
  for (const auto& one : program_.rules)
    out.push_back(TRY(rule(one, file_)));
  auto fails = std::ranges::count(out, Status::fail),
       passes = std::ranges::count(out, Status::pass);
  recorder_.close(overall(static_cast<std::size_t>(fails), static_cast<std::size_t>(passes)));
  return out;
}

Evaluator::Outcomes Evaluator::rule(const Rule& rule, Scope& scope, const RuleCall* call) {
  recorder_.open(Record::Kind::rule, &rule);
  if (call)
    recorder_.name_message(call->rule.name, call->rule.message ? &*call->rule.message : nullptr);
  auto status = Status::pass;
  if (rule.conditions) status = TRY(conditions(Record::Kind::rule_when, *rule.conditions, scope));
  status = status == Status::pass ? TRY(block(rule.block, scope)) : Status::skip;
  recorder_.close(status);
  return status;
}

Evaluator::Outcomes Evaluator::conditions(Record::Kind kind, const Conjunction& rows,
                                          Scope& scope) {
  Recorder::Mute mute(recorder_);
  recorder_.open(kind);
  auto status = TRY(conjunction(rows, scope));
  recorder_.close(status);
  return status;
}

// After a row that failed the others are still judged.
Evaluator::Outcomes Evaluator::conjunction(const Conjunction& rows, Scope& scope) {
  std::size_t fails = 0, passes = 0;
  for (const auto& row : rows) {
    auto status = TRY(row.size() == 1 ? clause(row.front(), scope) : either(row, scope));
    fails += status == Status::fail ? 1 : 0;
    passes += status == Status::pass ? 1 : 0;
  }
  return overall(fails, passes);
}

// The first that passes ends the row.
Evaluator::Outcomes Evaluator::either(const std::vector<Clause>& row, Scope& scope) {
  recorder_.open(Record::Kind::either);
  auto status = Status::skip;
  for (const auto& one : row) {
    auto own = TRY(clause(one, scope));
    if (own == Status::skip) continue;
    status = own;
    if (own == Status::pass) break;
  }
  recorder_.close(status);
  return status;
}

Evaluator::Outcomes Evaluator::block(const Block& block, Scope& scope) {
  Scope inner{.kind = Scope::Kind::block, .parent = &scope, .root = &scope.here(), .block = &block};
  return conjunction(block.clauses, inner);
}

Evaluator::Outcomes Evaluator::clause(const Clause& clause, Scope& scope) {
  Depth depth(*this);
  CHECK_OK(spend(1));
  return std::visit([&](const auto& what) { return run_clause(what, scope); }, clause.what);
}

Evaluator::Outcomes Evaluator::run_clause(const Comparison& comparison, Scope& scope) {
  recorder_.open(Record::Kind::clause, &comparison);
  at_ = comparison.place;
  Findings right;
  if (comparison.with) right = TRY(operand(*comparison.with, scope));
  auto left = TRY(query(comparison.query, scope));
  at_ = comparison.place;
  auto status = TRY(is_unary(comparison.comparator.sign) ? unary(comparison, left)
                                                         : binary(comparison, left, right));
  recorder_.close(status);
  return status;
}

// Of the rules with that name the first that is not skipped counts.
Outcome<Status> Evaluator::status_of(const Reference& reference, Scope&) {
  auto known = statuses_.find(reference.name);
  if (known != statuses_.end()) return known->second;
  if (reference.rules.empty()) {
    return stop(reference.place, fmt::format("there is no rule {}", reference.name),
                "a rule with parameters is called: name(…)");
  }
  if (std::ranges::find(referring_, reference.name) != referring_.end()) {
    return stop(reference.place, fmt::format("rule {} depends on itself", reference.name),
                "break the circle");
  }
  referring_.push_back(reference.name);
  auto status = Status::skip;
  for (auto one : reference.rules) {
    status = TRY(rule(program_.rules[one], file_));
    if (status != Status::skip) break;
  }
  referring_.pop_back();
  statuses_.emplace(reference.name, status);
  return status;
}

Evaluator::Outcomes Evaluator::run_clause(const Reference& reference, Scope& scope) {
  at_ = reference.place;
  auto of_rule = Status::skip;
  {
    Recorder::Mute mute(recorder_);
    of_rule = TRY(status_of(reference, scope));
  }
  bool passes = (of_rule == Status::pass) != reference.negated;
  recorder_.leaf(&reference, {.kind = passes ? Check::Kind::passed : Check::Kind::reference});
  return passes ? Status::pass : Status::fail;
}

// not before a call changes nothing.
Evaluator::Outcomes Evaluator::run_clause(const RuleCall& call, Scope& scope) {
  at_ = call.rule.place;
  if (call.rule.rules.empty()) {
    return stop(call.rule.place,
                fmt::format("there is no rule {} with parameters", call.rule.name));
  }
  const auto& called = program_.parameterized[call.rule.rules.front()];
  if (called.parameters.size() != call.arguments.size()) {
    return stop(call.rule.place,
                fmt::format("rule {} has {} parameters, and is called with {}", called.name,
                            called.parameters.size(), call.arguments.size()));
  }
  Scope inner{.kind = Scope::Kind::call, .parent = &scope};
  for (std::size_t at = 0; at < call.arguments.size(); ++at) {
    auto values = TRY(operand(call.arguments[at], scope));
    if (std::holds_alternative<std::unique_ptr<const Value>>(call.arguments[at].what))
      values.front().kind = Found::Kind::resolved;
    inner.resolved.emplace_back(called.parameters[at],
                                std::make_shared<Findings>(std::move(values)));
  }
  return rule(called, inner, &call);
}

Evaluator::Outcomes Evaluator::run_clause(const Nested& nested, Scope& scope) {
  recorder_.open(Record::Kind::nested, &nested);
  at_ = nested.place;
  auto values = TRY(query(nested.query, scope));
  std::size_t fails = 0, passes = 0;
  for (const auto& found : values) {
    if (!found.is_resolved()) {
      ++fails;
      recorder_.leaf(&nested, {.kind = Check::Kind::missing, .from = found});
      continue;
    }
    Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = found.value};
    auto status = TRY(block(nested.block, inner));
    fails += status == Status::fail ? 1 : 0;
    passes += status == Status::pass ? 1 : 0;
  }
  auto status = values.empty()                    ? (nested.not_empty ? Status::fail : Status::skip)
                : !nested.query.all && passes > 0 ? Status::pass
                                                  : overall(fails, passes);
  recorder_.close(status);
  return status;
}

Evaluator::Outcomes Evaluator::run_clause(const When& when, Scope& scope) {
  recorder_.open(Record::Kind::when);
  auto status = TRY(conditions(Record::Kind::when_conditions, when.conditions, scope));
  status = status == Status::pass ? TRY(block(when.block, scope)) : Status::skip;
  recorder_.close(status);
  return status;
}

// Its when is judged where the block stands, not at each resource.
Evaluator::Outcomes Evaluator::run_clause(const TypeBlock& type, Scope& scope) {
  recorder_.open(Record::Kind::type, &type);
  auto status = Status::pass;
  if (type.conditions) status = TRY(conditions(Record::Kind::type_when, *type.conditions, scope));
  if (status != Status::pass) {
    recorder_.close(Status::skip);
    return Status::skip;
  }
  at_ = type.place;
  auto values = TRY(query(type.query, scope));
  std::size_t fails = 0, passes = 0;
  for (const auto& found : values) {
    if (!found.is_resolved()) {
      return stop(type.place, fmt::format("there are no resources to look for {} in", type.type),
                  "guard the rule with: when Resources.*[ Type == … ] !empty");
    }
    recorder_.open(Record::Kind::type_item, &type);
    Scope inner{.kind = Scope::Kind::value, .parent = &scope, .root = found.value};
    auto own = TRY(block(type.block, inner));
    fails += own == Status::fail ? 1 : 0;
    passes += own == Status::pass ? 1 : 0;
    recorder_.close(own);
  }
  status = overall(fails, passes);
  recorder_.close(status);
  return status;
}

}  // namespace aright::guard
