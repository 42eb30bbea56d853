#include "remediation/first_look.h"

#include <algorithm>
#include <tuple>

#include "remediation/engine.h"

namespace aright::remediation {

namespace {

constexpr std::size_t timers_looked_at = 10'000;  // that are due at one time

bool has_a_look(const rules::Control& control) {
  const auto* rule = rules::Controls::rule_of(control);
  return rule && !control.on_signal_only && !(rule->by_function && rule->by_function->scheduled);
}

bool holds_alike(const Policy& policy, const EnabledControl& one) {
  auto there = std::ranges::find(policy.controls, one.id, &EnabledControl::id);
  return there != policy.controls.end() && there->parameters == one.parameters && there->scope == one.scope &&
         there->everywhere == one.everywhere;
}

auto what_judges(const rules::ConfigRule& rule) {
  return std::tie(rule.owner, rule.identifier, rule.policy_text, rule.scope, rule.parameters);
}

bool holds_rule(const Policy& policy, const HeldRule& one) {
  return std::ranges::any_of(policy.held_rules, [&](const HeldRule& there) {
    return there.name == one.name && there.pack == one.pack && what_judges(there.rule) == what_judges(one.rule);
  });
}

// Those of one type that hold now, by id.
std::vector<std::string> judges_of_type(const Engine& engine, std::string_view type) {
  std::vector<std::string> out;
  for (const auto& one : engine.policy().controls) {
    const auto* control = engine.controls().find(one.id);
    if (control && control->resource_type == type && has_a_look(*control)) out.push_back(one.id);
  }
  return out;
}

}  // namespace

std::set<std::string> types_to_look_at(const Policy& before, const Policy& after) {
  std::set<std::string> out;
  auto add = [&](const std::string& id) {
    const auto* control = after.known->find(id);
    if (control && has_a_look(*control)) out.insert(control->resource_type);
  };
  for (const auto& one : after.controls)
    if (!holds_alike(before, one)) add(one.id);
  for (const auto& rule : after.held_rules)
    if (!holds_rule(before, rule))
      for (const auto& id : rule.controls) add(id);
  return out;
}

Result<> plan_first_looks(store::Transaction& tx, const std::set<std::string>& types, Timestamp now) {
  for (const auto& type : types) {
    auto stream = std::string(first_look_prefix) + type;
    CHECK_OK(ledger::timers::set(tx, {.id = fmt::format("{}@{}", stream, now.ms), .stream = stream, .due = now}));
  }
  return {};
}

// A rule that comes while the turn looks has a timer of its own, and another turn.
Result<> look_first(Engine& engine, const std::string& stream, const Context& context) {
  std::vector<std::string> asked;
  CHECK_OK(engine.ledger().database().read([&](store::Transaction& tx) -> Result<> {
    asked.clear();
    for (const auto& timer : TRY(ledger::timers::due(tx, engine.clock().now(), timers_looked_at)))
      if (timer.stream == stream) asked.push_back(timer.id);
    return {};
  }));
  const auto judges = judges_of_type(engine, std::string_view(stream).substr(first_look_prefix.size()));
  if (!judges.empty()) {
    auto looked = engine.scan(judges, context);
    CHECK_OK(context.check());  // cut off by a restart: then it looks again
    if (!looked && looked.error().code == Errc::conflict) return fail(looked.error());
  }
  return engine.ledger().transact([&](store::Transaction& tx) -> Result<> {
    for (const auto& id : asked) CHECK_OK(ledger::timers::cancel(tx, id));
    return {};
  });
}

}  // namespace aright::remediation
