#include "cloudformation/parameters.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace aright::cloudformation {

namespace {

bool fits(const json::Value& declared, const std::string& text) {
  const auto& allowed = json::items(json::at(declared, "AllowedValues"));
  auto is_text = [&](const json::Value& one) { return json::scalar_text(one) == text; };
  if (!allowed.empty() && std::ranges::none_of(allowed, is_text)) return false;
  auto length = static_cast<std::int64_t>(text.size());
  return length >= json::integer(json::at(declared, "MinLength"), 0) &&
         length <= json::integer(json::at(declared, "MaxLength"), std::numeric_limits<std::int64_t>::max());
}

}  // namespace

Result<json::Value> parameter_value(const std::string& name, const json::Value& declared, const std::string& text) {
  if (!fits(declared, text)) {
    auto why = json::text(declared, "ConstraintDescription", "");
    if (why.empty() && !json::at(declared, "AllowedValues").is_null())
      why = fmt::format("Parameter '{}' must be one of AllowedValues", name);
    if (why.empty()) why = fmt::format("Parameter '{}' is too short or too long", name);
    return fail(Errc::invalid, "{}", why);
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
