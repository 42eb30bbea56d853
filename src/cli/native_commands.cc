#include "cli/named_values.h"
#include "cli/native_commands.h"

#include <filesystem>

#include "base/file.h"
#include "cli/house.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "json/yaml.h"
#include "native/deploy.h"
#include "native/parts.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;

constexpr unsigned template_mode = 0644;

Result<native::Exported> exported(const Settings& settings, const NativeOptions& options) {
  auto text = TRY(find_policy(settings));
  auto policy = TRY(remediation::parse_policy(text.text, text.directory));
  auto library = TRY(remediation::Library::open(policy));
  return native::export_policy(policy, library, {.own_documents = options.own_documents});
}

json::Array missing_view(const std::vector<native::NotExpressed>& list) {
  json::Array out;
  for (const auto& one : list)
    out.push_back(json::Object{{"what", one.what}, {"why", one.why}});
  return out;
}

// To standard error: standard output is the template's.
void tell_missing(const std::vector<native::NotExpressed>& list) {
  if (list.empty()) return;
  note("Not in the template:");
  for (const auto& one : list)
    note(fmt::format("  {}: {}", one.what, one.why));
}

std::string printed(const json::Object& whole, const std::string& format) {
  return format == "json" ? json::print_pretty(whole) + "\n" : json::print_yaml(whole);
}

Result<std::vector<std::string>> write_templates(const std::vector<json::Object>& all, const NativeOptions& options) {
  std::error_code error;
  fs::create_directories(options.to, error);
  if (error) return fail(Errc::unavailable, "{}: {}", options.to, error.message());
  std::vector<std::string> out;
  for (const auto& whole : all) {
    auto number = out.empty() ? "" : fmt::format("-{}", out.size() + 1);
    auto file = fs::path(options.to) / fmt::format("{}{}.{}", options.stack, number, options.format);
    CHECK_OK(write_file(file, printed(whole, options.format), template_mode));
    out.push_back(file.string());
  }
  return out;
}

Result<int> write_export(const Settings& settings, const NativeOptions& options) {
  auto made = TRY(exported(settings, options));
  bool one = options.to.empty();
  auto templates =
      TRY(native::templates_of(made, {.bytes = one ? native::stored_bytes_max : native::inline_bytes_max}));
  if (one && templates.size() > 1)
    return fail(Errc::invalid, "it takes {} templates: write them into a directory with --to", templates.size());
  if (templates.empty()) return fail(Errc::invalid, "the policy holds nothing that AWS's own services could do");
  std::vector<std::string> files;
  if (!one) files = TRY(write_templates(templates, options));
  if (settings.json) {
    json::Array all(templates.begin(), templates.end());
    print_json(json::Object{{"templates", std::move(all)},
                            {"files", json::Array(files.begin(), files.end())},
                            {"not_expressed", missing_view(made.not_expressed)}});
    return exit_ok;
  }
  if (one) {
    auto text = printed(templates[0], options.format);
    print_bytes(text);
    if (text.size() > native::inline_bytes_max)
      note(
          fmt::format("It is longer than the {} bytes that CloudFormation takes in a request: deploy it from a bucket, "
                      "or split it with --to.",
                      native::inline_bytes_max));
  }
  for (const auto& file : files)
    print_line(file);
  tell_missing(made.not_expressed);
  return exit_ok;
}

Tone change_tone(const std::string& action) {
  return action == "Add" ? Tone::good : action == "Remove" ? Tone::bad : Tone::warn;
}

void print_changes(const native::Plan& plan) {
  Table table({"STACK", "ACTION", "TYPE", "RESOURCE"});
  for (const auto& stack : plan.stacks) {
    if (stack.text.empty())
      table.row({{stack.name}, {"Delete", Tone::bad}, {"AWS::CloudFormation::Stack"}, {stack.name}});
    for (const auto& one : stack.changes)
      table.row(
          {{stack.name},
           {one.replaces ? one.action + ", replaces" : one.action, one.replaces ? Tone::bad : change_tone(one.action)},
           {one.type},
           {one.logical}});
  }
  for (const auto& one : plan.exempt)
    table.row(
        {{"AWS Config"}, {"Add", Tone::good}, {"remediation exception"}, {fmt::format("{} of {}", one.id, one.rule)}});
  if (plan.action) table.row({{"Security Hub"}, {"Add", Tone::good}, {"custom action"}, {plan.action->name}});
  table.print();
  for (const auto& one : plan.warnings)
    note(one + ".");
}

Result<int> carry_out(const Settings& settings, const NativeOptions& options) {
  auto place = settings;
  if (!options.target.empty()) place.target = options.target;
  if (place.target.empty())
    return fail(Errc::invalid, "say where: --target aws, or --target with the URL of an endpoint");
  auto parameters = TRY(named_values(options.parameters, "parameter"));
  auto made = TRY(exported(settings, options));
  auto house = TRY(open_workbench(place, {}));
  Progress progress(settings.quiet || settings.json);
  native::Deployment deployment(
      house->cloud(),
      {.account = house->account(), .region = settings.region, .stack = options.stack, .parameters = parameters},
      [&](const std::string& what) { progress.say(what); });
  Context context;
  auto plan = TRY(deployment.plan(made, context));
  progress.clear();
  bool wanted = !plan.empty() && options.yes;
  if (!settings.json) {
    plan.empty() ? print_line("Nothing to change.") : print_changes(plan);
    if (!plan.empty() && !options.yes) wanted = confirmed("Carry it out?");
  }
  if (wanted) CHECK_OK(deployment.carry_out(plan, context));
  if (!wanted) deployment.drop(plan, context);
  progress.clear();
  if (settings.json) {
    auto shown = native::to_json(plan);
    shown["carried_out"] = wanted;
    shown["not_expressed"] = missing_view(made.not_expressed);
    print_json(shown);
  } else if (!plan.empty()) {
    print_line(wanted ? "Done." : "Nothing was changed.");
  }
  return exit_ok;
}

}  // namespace

int export_cloudformation(const Settings& settings, const NativeOptions& options) {
  return told(write_export(settings, options), settings.json);
}

int deploy(const Settings& settings, const NativeOptions& options) {
  return told(carry_out(settings, options), settings.json);
}

}  // namespace aright::cli
