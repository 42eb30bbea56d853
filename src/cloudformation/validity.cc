// What CloudFormation asks of a template before it makes anything: sections and their members, and that what is named
// is there. check_template of template.h.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "cloudformation/template.h"

namespace aright::cloudformation {

namespace {

constexpr std::string_view version = "2010-09-09";
constexpr std::size_t description_bytes_max = 1024;

constexpr std::array sections{"AWSTemplateFormatVersion", "Conditions", "Description", "Hooks",      "Mappings",
                              "Metadata",                 "Outputs",    "Parameters",  "Resources",  "Rules",
                              "Transform"};
constexpr std::array parameter_members{"AllowedPattern", "AllowedValues", "ConstraintDescription", "Default",
                                       "Description", "MaxLength", "MaxValue", "MinLength", "MinValue", "NoEcho",
                                       "Type"};
constexpr std::array resource_members{"Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata",
                                      "Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy"};
constexpr std::array pseudo{"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
                            "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"};
constexpr std::array functions{"And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals",
                               "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length", "Not", "Or",
                               "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf",
                               "ValueOfAll"};

template <std::size_t count>
bool is_among(const std::array<const char*, count>& all, std::string_view one) {
  return std::ranges::any_of(all, [&](const char* each) { return one == each; });
}

template <std::size_t count>
std::vector<std::string> beyond(const std::array<const char*, count>& known, const json::Value& object) {
  std::vector<std::string> out;
  for (const auto& [name, value] : json::members(object))
    if (!is_among(known, name)) out.emplace_back(name);
  return out;
}

bool is_alphanumeric(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0; });
}

Result<> check_sections(const json::Value& whole) {
  if (auto strange = beyond(sections, whole); !strange.empty())
    return fail(Errc::invalid, "Invalid template property or properties [{}]", fmt::join(strange, ", "));
  const auto& said = json::at(whole, "AWSTemplateFormatVersion");
  if (!said.is_null() && json::scalar_text(said) != version)
    return fail(Errc::invalid, "Template format error: {} is not a supported value for AWSTemplateFormatVersion.",
                json::scalar_text(said));
  const auto& about = json::at(whole, "Description");
  if (!about.is_null() && !about.is_string())
    return fail(Errc::invalid, "Template format error: Every Description member must be a string.");
  if (json::text(about).size() > description_bytes_max)
    return fail(Errc::invalid, "Template format error: 'Description' length is greater than {}.",
                description_bytes_max);
  for (const char* section : {"Conditions", "Mappings", "Outputs", "Parameters"})
    if (const auto& one = json::at(whole, section); !one.is_null() && !one.is_object())
      return fail(Errc::invalid, "Template format error: {} must be an object.", section);
  return {};
}

bool is_parameter_type(std::string_view type) {
  if (is_among(std::array{"CommaDelimitedList", "List<Number>", "Number", "String"}, type)) return true;
  return type.starts_with("AWS::") || type.starts_with("List<AWS::");
}

Result<> check_parameters(const json::Value& whole) {
  for (const auto& [name, about] : json::members(json::at(whole, "Parameters"))) {
    if (!is_alphanumeric(name))
      return fail(Errc::invalid, "Template format error: Parameter name {} is non alphanumeric.", std::string(name));
    if (!json::at(about, "Type").is_string())
      return fail(Errc::invalid, "Template format error: Every Parameters object must contain a Type member.");
    if (auto strange = beyond(parameter_members, about); !strange.empty())
      return fail(Errc::invalid, "Invalid template parameter property '{}'", strange.front());
    if (auto type = json::text(about, "Type", ""); !is_parameter_type(type))
      return fail(Errc::invalid, "Template format error: Unrecognized parameter type: {}", type);
  }
  return {};
}

Result<> check_resource_members(const json::Value& whole) {
  for (const auto& [name, resource] : json::members(json::at(whole, "Resources"))) {
    if (!is_alphanumeric(name))
      return fail(Errc::invalid, "Template format error: Resource name {} is non alphanumeric.", std::string(name));
    if (auto strange = beyond(resource_members, resource); !strange.empty())
      return fail(Errc::invalid, "Invalid template resource property '{}'", strange.front());
  }
  for (const auto& [name, output] : json::members(json::at(whole, "Outputs")))
    if (!output.is_object() || json::at(output, "Value").is_null())
      return fail(Errc::invalid, "Template format error: Every Outputs member must contain a Value object");
  return {};
}

// What one block of a template names.
class Names {
 public:
  Names(const json::Value& whole, std::string_view block) : whole_(whole), block_(block) {}

  Result<> look(const json::Value& form) {
    for (const auto& item : json::items(form)) CHECK_OK(look(item));
    const auto* object = form.if_object();
    if (object == nullptr) return {};
    bool alone = object->size() == 1;
    for (const auto& [name, member] : *object)
      if (alone && (name == "Ref" || std::string_view(name).starts_with("Fn::")))
        CHECK_OK(function(name, member));
      else if (alone && in_conditions() && name == "Condition")
        CHECK_OK(need_condition(json::text(member)));
      else
        CHECK_OK(look(member));
    return {};
  }

  Result<> need_condition(const std::string& name) const {
    if (name.empty() || json::members(json::at(whole_, "Conditions")).contains(name)) return {};
    return fail(Errc::invalid, "Template format error: Unresolved condition dependency {} in the {} block of the "
                               "template", name, block_);
  }

  // All that was named and is not there.
  Result<> end() const {
    if (lacking_.empty()) return {};
    if (in_conditions())
      return fail(Errc::invalid, "Template error: Unresolved dependencies [{}]. Cannot reference resources in the "
                                 "Conditions block of the template", fmt::join(lacking_, ", "));
    return fail(Errc::invalid, "Template format error: Unresolved resource dependencies [{}] in the {} block of the "
                               "template", fmt::join(lacking_, ", "), block_);
  }

 private:
  bool in_conditions() const { return block_ == "Conditions"; }

  bool is_resource(const std::string& name) const {
    return !in_conditions() && json::members(json::at(whole_, "Resources")).contains(name);
  }

  void need(const std::string& name) {
    bool there = is_among(pseudo, name) || json::members(json::at(whole_, "Parameters")).contains(name) ||
                 is_resource(name);
    if (!there) lacking_.insert(name);
  }

  Result<> function(std::string_view name, const json::Value& argument) {
    const auto& parts = json::items(argument);
    if (name == "Ref") {
      need(json::text(argument));
      return {};
    }
    auto bare = name.substr(std::string_view("Fn::").size());
    bool loop = bare.starts_with("ForEach::");
    if (!loop && !is_among(functions, bare))
      return fail(Errc::invalid, "Template error: unsupported function: {}", name);
    if (loop) return {};  // its transform unfolds it
    if (bare == "GetAtt") return attribute(argument);
    if (bare == "Sub") return substitute(argument);
    if (bare == "If" && !parts.empty()) {
      auto condition = json::text(parts.front());
      if (!json::members(json::at(whole_, "Conditions")).contains(condition))
        return fail(Errc::invalid, "Template error: unresolved condition dependency {} in the {} block of the template",
                    condition, block_);
    }
    if (bare == "FindInMap" && !parts.empty() && parts.front().is_string() && json::at(whole_, "Transform").is_null())
      if (auto map = json::text(parts.front()); !json::members(json::at(whole_, "Mappings")).contains(map))
        return fail(Errc::invalid, "Template error: Mapping named '{}' is not present in the 'Mappings' section of "
                                   "template.", map);
    return look(argument);
  }

  Result<> attribute(const json::Value& argument) {
    auto text = argument.is_array() && !json::items(argument).empty() ? json::text(json::items(argument).front())
                                                                      : json::text(argument);
    auto logical = text.substr(0, text.find('.'));
    if (is_resource(logical)) return {};
    return fail(Errc::invalid, "Template error: instance of Fn::GetAtt references undefined resource {}", logical);
  }

  Result<> substitute(const json::Value& argument) {
    const auto& parts = json::items(argument);
    auto text = argument.is_array() ? (parts.empty() ? "" : json::text(parts.front())) : json::text(argument);
    const auto own = parts.size() > 1 ? json::members(parts[1]) : json::Object();
    for (const auto& [name, member] : own) CHECK_OK(look(member));
    for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", open + 1)) {
      auto close = text.find('}', open);
      if (close == std::string::npos) break;
      std::string name(trim(text.substr(open + 2, close - open - 2)));
      if (name.starts_with('!') || own.contains(name)) continue;
      need(name.substr(0, name.find('.')));
    }
    return {};
  }

  const json::Value& whole_;
  const std::string_view block_;
  std::set<std::string> lacking_;
};

Result<> check_names(const json::Value& whole) {
  for (const char* block : {"Conditions", "Resources", "Outputs"}) {
    Names names(whole, block);
    for (const auto& [name, part] : json::members(json::at(whole, block))) {
      if (std::string_view(block) != "Conditions") CHECK_OK(names.need_condition(json::text(part, "Condition", "")));
      CHECK_OK(names.look(part));
    }
    CHECK_OK(names.end());
  }
  return {};
}

// The conditions that a condition is made of.
void named_conditions(const json::Value& form, std::set<std::string>& out) {
  for (const auto& item : json::items(form)) named_conditions(item, out);
  for (const auto& [name, member] : json::members(form))
    if (name == "Condition" && member.is_string()) out.insert(json::text(member));
    else named_conditions(member, out);
}

Result<> check_circles_of_conditions(const json::Value& whole) {
  std::map<std::string, std::set<std::string>> needs;
  for (const auto& [name, form] : json::members(json::at(whole, "Conditions"))) named_conditions(form, needs[name]);
  for (std::size_t round = 0; round < needs.size(); ++round)
    for (auto& [name, mine] : needs)
      for (const auto& other : std::set<std::string>(mine)) mine.insert(needs[other].begin(), needs[other].end());
  for (const auto& [name, mine] : needs) {
    if (!mine.contains(name)) continue;
    auto other = std::ranges::find_if(mine, [&](const auto& one) { return one != name && needs[one].contains(name); });
    return fail(Errc::invalid, "Template error: Found circular condition dependency between {} and {}", name,
                other == mine.end() ? name : *other);
  }
  return {};
}

}  // namespace

Result<> check_template(const json::Value& whole) {
  CHECK_OK(check_sections(whole));
  CHECK_OK(check_parameters(whole));
  CHECK_OK(check_resource_members(whole));
  CHECK_OK(check_names(whole));
  CHECK_OK(check_circles_of_conditions(whole));
  auto order = creation_order(json::members(json::at(whole, "Resources")));
  return order ? Result<>() : fail(order.error());
}

}  // namespace aright::cloudformation
