#include "remediation/config_rules.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/catalog.h"

namespace aright::remediation {

namespace {

// Types in the scope of a managed rule say when Config judges; the control says what it is about. Ids and tags narrow.
rules::Scope narrowing(const rules::ConfigRule& rule) {
  auto scope = rule.scope;
  scope.types.clear();
  return scope;
}

// Asked when the rule comes, and then at this pace.
EventRule by_the_clock(const std::string& control, seconds every) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(every).count();
  auto name = std::string(clocked_prefix) + control;
  EventRule out{.name = name,
                .arn = bus::rule_arn(name),
                .expression = hours == 1 ? "rate(1 hour)" : fmt::format("rate({} hours)", hours),
                .targets = {bus::Target{.kind = bus::Target::Kind::control, .id = "judge", .name = control}},
                .at_once = true};
  out.schedule = bus::Schedule::parse(out.expression).value();
  return out;
}

// "" where the function that judges is there; it is named alone, or by its ARN.
std::string missing_function(const rules::ConfigRule& rule, const Policy& policy) {
  constexpr std::size_t name_in_arn = 6;
  if (rule.owner != rules::ConfigRule::Owner::custom_lambda) return "";
  auto parts = split(rule.identifier, ':');
  auto name = rule.identifier.starts_with("arn:") && parts.size() > name_in_arn ? parts[name_in_arn] : rule.identifier;
  if (policy.functions.contains(name)) return "";
  return fmt::format("its function {} is not here: name it in the policy's functions, or put it with CreateFunction, "
                     "for Python or Node.js", name);
}

}  // namespace

cloudformation::Place place_of(const std::vector<Target>& targets) {
  cloudformation::Place place;
  if (targets.size() != 1 || targets[0].organization) return place;
  place.account = targets[0].account;
  if (targets[0].regions.size() == 1) place.region = targets[0].regions[0];
  return place;
}

RuleHolder::RuleHolder(Policy& policy) : policy_(policy) {}

RuleHolder::~RuleHolder() {
  if (!made_.empty()) policy_.known = std::make_shared<const rules::Controls>(policy_.known->with(std::move(made_)));
}

bool RuleHolder::taken(const std::string& id) const {
  return policy_.known->find(id) || std::ranges::find(made_, id, &rules::Control::id) != made_.end();
}

std::string RuleHolder::hold_judge(const rules::ConfigRule& rule, rules::Control judge, const std::string& pack) {
  EnabledControl wanted{.id = judge.id, .parameters = judge.parameters, .scope = narrowing(rule)};
  const auto* base = described().find(judge.id);
  bool of_catalog = base && rule.owner == rules::ConfigRule::Owner::aws;
  auto there = std::ranges::find(policy_.controls, judge.id, &EnabledControl::id);
  if (of_catalog && there == policy_.controls.end()) {
    policy_.controls.push_back(wanted);
    return wanted.id;
  }
  if (of_catalog) {
    auto holds = base->parameters;
    for (const auto& [name, value] : there->parameters) holds[name] = value;
    if (json::equal(holds, wanted.parameters) && there->scope == wanted.scope) {
      there->everywhere = true;
      return wanted.id;
    }
    judge.id = rule.name;
  }
  if (taken(judge.id)) judge.id += "-" + (pack.empty() ? std::string("rule") : pack);
  const auto name = judge.id;
  for (int again = 2; taken(judge.id); ++again) judge.id = fmt::format("{}-{}", name, again);
  wanted.id = judge.id;
  made_.push_back(std::move(judge));
  policy_.controls.push_back(wanted);
  return wanted.id;
}

void RuleHolder::hold(const rules::ConfigRule& rule, const std::string& pack) {
  auto judges = rules::judges_of(rule, described(), cloud::Catalog::embedded());
  if (auto lacking = missing_function(rule, policy_); !lacking.empty()) judges = {.judges = {}, .why_not = lacking};
  HeldRule held{.pack = pack, .name = rule.name, .owner = std::string(rules::name(rule.owner)),
                .identifier = rule.identifier, .controls = {}, .why_not = std::move(judges.why_not), .rule = rule};
  for (auto& judge : judges.judges) {
    auto own_rule = judge.own_rule;
    auto id = hold_judge(rule, std::move(judge), pack);
    if (own_rule && own_rule->by_function && own_rule->by_function->scheduled)
      policy_.clocked.push_back(by_the_clock(id, own_rule->by_function->every));
    held.controls.push_back(std::move(id));
  }
  policy_.held_rules.push_back(std::move(held));
}

void RuleHolder::hold(const rules::ConformancePack& pack, const std::string& name) {
  for (const auto& rule : pack.rules) {
    if (rule.left_out) continue;
    if (rule.fault.empty())
      hold(rule.rule, name);
    else
      policy_.held_rules.push_back({.pack = name, .name = rule.rule.name, .owner = {}, .identifier = {},
                                    .controls = {}, .why_not = rule.fault});
  }
}

}  // namespace aright::remediation
