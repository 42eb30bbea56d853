#pragma once
// CloudFormation templates: JSON or YAML with short forms, parameters, conditions and intrinsic
// functions. Pure but for what the stack is asked. Errors are invalid, with the text that
// CloudFormation would give a person.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::cloudformation {

inline constexpr std::size_t template_bytes_max = 1u << 20;  // as CloudFormation takes from S3
inline constexpr std::size_t template_resources_max = 500;
inline constexpr int function_depth_max = 40;

Result<json::Value> parse_template(std::string_view text);
// What is asked of a template that can be parsed before anything is made: no sections and members but those that there
// are, and whatever is named is there.
Result<> check_template(const json::Value& whole);

// Logical names of the resources that a form refers to.
std::set<std::string> references(const json::Value& form, const json::Object& resources);
// Logical names so that each stands after those it needs. Fails for circles.
Result<std::vector<std::string>> creation_order(const json::Object& resources);

class TemplateFunctions {
 public:
  // What only the stack knows.
  struct Stack {
    std::function<Result<json::Value>(const std::string& logical)> ref;
    std::function<Result<json::Value>(const std::string& logical, const std::string& name)>
        attribute;
    std::function<Result<json::Value>(const std::string& export_name)> import;
  };
  // `values` are parameters and pseudo parameters. Both must outlive this.
  TemplateFunctions(const json::Value& whole, const std::map<std::string, json::Value>& values,
                    Stack stack)
      : whole_(whole), values_(values), stack_(std::move(stack)) {}

  // Null stands for AWS::NoValue: members and items of it go.
  Result<json::Value> value(const json::Value& form);
  Result<bool> condition(std::string_view name);

 private:
  Result<json::Value> function(std::string_view name, const json::Value& argument);
  Result<json::Value> logic(std::string_view name, const json::Value& argument);
  Result<json::Value> lists(std::string_view name, const json::Value& argument);
  Result<json::Value> ref(const std::string& name);
  Result<json::Value> attribute(const json::Value& argument);
  Result<json::Value> substitute(const json::Value& argument);
  Result<json::Value> find_in_map(const json::Value& argument);
  Result<bool> holds(const json::Value& form);
  Result<std::vector<std::string>> texts(const json::Value& argument);

  const json::Value& whole_;
  const std::map<std::string, json::Value>& values_;
  Stack stack_;
  int depth_ = 0;
};

}  // namespace aright::cloudformation
