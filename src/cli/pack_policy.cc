#include "cli/pack_policy.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "cli/house.h"
#include "json/yaml.h"
#include "remediation/library.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;
using remediation::Policy;

constexpr std::string_view section = "conformance_packs";

// The section with the entry in it, in place of one of the same name.
json::Array with_entry(const json::Value& policy, json::Object entry) {
  json::Array out = json::items(json::at(policy, section));
  auto same = [&](const json::Value& one) {
    auto file = json::text(one, "file", "");
    return json::text(one, "name", fs::path(file).stem().string()) == json::text(entry, "name");
  };
  if (auto there = std::ranges::find_if(out, same); there != out.end())
    *there = std::move(entry);
  else
    out.push_back(std::move(entry));
  return out;
}

// Lines from `from` up to the next member of the file, or its end. Both count from 0.
std::size_t end_of_section(const std::vector<std::string>& lines, std::size_t from) {
  auto member = [](const std::string& line) {
    return !line.empty() && line[0] != ' ' && line[0] != '#' && line[0] != '-' && line[0] != '\r';
  };
  auto at = from + 1;
  while (at < lines.size() && !member(lines[at])) ++at;
  // Comments and empty lines that lead to the next member are its own.
  while (at > from + 1 && at < lines.size() && (trim(lines[at - 1]).empty() || lines[at - 1][0] == '#')) --at;
  return at;
}

// All else stays as it is written.
Result<std::string> with_section(const std::string& text, const json::Document& document, const json::Array& packs) {
  auto written = json::print_yaml(json::Object{{section, packs}});
  if (json::at(document.value, section).is_null())
    return text + (text.empty() || text.ends_with('\n') ? "" : "\n") + "\n" + written;
  auto lines = split(text, '\n');
  auto place = document.locate("/" + std::string(section));
  if (place.line < 1 || place.column != 1)
    return fail(Errc::unsupported, "{} does not stand in a line of its own; write the policy in block style", section);
  auto from = static_cast<std::size_t>(place.line - 1), to = end_of_section(lines, from);
  std::string out;
  for (std::size_t i = 0; i < from; ++i) out += lines[i] + "\n";
  out += written;
  for (std::size_t i = to; i < lines.size(); ++i) out += lines[i] + (i + 1 < lines.size() ? "\n" : "");
  return out;
}

std::string how(const remediation::EnabledControl& control) {
  auto out = control.parameters.empty() ? std::string() : json::print(control.parameters);
  if (!control.scope.id.empty()) out += fmt::format("{}only {}", out.empty() ? "" : ", ", control.scope.id);
  if (!control.scope.tag_key.empty())
    out += fmt::format("{}only with the tag {}={}", out.empty() ? "" : ", ", control.scope.tag_key,
                       control.scope.tag_value.empty() ? "*" : control.scope.tag_value);
  return out;
}

std::string how(const remediation::RemediationConfiguration& one) {
  return fmt::format("{} by {} {}, {} attempts", one.automatic ? "automatic," : "when asked,", one.target_id,
                     json::print(one.parameters), one.attempts_max);
}

const remediation::EnabledControl* find(const Policy& policy, const std::string& id) {
  auto found = std::ranges::find(policy.controls, id, &remediation::EnabledControl::id);
  return found == policy.controls.end() ? nullptr : &*found;
}

void compare(const Policy& before, const Policy& after, PackPlan& plan) {
  for (const auto& control : after.controls) {
    const auto* was = find(before, control.id);
    if (!was)
      plan.added.push_back({control.id, how(control)});
    else if (how(*was) != how(control))
      plan.changed.push_back({control.id, how(control)});
  }
  for (const auto& control : before.controls)
    if (!find(after, control.id)) plan.removed.push_back({control.id, ""});
  for (const auto& one : after.remediations) {
    const auto* was = before.remediation_for(one.config_rule_name);
    if (after.remediation_for(one.config_rule_name) == &one && (!was || how(*was) != how(one)))
      plan.remediations.push_back({one.config_rule_name, how(one)});
  }
  for (const auto& rule : after.held_rules)
    if (rule.pack == plan.pack && !rule.why_not.empty()) plan.not_evaluated.push_back({rule.name, rule.why_not});
}

Result<> runbooks_are_there(const Policy& policy) {
  auto library = TRY(remediation::Library::open(policy));
  for (const auto& one : policy.remediations)
    if (!library.runbook(one.target_id))
      return fail(Errc::not_found,
                  "the remediation of {} names the runbook {}, which is neither of the catalog nor of the policy's "
                  "runbooks",
                  one.config_rule_name, one.target_id);
  return {};
}

}  // namespace

Result<PackPlan> plan_pack(const Settings& settings, const std::string& file, const std::string& name,
                           const std::map<std::string, std::string>& parameters) {
  auto policy = TRY(find_policy(settings));
  std::error_code fault;
  if (!fs::exists(policy.origin, fault))
    return fail(Errc::not_found,
                "there is no policy file to deploy to; name one with --policy, or write ./aright.yaml");
  PackPlan plan{.pack = name, .file = policy.origin, .text = {}, .added = {}, .removed = {}, .changed = {},
                .remediations = {}, .not_evaluated = {}};
  plan.mode = static_cast<unsigned>(fs::status(policy.origin, fault).permissions() & fs::perms::all);
  auto document = TRY(json::parse_yaml(policy.text));
  auto before = TRY(remediation::parse_policy(policy.text, policy.directory));
  json::Object entry{{"name", name}, {"file", fs::proximate(file, policy.directory).string()}};
  if (!parameters.empty()) {
    json::Object said;
    for (const auto& [parameter, value] : parameters) said[parameter] = value;
    entry["parameters"] = std::move(said);
  }
  plan.text = TRY(with_section(policy.text, document, with_entry(document.value, std::move(entry))));
  auto after = remediation::parse_policy(plan.text, policy.directory);
  if (!after) return wrap(after.error(), "the policy with this pack would not be sound");
  CHECK_OK(runbooks_are_there(*after));
  compare(before, *after, plan);
  return plan;
}

}  // namespace aright::cli
