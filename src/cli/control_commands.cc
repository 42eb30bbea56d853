// controls list|show|packs|new.

#include <algorithm>
#include <filesystem>

#include "base/embedded.h"
#include "base/file.h"
#include "base/known.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "rules/control.h"
#include "rules/folder.h"
#include "rules/pack.h"

ARIGHT_EMBEDDED(new_control)

namespace aright::cli {

namespace {

constexpr std::size_t control_id_chars_max = 128;  // of a Config rule's name
constexpr std::string_view id_in_template = "my-control";

Result<rules::Controls> known(const std::string& own) {
  if (own.empty()) return rules::Controls::embedded().with(json::Array());
  auto bundle = TRY(rules::controls_in(own));
  return rules::Controls::embedded().with(bundle);
}

json::Object control_view(const rules::Control& control) {
  json::Object references, types;
  for (const auto& [name, value] : control.references) references[name] = value;
  for (const auto& [name, type] : control.types) types[name] = rules::name(type);
  return {{"id", control.id},
          {"title", control.title},
          {"description", control.description},
          {"rule", control.rule},
          {"resource_type", control.resource_type},
          {"severity", control.severity},
          {"risk", control.risk},
          {"complexity", control.complexity},
          {"references", std::move(references)},
          {"parameters", control.parameters},
          {"parameter_types", std::move(types)},
          {"remediation", control.remediation},
          {"may_break", control.may_break}};
}

std::string fixed_by(const rules::Control& control) {
  auto runbook = json::text(control.remediation, "runbook", "");
  return runbook.empty() ? json::text(control.remediation, "function", "") : runbook;
}

Result<const rules::Pack*> pack_named(const std::string& name) {
  const auto& packs = rules::packs();
  auto found = packs.find(name);
  if (found != packs.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [id, pack] : packs) known.push_back(id);
  return fail({.code = Errc::invalid,
               .message = unknown_word("a pack", name, known) + ". `aright controls packs` has them"});
}

bool good_id(const std::string& id) {
  auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && id.size() <= control_id_chars_max && std::ranges::all_of(id, good);
}

}  // namespace

int controls_list(const Settings& settings, const std::string& own, const std::string& pack_name) {
  auto controls = known(own);
  if (!controls) return failed(controls.error(), settings.json);
  const rules::Pack* pack = nullptr;
  if (!pack_name.empty()) {
    auto found = pack_named(pack_name);
    if (!found) return failed(found.error(), settings.json);
    pack = *found;
  }
  json::Array list;
  Table table = pack ? Table({"CONTROL", "REFERENCE", "SEVERITY", "RESOURCE", "SET RIGHT BY"})
                     : Table({"CONTROL", "SEVERITY", "RESOURCE", "SET RIGHT BY"});
  for (const auto& [id, control] : controls->all()) {
    const auto* entry = pack ? pack->find(id) : nullptr;
    if (pack && !entry) continue;
    auto shown = control_view(control);
    std::vector<Table::Cell> row{{id, Tone::strong}};
    if (entry) {
      shown["pack_references"] = json::Array(entry->references.begin(), entry->references.end());
      row.push_back({fmt::format("{}", fmt::join(entry->references, ", "))});
    }
    list.push_back(std::move(shown));
    row.push_back({control.severity, tone_of_severity(control.severity)});
    row.push_back({control.resource_type});
    row.push_back({fixed_by(control)});
    table.row(std::move(row));
  }
  settings.json ? print_json(json::Object{{"controls", std::move(list)}}) : table.print();
  return exit_ok;
}

int controls_packs(const Settings& settings) {
  json::Array list;
  Table table({"PACK", "CONTROLS", "TITLE"});
  for (const auto& [id, pack] : rules::packs()) {
    list.push_back(json::Object{{"id", id}, {"title", pack.title}, {"description", pack.description},
                                {"source", pack.source}, {"controls", pack.controls.size()}});
    table.row({{id, Tone::strong}, {std::to_string(pack.controls.size())}, {pack.title}});
  }
  settings.json ? print_json(json::Object{{"packs", std::move(list)}}) : table.print();
  return exit_ok;
}

int controls_show(const Settings& settings, const std::string& own, const std::string& id) {
  auto controls = known(own);
  if (!controls) return failed(controls.error(), settings.json);
  const auto* control = controls->find(id);
  if (!control) {
    std::vector<std::string> names;
    for (const auto& [name, described] : controls->all()) names.push_back(name);
    auto message = unknown_word("a control", id, names) + ". `aright controls list` has them";
    return failed({.code = Errc::not_found, .message = std::move(message), .number = "AR-0006"}, settings.json);
  }
  if (settings.json) {
    print_json(control_view(*control));
    return exit_ok;
  }
  print_line(tone(Tone::strong, control->id) + "  " + tone(tone_of_severity(control->severity), control->severity));
  print_line(control->title);
  print_line(control->description);
  auto line = [](std::string_view name, const std::string& value) {
    if (!value.empty()) print_line(fmt::format("  {:<25} {}", name, value));
  };
  line("judges", control->resource_type);
  line("rule", control->rule);
  for (const auto& [name, value] : control->parameters) {
    auto type = control->types.find(std::string_view(name));
    line("parameter", fmt::format("{} = {} ({})", std::string_view(name), json::print(value),
                                  type == control->types.end() ? "text" : rules::name(type->second)));
  }
  line("set right by", fixed_by(*control));
  line("risk of the fix", control->risk);
  line("complexity of the fix", control->complexity);
  line("may break", control->may_break);
  for (const auto& [name, value] : control->references) line(name, value);
  return exit_ok;
}

int controls_new(const Settings& settings, const std::string& id, const std::string& directory) {
  namespace fs = std::filesystem;
  if (!good_id(id))
    return failed(fail(Errc::invalid, "'{}' is no id: small letters, digits and hyphens are", id).error(),
                  settings.json);
  auto folder = fs::path(directory) / id;
  std::error_code fault;
  if (fs::exists(folder, fault))
    return failed(fail(Errc::conflict, "{} is there already", folder.string()).error(), settings.json);
  fs::create_directories(folder, fault);
  if (fault) return failed(fail(Errc::denied, "{}: {}", folder.string(), fault.message()).error(), settings.json);
  auto bundle = json::parse(embedded_new_control()).value_or(json::Array());
  for (const auto& item : json::items(bundle)) {
    auto text = replace_all(json::text(item, "text", ""), id_in_template, id);
    auto written = write_file(folder / json::text(item, "file", ""), text, readable);
    if (!written) return failed(written.error(), settings.json);
  }
  if (settings.json) {
    print_json(json::Object{{"control", id}, {"directory", folder.string()}});
    return exit_ok;
  }
  print_line(fmt::format("{} holds a control that works. Try it, then make it yours:", folder.string()));
  print_line(fmt::format("  aright controls test {}", folder.string()));
  return exit_ok;
}

}  // namespace aright::cli
