// Controls that a function judges: it is asked about one resource, or looks for resources itself.

#include <algorithm>

#include "remediation/detect.h"
#include "remediation/function_rule.h"
#include "rules/judge.h"

namespace aright::remediation {

// A function that fails, or says nothing, has not said that all is well.
Result<rules::Evaluation> Detector::by_function(const rules::Control& control, const json::Object& parameters,
                                                const Resource& resource, const Context& context,
                                                const Sight& sight) const {
  const auto& rule = *rules::Controls::rule_of(control)->by_function;
  if (!aids_.library) return rules::insufficient("No functions are run here.");
  auto reader = gateway_.reader(resource.account, resource.region);
  FunctionRule asked{.rule = rule, .parameters = parameters, .library = *aids_.library,
                     .door = sight.through ? *sight.through : *reader, .catalog = catalog_, .clock = clock_};
  if (gateway_.time_is_virtual())
    asked.pass_time = [&](milliseconds time) { std::ignore = gateway_.pause(time, context); };
  auto about = to_ref(resource);
  if (rule.scheduled) about.id.clear();
  auto said = ask_function(asked, about, context);
  CHECK_OK(context.check());
  if (!said) return rules::insufficient(said.error().message.substr(0, rules::annotation_chars_max));
  auto found = std::ranges::find_if(
      *said, [&](const Said& one) { return one.type == resource.type && one.id == resource.id; });
  if (found != said->end()) return found->evaluation;
  if (rule.scheduled) return rules::not_applicable("The rule's function does not name it.");
  return rules::insufficient("The rule's function said nothing of it.");
}

// Once in each account and region.
Result<> Detector::scan_by_functions(const std::vector<std::string>& only, const Context& context,
                                     Detection& out) const {
  for (const auto& enabled : policy_.controls) {
    const auto* control = controls_.find(enabled.id);
    const auto* rule = control ? rules::Controls::rule_of(*control) : nullptr;
    if (!rule || !is_scheduled(*rule) || !aids_.library) continue;
    // Each has a pace of its own, which scans do not hurry.
    if (std::ranges::find(only, enabled.id) == only.end()) continue;
    for (const auto& target : policy_.targets)
      for (const auto& region : target.regions) {
        if (!policy_.enabled(control->id, target.account)) continue;
        auto parameters = parameters_of(*control, target.account);
        auto reader = gateway_.reader(target.account, region);
        auto said = ask_function({.rule = *rule->by_function, .parameters = parameters, .library = *aids_.library,
                                  .door = *reader, .catalog = catalog_, .clock = clock_},
                                 {target.account, region, std::string(account_type), ""}, context);
        CHECK_OK(context.check());
        if (!said) {
          out.gaps.push_back({control->id, said.error().message});
          continue;
        }
        for (auto& one : *said) {
          cloud::ResourceRef ref{target.account, region, one.type, one.id};
          out.judged.push_back(judged_by(*control, to_resource(ref, catalog_.arn(ref)), std::move(one.evaluation)));
          ++out.evaluated;
        }
      }
  }
  return {};
}

}  // namespace aright::remediation
