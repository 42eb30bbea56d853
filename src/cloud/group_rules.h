#pragma once
// Rules of security groups, in the three forms that EC2 has for them: a permission with one source, as
// DescribeSecurityGroupRules shows it with its id, and as ModifySecurityGroupRules asks for it. Pure.

#include <string>

#include "json/value.h"

namespace aright::cloud {

// tcp for "tcp", "TCP" and "6"; "-1" for all.
std::string protocol_name(const json::Value& given);
// Whether this is what is shown of the rule.
bool is_rule_shown_as(const json::Value& rule, const json::Value& shown, bool egress);
// The rule that a SecurityGroupRuleRequest asks for.
json::Object requested_rule(const json::Value& request);

// For descriptions (computed.h). The input holds what DescribeSecurityGroupRules shows at `Rules`.
json::Value without_ingress_by_id(const json::Object& input, const json::Value& before);
json::Value without_egress_by_id(const json::Object& input, const json::Value& before);
json::Value with_modified_ingress(const json::Object& input, const json::Value& before);
json::Value with_modified_egress(const json::Object& input, const json::Value& before);

}  // namespace aright::cloud
