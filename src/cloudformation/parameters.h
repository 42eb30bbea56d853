#pragma once
// What a template is given: the values of the parameters that it declares, and the pseudo parameters. Pure. Errors are
// invalid, with the text that CloudFormation would give a person.

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::cloudformation {

// Checks a text against the declaration (AllowedValues, AllowedPattern, lengths and bounds); a list for the types that
// are lists.
Result<json::Value> parameter_value(const std::string& name, const json::Value& declared, const std::string& text);

using Values = std::map<std::string, json::Value>;  // by parameter, as TemplateFunctions takes them

// Of all declared parameters: what is given, else the default. Fails for names that the template does not declare.
struct Given {
  Values values;
  std::vector<std::string> missing;  // declared, without a default, and not given
};
Result<Given> parameter_values(const json::Value& whole, const std::map<std::string, std::string>& given);

struct Place {
  std::string account, region, partition = "aws", stack_name;
};
// AWS::AccountId, AWS::Region …, but for AWS::StackId and AWS::NoValue.
Values pseudo_parameters(const Place& place);

}  // namespace aright::cloudformation
