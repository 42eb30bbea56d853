#include "cli/named_values.h"
#include "cli/pack_commands.h"

#include <filesystem>
#include <map>

#include "base/file.h"
#include "cli/desk.h"
#include "cli/house.h"
#include "cli/pack_policy.h"
#include "cli/terminal.h"
#include "net/url.h"
#include "remediation/library.h"
#include "rules/config_policy.h"
#include "rules/conformance_pack.h"
#include "rules/folder.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;
using rules::ConformancePack;

// AWS's own example; a template that is only checked has to run somewhere.
constexpr std::string_view any_account = "111122223333", any_region = "us-east-1";

// One rule of a template, and who judges by it.
struct CheckedRule {
  std::string name, identifier, owner, why_not;
  std::vector<std::string> controls;
  bool left_out = false, attested = false;  // attested: by a person
};

struct CheckedPack {
  std::string file;
  std::vector<CheckedRule> rules;
  std::vector<std::pair<std::string, std::string>> remediations;  // rule and document, why not
  std::vector<std::string> missing;

  std::size_t counted() const {
    return rules.size() - static_cast<std::size_t>(std::ranges::count(rules, true, &CheckedRule::left_out));
  }
  std::size_t evaluable() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        rules, [](const CheckedRule& one) { return !one.left_out && one.why_not.empty(); }));
  }
};

CheckedRule checked(const ConformancePack::Rule& rule, const rules::Controls& controls,
                    const remediation::Library& library) {
  CheckedRule out{.name = rule.rule.name, .identifier = rule.rule.identifier, .owner = {}, .why_not = rule.fault,
              .controls = {}, .left_out = rule.left_out};
  if (rule.left_out || !rule.fault.empty()) return out;
  out.owner = rules::name(rule.rule.owner);
  auto judges = rules::judges_of(rule.rule, controls, cloud::Catalog::embedded());
  out.why_not = judges.why_not;
  if (rule.rule.owner == rules::ConfigRule::Owner::custom_lambda && !library.function(rule.rule.identifier))
    out.why_not = "its function is not here: " + rule.rule.identifier;
  out.attested = out.identifier == rules::process_check;
  for (const auto& judge : judges.judges) out.controls.push_back(judge.id);
  return out;
}

Result<CheckedPack> checked(const std::string& file, const std::map<std::string, std::string>& parameters,
                          const rules::Controls& controls, const remediation::Library& library) {
  auto text = TRY(read_file(file, rules::conformance_pack_bytes_max));
  auto pack = rules::read_conformance_pack(
      text, parameters, {.account = std::string(any_account), .region = std::string(any_region)});
  if (!pack) return wrap(pack.error(), "{}", file);
  CheckedPack out{.file = file, .rules = {}, .remediations = {}, .missing = std::move(pack->missing)};
  for (const auto& rule : pack->rules) out.rules.push_back(checked(rule, controls, library));
  for (const auto& remediation : pack->remediations) {
    auto document = json::text(remediation.properties, "TargetId");
    auto why_not = remediation.fault;
    if (why_not.empty() && !library.runbook(document)) why_not = "there is no runbook " + document;
    out.remediations.emplace_back(json::text(remediation.properties, "ConfigRuleName") + ": " + document, why_not);
  }
  return out;
}

json::Object pack_view(const CheckedPack& pack) {
  json::Array rules, remediations;
  for (const auto& rule : pack.rules)
    rules.push_back(json::Object{{"name", rule.name},
                                 {"owner", rule.owner},
                                 {"identifier", rule.identifier},
                                 {"controls", json::Array(rule.controls.begin(), rule.controls.end())},
                                 {"left_out", rule.left_out},
                                 {"attested", rule.attested},
                                 {"why_not", rule.why_not}});
  for (const auto& [what, why_not] : pack.remediations)
    remediations.push_back(json::Object{{"remediation", what}, {"why_not", why_not}});
  return {{"file", pack.file},
          {"rules_evaluable", pack.evaluable()},
          {"rules_all", pack.counted()},
          {"missing_parameters", json::Array(pack.missing.begin(), pack.missing.end())},
          {"rules", std::move(rules)},
          {"remediations", std::move(remediations)}};
}

void print_pack(const CheckedPack& pack) {
  print_line(tone(Tone::strong, pack.file));
  for (const auto& name : pack.missing)
    print_line(fmt::format("  {} {} has no value: --param {}=…", tone(Tone::warn, "parameter"), name, name));
  Table table({"RULE", "JUDGED BY"});
  for (const auto& rule : pack.rules) {
    if (rule.left_out)
      table.row({{rule.name, Tone::faint}, {"left out by its condition", Tone::faint}});
    else if (rule.why_not.empty() && rule.attested)
      table.row({{rule.name, Tone::strong}, {"a person, who attests it", Tone::faint}});
    else if (rule.why_not.empty())
      table.row({{rule.name, Tone::strong}, {fmt::format("{}", fmt::join(rule.controls, ", "))}});
    else
      table.row({{rule.name, Tone::strong}, {"nothing: " + rule.why_not, Tone::warn}});
  }
  table.print();
  for (const auto& [what, why_not] : pack.remediations)
    print_line("  remediation " + what + (why_not.empty() ? "" : tone(Tone::warn, " can't be run: " + why_not)));
  print_line(fmt::format("{} of {} rules can be evaluated", pack.evaluable(), pack.counted()));
}

bool whole(const CheckedPack& pack) {
  return pack.missing.empty() && pack.evaluable() == pack.counted() &&
         std::ranges::all_of(pack.remediations, [](const auto& one) { return one.second.empty(); });
}

json::Object pack_view(const PackPlan& plan) {
  auto lines = [](const std::vector<PackPlan::Line>& all) {
    json::Array out;
    for (const auto& line : all) out.push_back(json::Object{{"what", line.what}, {"detail", line.detail}});
    return out;
  };
  return {{"pack", plan.pack},
          {"policy", plan.file},
          {"controls_added", lines(plan.added)},
          {"controls_removed", lines(plan.removed)},
          {"controls_changed", lines(plan.changed)},
          {"remediations_changed", lines(plan.remediations)},
          {"rules_not_evaluated", lines(plan.not_evaluated)}};
}

void print_pack(const PackPlan& plan) {
  print_line(fmt::format("{} gets the pack {}:", plan.file, plan.pack));
  auto lines = [](Tone how, const char* mark, const std::vector<PackPlan::Line>& all) {
    for (const auto& line : all)
      print_line(fmt::format("  {} {}{}", tone(how, mark), line.what, line.detail.empty() ? "" : "  " + line.detail));
  };
  lines(Tone::good, "+", plan.added);
  lines(Tone::warn, "~", plan.changed);
  lines(Tone::bad, "-", plan.removed);
  lines(Tone::good, "+ remediation of", plan.remediations);
  lines(Tone::warn, "! not evaluated:", plan.not_evaluated);
  if (plan.empty()) print_line("  nothing changes");
}

Result<int> deploy_pack(const Settings& settings, const PackOptions& options) {
  auto parameters = TRY(named_values(options.parameters, "parameter"));
  auto name = options.name.empty() ? fs::path(options.files[0]).stem().string() : options.name;
  auto plan = TRY(plan_pack(settings, options.files[0], name, parameters));
  if (!settings.json) print_pack(plan);
  bool written = options.yes || (!settings.json && confirmed("Write it?"));
  if (written) CHECK_OK(write_file(plan.file, plan.text, plan.mode));
  if (settings.json) {
    auto shown = pack_view(plan);
    shown["written"] = written;
    print_json(shown);
  } else {
    print_line(written ? "Written. A running aright holds it after `aright reload`." : "Nothing was written.");
  }
  return exit_ok;
}

Tone tone_of_compliance(const std::string& compliance) {
  return compliance == "COMPLIANT" ? Tone::good : compliance == "NON_COMPLIANT" ? Tone::bad : Tone::faint;
}

Result<int> status(const Settings& settings, const std::string& said) {
  auto desk = TRY(open_desk(settings));
  auto name = fs::path(said).extension() == ".yaml" || fs::path(said).extension() == ".yml" ||
                      fs::path(said).extension() == ".json"
                  ? fs::path(said).stem().string()
                  : said;
  auto answer = TRY(desk->get("/config-rules?" + net::build_query({{"pack", name}})));
  const auto& rules = json::items(json::at(answer, "rules"));
  auto bad = std::ranges::count_if(rules, [](const json::Value& rule) {
    return text_of(rule, "compliance") == "NON_COMPLIANT";
  });
  if (settings.json) {
    print_json(answer);
    return bad > 0 ? exit_non_compliant : exit_ok;
  }
  Table table({"RULE", "COMPLIANCE", "FINDINGS", "JUDGED BY"});
  for (const auto& rule : rules) {
    auto compliance = text_of(rule, "compliance"), why_not = text_of(rule, "why_not");
    auto controls = json::texts(json::at(rule, "controls"));
    if (controls.empty() && why_not.empty()) controls.push_back("a person, who attests it");
    table.row({{text_of(rule, "name"), Tone::strong},
               {compliance, tone_of_compliance(compliance)},
               {std::to_string(json::integer(json::at(rule, "open_findings")))},
               {why_not.empty() ? fmt::format("{}", fmt::join(controls, ", ")) : "nothing: " + why_not,
                why_not.empty() ? Tone::plain : Tone::warn}});
  }
  table.print();
  return bad > 0 ? exit_non_compliant : exit_ok;
}

// Those of the policy that is here, if one is.
Result<remediation::Library> functions_and_runbooks(const Settings& settings) {
  if (settings.policy.empty() && !fs::exists("aright.yaml")) return remediation::Library::open({});
  auto source = TRY(find_policy(settings));
  return remediation::Library::open(TRY(remediation::parse_policy(source.text, source.directory)));
}

}  // namespace

int pack_check(const Settings& settings, const PackOptions& options) {
  auto parameters = named_values(options.parameters, "parameter");
  if (!parameters) return failed(parameters.error(), settings.json);
  auto bundle = options.own.empty() ? Result<json::Value>(json::Array()) : rules::controls_in(options.own);
  auto controls = bundle ? rules::Controls::embedded().with(*bundle)
                         : Result<rules::Controls>(std::unexpected(bundle.error()));
  if (!controls) return failed(controls.error(), settings.json);
  auto library = functions_and_runbooks(settings);
  if (!library) return failed(library.error(), settings.json);
  json::Array packs;
  std::size_t evaluable = 0, all = 0;
  bool good = true;
  for (const auto& file : options.files) {
    auto pack = checked(file, *parameters, *controls, *library);
    if (!pack) return failed(pack.error(), settings.json);
    evaluable += pack->evaluable();
    all += pack->counted();
    good = good && whole(*pack);
    if (settings.json)
      packs.push_back(pack_view(*pack));
    else
      print_pack(*pack);
  }
  if (settings.json)
    print_json(json::Object{{"packs", std::move(packs)}, {"rules_evaluable", evaluable}, {"rules_all", all}});
  else if (options.files.size() > 1)
    print_line(fmt::format("{} of {} rules of {} packs can be evaluated", evaluable, all, options.files.size()));
  return good ? exit_ok : exit_non_compliant;
}

int pack_deploy(const Settings& settings, const PackOptions& options) {
  auto done = deploy_pack(settings, options);
  return done ? *done : failed(done.error(), settings.json);
}

int pack_status(const Settings& settings, const PackOptions& options) {
  auto done = status(settings, options.files[0]);
  return done ? *done : failed(done.error(), settings.json);
}

}  // namespace aright::cli
