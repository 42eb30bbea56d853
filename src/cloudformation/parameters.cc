#include "cloudformation/parameters.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "model/constraints.h"

namespace aright::cloudformation {

namespace {

std::optional<double> number_in(const json::Value& value) {
  auto text = json::scalar_text(value);
  double number = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool whole = wrong == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(number) : std::nullopt;
}

// "" when the number keeps to the bounds.
std::string fault_of_number(const json::Value& declared, const std::string& text) {
  auto number = number_in(json::Value(text));
  if (!number) return "must be a number";
  const auto &least = json::at(declared, "MinValue"), &most = json::at(declared, "MaxValue");
  if (auto bound = number_in(least); bound && *number < *bound)
    return "must be a number not less than " + json::scalar_text(least);
  if (auto bound = number_in(most); bound && *number > *bound)
    return "must be a number not greater than " + json::scalar_text(most);
  return "";
}

// What is wrong with a text, as CloudFormation says it of a parameter; "" when nothing is.
std::string fault_of(const json::Value& declared, const std::string& text) {
  auto type = json::text(declared, "Type", "String");
  if (type == "Number")
    if (auto fault = fault_of_number(declared, text); !fault.empty()) return fault;
  if (type == "List<Number>")
    for (const auto& item : split(text, ','))
      if (!number_in(json::Value(trim(item)))) return "must be a list of numbers";
  const auto& allowed = json::items(json::at(declared, "AllowedValues"));
  auto is_text = [&](const json::Value& one) { return json::scalar_text(one) == text; };
  if (!allowed.empty() && std::ranges::none_of(allowed, is_text)) return "must be one of AllowedValues";
  auto length = static_cast<double>(text.size());
  if (auto least = number_in(json::at(declared, "MinLength")); least && length < *least)
    return fmt::format("must contain at least {:.0f} characters", *least);
  if (auto most = number_in(json::at(declared, "MaxLength")); most && length > *most)
    return fmt::format("must contain at most {:.0f} characters", *most);
  auto pattern = json::text(declared, "AllowedPattern", "");
  if (!pattern.empty() && !model::is_matched(pattern, text)) return "must match pattern " + pattern;
  return "";
}

}  // namespace

Result<json::Value> parameter_value(const std::string& name, const json::Value& declared, const std::string& text) {
  if (auto fault = fault_of(declared, text); !fault.empty()) {
    auto why = json::text(declared, "ConstraintDescription", "");
    if (!why.empty()) return fail(Errc::invalid, "Parameter {} failed to satisfy constraint: {}", name, why);
    return fail(Errc::invalid, "Parameter '{}' {}", name, fault);
  }
  auto type = json::text(declared, "Type", "String");
  if (type != "CommaDelimitedList" && !type.starts_with("List<")) return json::Value(text);
  json::Array list;
  for (const auto& item : split(text, ',')) list.emplace_back(trim(item));
  return json::Value(std::move(list));
}

Result<Given> parameter_values(const json::Value& whole, const std::map<std::string, std::string>& given) {
  const auto& declared = json::members(json::at(whole, "Parameters"));
  for (const auto& [name, text] : given)
    if (!declared.contains(name))
      return fail(Errc::invalid, "Parameters: [{}] do not exist in the template", name);
  Given out;
  for (const auto& [key, about] : declared) {
    std::string name(key);
    auto said = given.find(name);
    const auto& otherwise = json::at(about, "Default");
    if (said == given.end() && otherwise.is_null()) {
      out.missing.push_back(std::move(name));
      continue;
    }
    out.values[name] = TRY(parameter_value(name, about, said != given.end() ? said->second
                                                                            : json::scalar_text(otherwise)));
  }
  return out;
}

Values pseudo_parameters(const Place& place) {
  return {{"AWS::AccountId", json::Value(place.account)},
          {"AWS::NotificationARNs", json::Array()},
          {"AWS::Partition", json::Value(place.partition)},
          {"AWS::Region", json::Value(place.region)},
          {"AWS::StackName", json::Value(place.stack_name)},
          {"AWS::URLSuffix", json::Value(place.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com")}};
}

}  // namespace aright::cloudformation
