#include "cloudformation/template.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "json/yaml.h"

namespace aright::cloudformation {

namespace {

constexpr std::string_view function_prefix = "Fn::";

// The function that a form is, when it is one.
std::string function_of(const json::Value& form) {
  const auto* object = form.if_object();
  if (object == nullptr || object->size() != 1) return "";
  std::string name = object->begin()->key();
  return name == "Ref" || name == "Condition" || name.starts_with(function_prefix) ? name : "";
}

// ${Name} and ${Name.Attribute} in a text of Fn::Sub; ${!Literal} is none.
template <typename Found>
Result<std::string> each_variable(std::string_view text, Found found) {
  std::string out;
  while (!text.empty()) {
    auto open = text.find("${");
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    auto close = text.find('}', open);
    if (close == std::string_view::npos)
      return fail(Errc::invalid, "Template error: variable names in Fn::Sub syntax must be closed");
    auto name = std::string(text.substr(open + 2, close - open - 2));
    if (name.starts_with('!'))
      out += "${" + name.substr(1) + "}";
    else
      out += TRY(found(std::string(trim(name))));
    text.remove_prefix(close + 1);
  }
  return out;
}

void collect(const json::Value& form, const json::Object& resources, std::set<std::string>& out) {
  auto note = [&](const std::string& name) {
    auto logical = name.substr(0, name.find('.'));
    if (resources.contains(logical)) out.insert(logical);
  };
  auto function = function_of(form);
  const auto& argument = function.empty() ? form : form.get_object().begin()->value();
  if (function == "Ref") return note(json::text(argument));
  if (function == "Fn::GetAtt")
    return note(argument.is_array() ? json::text(json::items(argument).front())
                                    : json::text(argument));
  if (function == "Fn::Sub") {
    const auto& text = argument.is_array() ? json::items(argument).front() : argument;
    (void)each_variable(json::text(text), [&](const std::string& name) -> Result<std::string> {
      note(name);
      return std::string();
    });
  }
  for (const auto& item : json::items(argument))
    collect(item, resources, out);
  for (const auto& [name, member] : json::members(argument))
    collect(member, resources, out);
}

// Those that are not made, without those that only wait for others: nobody waits for them.
std::vector<std::string> in_circles(std::map<std::string, std::set<std::string>> needs,
                                    const std::vector<std::string>& made) {
  for (const auto& one : made) needs.erase(one);
  auto is_needed = [&](const std::string& name) {
    return std::ranges::any_of(needs, [&](const auto& other) { return other.second.contains(name); });
  };
  while (std::erase_if(needs, [&](const auto& one) { return !is_needed(one.first); }) > 0) {
  }
  std::vector<std::string> out;
  for (const auto& [name, mine] : needs) out.push_back(name);
  return out;
}

}  // namespace

Result<json::Value> parse_template(std::string_view text) {
  if (text.size() > template_bytes_max)
    return fail(Errc::invalid, "Template may not exceed {} bytes in size.", template_bytes_max);
  auto document = json::parse_yaml(text, {.locations = false, .cloudformation_tags = true});
  if (!document) return fail(Errc::invalid, "Template format error: {}", document.error().message);
  if (!document->value.is_object())
    return fail(Errc::invalid, "Template format error: unsupported structure.");
  const auto& resources = json::members(json::at(document->value, "Resources"));
  if (resources.empty())
    return fail(Errc::invalid,
                "Template format error: At least one Resources member must be defined.");
  if (resources.size() > template_resources_max)
    return fail(Errc::invalid, "Template format error: Number of resources is greater than {}",
                template_resources_max);
  for (const auto& [name, resource] : resources)
    if (!json::at(resource, "Type").is_string())
      return fail(Errc::invalid,
                  "Template format error: [/Resources/{}] Every Resources object must contain a "
                  "Type member.",
                  std::string_view(name));
  return std::move(document->value);
}

std::set<std::string> references(const json::Value& form, const json::Object& resources) {
  std::set<std::string> out;
  collect(form, resources, out);
  return out;
}

Result<std::vector<std::string>> creation_order(const json::Object& resources) {
  std::map<std::string, std::set<std::string>> needs;
  for (const auto& [name, resource] : resources) {
    auto& mine = needs[name];
    mine = references(json::at(resource, "Properties"), resources);
    const auto& depends = json::at(resource, "DependsOn");
    for (const auto& other :
         depends.is_string() ? std::vector{json::text(depends)} : json::texts(depends)) {
      if (!resources.contains(other))
        return fail(Errc::invalid,
                    "Template format error: Unresolved resource dependencies [{}] in the Resources "
                    "block of the template",
                    other);
      mine.insert(other);
    }
  }
  std::vector<std::string> out;
  while (out.size() < needs.size()) {
    auto before = out.size();
    for (const auto& [name, mine] : needs) {
      auto done = [&](const std::string& other) {
        return std::ranges::find(out, other) != out.end();
      };
      if (!done(name) && std::ranges::all_of(mine, done)) out.push_back(name);
    }
    if (out.size() == before)
      return fail(Errc::invalid, "Circular dependency between resources: [{}]",
                  fmt::join(in_circles(needs, out), ", "));
  }
  return out;
}

Result<json::Value> TemplateFunctions::value(const json::Value& form) {
  if (++depth_ > function_depth_max)
    return fail(Errc::invalid, "Template error: functions are nested too deeply");
  auto evaluated = [&]() -> Result<json::Value> {
    if (auto name = function_of(form); !name.empty() && name != "Condition")
      return function(name, form.get_object().begin()->value());
    if (const auto* list = form.if_array()) {
      json::Array out;
      for (const auto& item : *list) {
        auto one = TRY(value(item));
        if (!one.is_null()) out.push_back(std::move(one));
      }
      return json::Value(std::move(out));
    }
    if (!form.is_object()) return form;
    json::Object out;
    for (const auto& [name, member] : form.get_object()) {
      auto one = TRY(value(member));
      if (!one.is_null()) out[name] = std::move(one);
    }
    return json::Value(std::move(out));
  }();
  --depth_;
  return evaluated;
}

Result<json::Value> TemplateFunctions::function(std::string_view name,
                                                const json::Value& argument) {
  if (name == "Ref") return ref(json::text(argument));
  if (name == "Fn::GetAtt") return attribute(argument);
  if (name == "Fn::Sub") return substitute(argument);
  if (name == "Fn::FindInMap") return find_in_map(argument);
  if (name == "Fn::ImportValue") {
    auto wanted = TRY(value(argument));
    return stack_.import(json::scalar_text(wanted));
  }
  if (name == "Fn::Base64") {
    auto text = TRY(value(argument));
    return json::Value(to_base64(json::scalar_text(text)));
  }
  if (name == "Fn::ToJsonString") {
    auto whole = TRY(value(argument));
    return json::Value(json::print(whole));
  }
  if (name == "Fn::If" || name == "Fn::Equals" || name == "Fn::Not" || name == "Fn::And" ||
      name == "Fn::Or")
    return logic(name, argument);
  return lists(name, argument);
}

Result<json::Value> TemplateFunctions::logic(std::string_view name, const json::Value& argument) {
  const auto& parts = json::items(argument);
  if (name == "Fn::If") {
    if (parts.size() != 3)
      return fail(Errc::invalid,
                  "Template error: Fn::If requires a list argument of three elements");
    bool yes = TRY(condition(json::text(parts[0])));
    return value(parts[yes ? 1 : 2]);
  }
  bool result = TRY(holds(json::Object{{name, argument}}));
  return json::Value(result);
}

Result<bool> TemplateFunctions::holds(const json::Value& form) {
  auto name = function_of(form);
  if (name == "Condition") return condition(json::text(form.get_object().begin()->value()));
  if (name.empty()) return json::truth(form);
  const auto& argument = form.get_object().begin()->value();
  const auto& parts = json::items(argument);
  if (name == "Fn::Equals") {
    if (parts.size() != 2)
      return fail(Errc::invalid, "Template error: every Fn::Equals object requires a list of two");
    auto left = TRY(value(parts[0]));
    auto right = TRY(value(parts[1]));
    return json::scalar_text(left) == json::scalar_text(right);
  }
  if (name == "Fn::Not" && parts.size() == 1) {
    bool inner = TRY(holds(parts[0]));
    return !inner;
  }
  if (name == "Fn::And" || name == "Fn::Or") {
    bool all = name == "Fn::And";
    for (const auto& part : parts) {
      bool inner = TRY(holds(part));
      if (inner != all) return inner;
    }
    return all;
  }
  return fail(Errc::invalid, "Template error: {} is no condition", name);
}

Result<bool> TemplateFunctions::condition(std::string_view name) {
  const auto& form = json::at(json::at(whole_, "Conditions"), name);
  if (form.is_null())
    return fail(Errc::invalid,
                "Template format error: Unresolved condition dependency {} in the template", name);
  if (++depth_ > function_depth_max)
    return fail(Errc::invalid, "Template error: conditions go in circles");
  auto result = holds(form);
  --depth_;
  return result;
}

Result<std::vector<std::string>> TemplateFunctions::texts(const json::Value& argument) {
  auto list = TRY(value(argument));
  std::vector<std::string> out;
  for (const auto& item : json::items(list))
    out.push_back(json::scalar_text(item));
  return out;
}

Result<json::Value> TemplateFunctions::lists(std::string_view name, const json::Value& argument) {
  const auto& parts = json::items(argument);
  if (name == "Fn::GetAZs") {
    auto region = TRY(value(argument));
    auto text = json::scalar_text(region);
    if (text.empty()) text = json::text(values_.at("AWS::Region"));
    return json::Value(json::Array{text + "a", text + "b", text + "c"});
  }
  if (name == "Fn::Length") {
    auto list = TRY(value(argument));
    return json::Value(json::items(list).size());
  }
  if (parts.size() != 2)
    return fail(Errc::invalid, "Template error: {} takes a list of two, or is not known", name);
  if (name == "Fn::Join") {
    auto items = TRY(texts(parts[1]));
    return json::Value(fmt::to_string(fmt::join(items, json::text(parts[0]))));
  }
  if (name == "Fn::Split") {
    auto text = TRY(value(parts[1]));
    json::Array out;
    auto rest = json::scalar_text(text), mark = json::text(parts[0]);
    for (auto at = rest.find(mark); !mark.empty() && at != std::string::npos;
         at = rest.find(mark)) {
      out.emplace_back(rest.substr(0, at));
      rest.erase(0, at + mark.size());
    }
    out.emplace_back(rest);
    return json::Value(std::move(out));
  }
  if (name == "Fn::Select") {
    auto which = TRY(value(parts[0]));
    auto list = TRY(value(parts[1]));
    auto index = json::integer(which, -1);
    if (index < 0 || static_cast<std::size_t>(index) >= json::items(list).size())
      return fail(Errc::invalid,
                  "Template error: Fn::Select cannot select nonexistent value at index {}", index);
    return json::items(list)[static_cast<std::size_t>(index)];
  }
  return fail(Errc::invalid, "Template error: {} is not supported", name);
}

Result<json::Value> TemplateFunctions::ref(const std::string& name) {
  if (name == "AWS::NoValue") return json::Value();
  if (auto known = values_.find(name); known != values_.end()) return known->second;
  return stack_.ref(name);
}

Result<json::Value> TemplateFunctions::attribute(const json::Value& argument) {
  if (argument.is_string()) {
    auto text = json::text(argument);
    auto dot = text.find('.');
    return stack_.attribute(text.substr(0, dot),
                            dot == std::string::npos ? "" : text.substr(dot + 1));
  }
  auto parts = TRY(texts(argument));
  if (parts.size() != 2)
    return fail(Errc::invalid, "Template error: every Fn::GetAtt object requires two parameters");
  return stack_.attribute(parts[0], parts[1]);
}

Result<json::Value> TemplateFunctions::substitute(const json::Value& argument) {
  const auto& text = argument.is_array() && !json::items(argument).empty()
                         ? json::items(argument).front()
                         : argument;
  const auto& own = argument.is_array() && json::items(argument).size() > 1
                        ? json::items(argument)[1]
                        : json::Value(nullptr);
  auto filled =
      each_variable(json::text(text), [&](const std::string& name) -> Result<std::string> {
        json::Value found;
        if (const auto& given = json::at(own, name); !given.is_null())
          found = TRY(value(given));
        else if (name.find('.') != std::string::npos)
          found = TRY(attribute(json::Value(name)));
        else
          found = TRY(ref(name));
        return json::scalar_text(found);
      });
  if (!filled) return fail(filled.error());
  return json::Value(*filled);
}

Result<json::Value> TemplateFunctions::find_in_map(const json::Value& argument) {
  auto keys = TRY(texts(argument));
  if (keys.size() != 3)
    return fail(Errc::invalid,
                "Template error: every Fn::FindInMap object requires three parameters");
  const auto& found = json::at(json::at(whole_, "Mappings"), {keys[0], keys[1], keys[2]});
  if (found.is_null())
    return fail(Errc::invalid, "Template error: Unable to get mapping for {}::{}::{}", keys[0],
                keys[1], keys[2]);
  return found;
}

}  // namespace aright::cloudformation
