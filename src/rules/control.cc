#include "rules/control.h"

#include <cstdlib>

#include "base/embedded.h"
#include "json/yaml.h"

ARIGHT_EMBEDDED(controls)

namespace aright::rules {

namespace {

Result<Control> read_control(const std::string& file, const std::string& text) {
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
                  .on_signal_only = json::truth(json::at(value, "on_signal_only"))};
  for (const auto& [name, reference] : json::members(json::at(value, "references")))
    control.references[name] = json::scalar_text(reference);
  for (auto [member, text_value] : {std::pair{"id", &control.id}, {"title", &control.title}, {"rule", &control.rule},
                                    {"resource_type", &control.resource_type}, {"severity", &control.severity}})
    if (text_value->empty()) return fail(Errc::invalid, "{}: '{}' is required", file, member);
  return control;
}

}  // namespace

const Controls& Controls::embedded() {
  static const Controls controls = [] {
    auto bundle = json::parse(embedded_controls());
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
  for (const auto& item : json::items(bundle)) {
    auto file = json::text(item, "file", "");
    auto control = TRY(read_control(file, json::text(item, "text", "")));
    auto id = control.id;
    if (!out.controls_.emplace(id, std::move(control)).second)
      return fail(Errc::invalid, "{}: control {} is described twice", file, id);
  }
  return out;
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
