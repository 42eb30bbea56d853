#include "rules/misuse.h"

#include <algorithm>

#include "base/known.h"

namespace aright::rules {

std::string misuse_of(const Control& control, const json::Object& parameters) {
  auto heeded = control.types;
  std::erase_if(heeded, [](const auto& one) { return one.second == ParameterType::not_evaluated; });
  auto all = control.parameters;
  for (const auto& [name, value] : parameters)
    if (all.contains(name)) all[name] = value;
  auto seen = typed(all, control.parameters, heeded);
  return seen ? "" : seen.error().message;
}

std::string misuse_of(const ConfigRule& rule, const Controls& controls) {
  if (rule.owner != ConfigRule::Owner::aws) return "";
  std::vector<std::string> known;
  bool judged = false;
  for (const auto& [id, control] : controls.all()) {
    if (control.rule != rule.identifier) continue;
    judged = true;
    if (auto fault = misuse_of(control, rule.parameters); !fault.empty()) return fault;
    for (const auto& [name, value] : control.parameters) known.emplace_back(name);
  }
  for (const auto& [name, value] : rule.parameters)
    if (judged && std::ranges::find(known, name) == known.end())
      return unknown_word("a parameter of " + rule.identifier, std::string(name), known);
  return "";
}

}  // namespace aright::rules
