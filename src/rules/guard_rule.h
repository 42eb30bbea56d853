#pragma once
// Rules that are written in CloudFormation Guard: catalog/controls/<id>/rule.guard. They see the resource as a template
// would hold it, and beside it what a template has not:
//
//   {"Resources": {"<id>": {"Type": …, "Id": …, "Properties": {…, "Facts": {…}}}},
//    "Related": {"<type> <id>": {"Type": …, "Id": …, "Properties": {…}}},  what the control names under `related`
//    "Account": {…, "Facts": {…}},                               when it names account_aspects
//    "CONFIG_RULE_PARAMETERS": {…}}
//
// FAIL is NON_COMPLIANT, PASS is COMPLIANT, SKIP is NOT_APPLICABLE; what cannot be judged is INSUFFICIENT_DATA.

#include <memory>
#include <string>

#include "rules/rule.h"

namespace aright::rules {

inline constexpr std::uint64_t guard_steps_max = 5'000'000;  // of one evaluation: rules of the catalog need thousands

// A Guard rule's text, read when it is first needed. Thread-safe.
class GuardText;
std::shared_ptr<GuardText> guard_text(std::string name, std::string text);
// What is wrong with it; empty when nothing is.
std::string fault_of(GuardText& text);

// The document that a rule sees.
using View = std::function<json::Object(const Subject&, const json::Object& parameters)>;
json::Object template_view(const Subject& subject, const json::Object& parameters);  // the one above

// `rule` without a judge gets one.
Rule with_guard(Rule rule, std::shared_ptr<GuardText> text, View view = template_view);

}  // namespace aright::rules
