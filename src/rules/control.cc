#include "rules/control.h"

#include <cstdlib>
#include <set>

#include "base/embedded.h"
#include "json/yaml.h"
#include "rules/guard_rule.h"
#include "rules/related.h"

ARIGHT_EMBEDDED(controls)
ARIGHT_EMBEDDED(control_rules)

namespace aright::rules {

namespace {

constexpr std::string_view control_ending = "/control.yaml", guard_ending = "/rule.guard",
                           runbook_ending = "/runbook.yaml";

using TextByFolder = std::map<std::string, std::string>;

std::string folder_of(const std::string& file) { return file.substr(0, file.find('/')); }

// One text, or a list of them.
std::vector<std::string> one_or_more(const json::Value& value) {
  return value.is_string() ? std::vector{json::text(value)} : json::texts(value);
}

// By type: {AWS::EC2::FlowLog: {by: ResourceId, aspects: [TrafficType]}}.
Result<std::vector<Related>> read_related(const json::Value& described) {
  std::vector<Related> out;
  for (const auto& [type, value] : json::members(described)) {
    Related related{.type = std::string(type),
                    .ids = json::text(value, "ids", ""),
                    .aspects = json::texts(json::at(value, "aspects")),
                    .by = json::text(value, "by", ""),
                    .same = one_or_more(json::at(value, "same"))};
    if (auto fault = fault_of(related, cloud::Catalog::embedded()); !fault.empty())
      return fail(Errc::invalid, "related: {}", fault);
    out.push_back(std::move(related));
  }
  return out;
}

// {name: default} for texts, {name: {is: integer, default: "90"}} for what the rule sees as more.
Result<> read_declared(const json::Value& described, Control& control) {
  for (const auto& [name, value] : json::members(described)) {
    if (!value.is_object()) {
      control.parameters[name] = value;
      continue;
    }
    control.types[std::string(name)] = TRY(parameter_type(json::text(value, "is", "text")));
    control.parameters[name] = json::at(value, "default");
  }
  return {};
}

Result<std::shared_ptr<const Rule>> own_rule(const Control& control, const json::Value& document,
                                             const std::string& guard) {
  auto related = TRY(read_related(json::at(document, "related")));
  Rule rule{.identifier = control.rule,
            .resource_type = control.resource_type,
            .aspects = json::texts(json::at(document, "aspects")),
            .account_aspects = json::texts(json::at(document, "account_aspects")),
            .related = std::move(related),
            .judge = {}};
  return std::make_shared<const Rule>(with_guard(std::move(rule), guard_text(control.id, guard)));
}

Result<Control> read_control(const std::string& file, const std::string& text, const TextByFolder& guards,
                             const TextByFolder& runbooks) {
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
                  .parameters = {},
                  .types = {},
                  .remediation = json::members(json::at(value, "remediation")),
                  .may_break = json::text(value, "may_break", ""),
                  .own_runbook = {},
                  .own_rule = nullptr,
                  .on_signal_only = json::truth(json::at(value, "on_signal_only")),
                  .containment = json::truth(json::at(value, "containment"))};
  control.on_signal_only |= control.containment;
  for (const auto& [name, reference] : json::members(json::at(value, "references")))
    control.references[name] = json::scalar_text(reference);
  for (auto [member, text_value] : {std::pair{"id", &control.id}, {"title", &control.title}, {"rule", &control.rule},
                                    {"resource_type", &control.resource_type}, {"severity", &control.severity}})
    if (text_value->empty()) return fail(Errc::invalid, "{}: '{}' is required", file, member);
  auto parameters = read_declared(json::at(value, "parameters"), control);
  if (!parameters) return wrap(parameters.error(), "{}", file);
  if (auto runbook = runbooks.find(folder_of(file)); runbook != runbooks.end()) control.own_runbook = runbook->second;
  auto guard = guards.find(folder_of(file));
  if (guard == guards.end()) return control;
  auto rule = own_rule(control, value, guard->second);
  if (!rule) return wrap(rule.error(), "{}", file);
  control.own_rule = std::move(*rule);
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

Result<Controls> Controls::load(const json::Value& bundle) { return Controls().with(bundle); }

Result<Controls> Controls::with(const json::Value& bundle) const {
  Controls out;
  out.controls_ = controls_;
  auto texts = [&](std::string_view ending) {
    TextByFolder found;
    for (const auto& item : json::items(bundle))
      if (auto file = json::text(item, "file", ""); file.ends_with(ending))
        found[folder_of(file)] = json::text(item, "text", "");
    return found;
  };
  const auto guards = texts(guard_ending), runbooks = texts(runbook_ending);
  std::set<std::string> described;
  for (const auto& [folder, text] : texts(control_ending)) {
    auto file = folder + std::string(control_ending);
    auto control = TRY(read_control(file, text, guards, runbooks));
    if (!described.insert(control.id).second)
      return fail(Errc::invalid, "{}: control {} is described twice", file, control.id);
    auto id = control.id;
    out.controls_.insert_or_assign(std::move(id), std::move(control));
  }
  out.index();
  return out;
}

Controls Controls::with(std::vector<Control> others) const {
  Controls out;
  out.controls_ = controls_;
  for (auto& control : others) {
    auto id = control.id;
    out.controls_.insert_or_assign(std::move(id), std::move(control));
  }
  out.index();
  return out;
}

void Controls::index() {
  for (const auto& [id, control] : controls_) {
    by_type_[control.resource_type].push_back(&control);
    const auto* rule = rule_of(control);
    if (!rule) continue;
    for (const auto& related : rule->related) {
      auto& beside = by_type_beside_[related.type];
      if (beside.empty() || beside.back() != &control) beside.push_back(&control);
    }
  }
}

const Rule* Controls::rule_of(const Control& control) {
  return control.own_rule ? control.own_rule.get() : managed_rule(control.rule, control.resource_type);
}

const Control* Controls::find(std::string_view id) const {
  auto found = controls_.find(id);
  return found == controls_.end() ? nullptr : &found->second;
}

const Control* Controls::by_security_hub_id(std::string_view id, std::string_view resource_type) const {
  const Control* first = nullptr;
  for (const auto& [name, control] : controls_) {
    auto reference = control.references.find("Security Hub");
    if (reference == control.references.end() || reference->second != id) continue;
    if (control.resource_type == resource_type) return &control;
    if (!first) first = &control;
  }
  return first;
}

namespace {

const std::vector<const Control*>& of_type(const auto& index, std::string_view type) {
  static const std::vector<const Control*> none;
  auto found = index.find(type);
  return found == index.end() ? none : found->second;
}

}  // namespace

const std::vector<const Control*>& Controls::for_type(std::string_view resource_type) const {
  return of_type(by_type_, resource_type);
}

const std::vector<const Control*>& Controls::beside_type(std::string_view resource_type) const {
  return of_type(by_type_beside_, resource_type);
}

}  // namespace aright::rules
