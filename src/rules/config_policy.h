#pragma once
// Config's custom policy rules: Guard that sees a configuration item. Pure.
//
//   {"resourceType": …, "resourceId": …, "awsRegion": …, "accountId": …, "ARN": …, "tags": {…},
//    "configurationItemStatus": "OK", "configurationItemCaptureTime": …,
//    "configuration": {…}, "supplementaryConfiguration": {…},
//    "CONFIG_RULE_PARAMETERS": {…}}
//
// Both configurations have what a snapshot has: each property under CloudFormation's name, and again with a small first
// letter, as Config writes most types.

#include "rules/control.h"
#include "rules/guard_rule.h"

namespace aright::rules {

json::Object configuration_item(const cloud::Snapshot& snapshot);
Rule policy_rule(const std::string& resource_type, std::shared_ptr<GuardText> text);

// The identifier of managed rules that nothing is read for: a person attests them, with PutExternalEvaluation. Until
// then they have insufficient data.
inline constexpr std::string_view process_check = "AWS_CONFIG_PROCESS_CHECK";

// Whether a control judges by this identifier of a managed rule, or a person does.
bool is_managed_rule(std::string_view identifier, const Controls& controls);

}  // namespace aright::rules
