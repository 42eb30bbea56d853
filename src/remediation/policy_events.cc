#include "remediation/policy_events.h"

#include <algorithm>
#include <set>

namespace aright::remediation {

namespace {

void read_targets(Reader& in, EventRule& rule) {
  const auto& said = json::items(in.take("targets"));
  if (said.empty()) in.fault("targets", "a rule without targets does nothing");
  if (said.size() > bus::rule_targets_max)
    in.fault("targets", fmt::format("a rule has at most {} targets", bus::rule_targets_max));
  for (const auto& one : said) {
    auto target = bus::read_target(one);
    if (!target) {
      in.fault("targets", target.error().message);
    } else if (std::ranges::find(rule.targets, target->id, &bus::Target::id) != rule.targets.end()) {
      in.fault("targets", fmt::format("there are two targets '{}'", target->id));
    } else {
      rule.targets.push_back(std::move(*target));
    }
  }
}

void read_schedule(Reader& in, EventRule& rule) {
  rule.expression = in.text("schedule");
  rule.missed = in.word("missed", {"once", "skip"}, "once") == "skip" ? Missed::skip : Missed::once;
  if (rule.expression.empty()) {
    if (!in.text("timezone").empty()) in.fault("timezone", "it is of a schedule");
    return;
  }
  if (rule.bus != bus::default_bus) in.fault("schedule", "schedules are on the default bus only");
  auto zone = in.text("timezone");
  auto schedule = bus::Schedule::parse(rule.expression, zone);
  if (!zone.empty()) rule.expression += " in " + zone;
  if (schedule)
    rule.schedule = *schedule;
  else
    in.fault("schedule", schedule.error().message);
}

}  // namespace

EventRule read_event_rule(Reader& in) {
  EventRule rule;
  rule.name = in.required_text("name");
  rule.arn = bus::rule_arn(rule.name);
  rule.bus = in.text("bus", bus::default_bus);
  rule.pattern = in.take("pattern");
  rule.enabled = in.truth("enabled", true);
  read_schedule(in, rule);
  auto compiled = pattern::Pattern::compile(rule.pattern);
  if (compiled)
    rule.compiled = std::make_shared<const pattern::Pattern>(std::move(*compiled));
  else if (!rule.pattern.is_null() || rule.expression.empty())
    in.fault("pattern", compiled.error().message);
  read_targets(in, rule);
  return rule;
}

Archive read_archive(Reader& in) {
  Archive out{.name = in.required_text("name"), .bus = in.text("bus", bus::default_bus)};
  out.retention = std::chrono::days(in.integer("retention_days", 0, 0, 36'500));
  const auto& pattern = in.take("pattern");
  if (pattern.is_null()) return out;
  auto compiled = pattern::Pattern::compile(pattern);
  if (compiled)
    out.compiled = std::make_shared<const pattern::Pattern>(std::move(*compiled));
  else
    in.fault("pattern", compiled.error().message);
  return out;
}

void check_names(const Policy& policy, Reader& in) {
  std::set<std::string_view> names;
  for (const auto& rule : policy.event_rules)
    if (!names.insert(rule.name).second) in.fault("rules", fmt::format("there are two event rules '{}'", rule.name));
}

// A target that names something of the policy names something that is there.
void check_targets(const Policy& policy, Reader& in) {
  for (const auto& rule : policy.event_rules)
    for (const auto& target : rule.targets) {
      const auto* channel = policy.channel_named(target.name);
      auto tell = [&](std::string_view what) {
        in.fault("rules", fmt::format("event rule '{}': {} '{}'", rule.name, what, target.name));
      };
      bool has_address = channel && !channel->webhook_url.empty();
      if (target.kind == bus::Target::Kind::webhook && !has_address)
        tell("there is no webhook channel");
      if (target.kind == bus::Target::Kind::bus &&
          std::ranges::find(policy.event_rules, target.name, &EventRule::bus) == policy.event_rules.end())
        tell("no rule is on the bus");
    }
}

}  // namespace aright::remediation
