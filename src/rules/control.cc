#include "rules/control.h"

#include <cstdlib>

#include "base/embedded.h"
#include "json/yaml.h"
#include "rules/guard_rule.h"

ARIGHT_EMBEDDED(controls)
ARIGHT_EMBEDDED(control_rules)

namespace aright::rules {

namespace {

constexpr std::string_view guard_ending = "/rule.guard";

std::string folder_of(const std::string& file) { return file.substr(0, file.find('/')); }

std::shared_ptr<const Rule> own_rule(const Control& control, const json::Value& document, const std::string& guard) {
  Rule rule{.identifier = control.rule,
            .resource_type = control.resource_type,
            .aspects = json::texts(json::at(document, "aspects")),
            .account_aspects = json::texts(json::at(document, "account_aspects")),
            .related = {},
            .judge = {}};
  return std::make_shared<const Rule>(with_guard(std::move(rule), guard_text(control.id, guard)));
}

Result<Control> read_control(const std::string& file, const std::string& text,
                             const std::map<std::string, std::string>& guards) {
  auto document = json::parse_yaml(text);
  if (!document) return wrap(document.error(), "{}", file);
  const auto& value = document->value;
  Control control{.id = json::text(value, "id", ""),
                  .title = json::text(value, "title", ""),
                  .description = json::text(value, "description", ""),
                  .rule = json::text(value, "rule", ""),
                  .resource_type = json::text(value, "resource_type", ""),
                  .severity = json::text(value, "severity", ""),
                  .risk = json::text(value, "risk", ""),
                  .complexity = json::text(value, "complexity", ""),
                  .references = {},
                  .parameters = json::members(json::at(value, "parameters")),
                  .remediation = json::members(json::at(value, "remediation")),
                  .may_break = json::text(value, "may_break", ""),
                  .own_rule = nullptr,
                  .on_signal_only = json::truth(json::at(value, "on_signal_only"))};
  for (const auto& [name, reference] : json::members(json::at(value, "references")))
    control.references[name] = json::scalar_text(reference);
  for (auto [member, text_value] : {std::pair{"id", &control.id}, {"title", &control.title}, {"rule", &control.rule},
                                    {"resource_type", &control.resource_type}, {"severity", &control.severity}})
    if (text_value->empty()) return fail(Errc::invalid, "{}: '{}' is required", file, member);
  if (auto guard = guards.find(folder_of(file)); guard != guards.end())
    control.own_rule = own_rule(control, value, guard->second);
  return control;
}

}  // namespace

const Controls& Controls::embedded() {
  static const Controls controls = [] {
    auto bundle = json::parse(embedded_controls());
    auto guards = json::parse(embedded_control_rules());
    if (bundle && guards)
      for (auto& item : guards->as_array()) bundle->as_array().push_back(std::move(item));
    auto loaded = bundle ? load(*bundle) : Result<Controls>(std::unexpected(bundle.error()));
    if (!loaded) {
      fmt::print(stderr, "the embedded controls are broken: {}\n", loaded.error().text());
      std::abort();
    }
    return std::move(*loaded);
  }();
  return controls;
}

Result<Controls> Controls::load(const json::Value& bundle) {
  Controls out;
  std::map<std::string, std::string> guards;  // by folder
  for (const auto& item : json::items(bundle))
    if (auto file = json::text(item, "file", ""); file.ends_with(guard_ending))
      guards[folder_of(file)] = json::text(item, "text", "");
  for (const auto& item : json::items(bundle)) {
    auto file = json::text(item, "file", "");
    if (file.ends_with(guard_ending)) continue;
    auto control = TRY(read_control(file, json::text(item, "text", ""), guards));
    auto id = control.id;
    if (!out.controls_.emplace(id, std::move(control)).second)
      return fail(Errc::invalid, "{}: control {} is described twice", file, id);
  }
  return out;
}

const Rule* Controls::rule_of(const Control& control) {
  return control.own_rule ? control.own_rule.get() : managed_rule(control.rule);
}

const Control* Controls::find(std::string_view id) const {
  auto found = controls_.find(id);
  return found == controls_.end() ? nullptr : &found->second;
}

const Control* Controls::by_security_hub_id(std::string_view id) const {
  for (const auto& [name, control] : controls_) {
    auto reference = control.references.find("Security Hub");
    if (reference != control.references.end() && reference->second == id) return &control;
  }
  return nullptr;
}

std::vector<const Control*> Controls::for_type(std::string_view resource_type) const {
  std::vector<const Control*> out;
  for (const auto& [name, control] : controls_)
    if (control.resource_type == resource_type) out.push_back(&control);
  return out;
}

}  // namespace aright::rules
