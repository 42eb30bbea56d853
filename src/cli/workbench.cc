#include "cli/workbench.h"

#include <filesystem>

#include "base/file.h"
#include "cli/accounts.h"
#include "cli/follow.h"
#include "cli/terminal.h"
#include "remediation/rehearse.h"
#include "remediation/runner.h"
#include "runbook/document.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;

constexpr milliseconds rehearsal_timeout{20 * 60'000};

bool is_document_file(const fs::path& path) {
  auto ending = path.extension();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

Result<> check_document(const std::string& text, const std::string& file) {
  std::vector<runbook::Diagnostic> diagnostics;
  auto document = runbook::Document::parse(text, file, &diagnostics);
  if (document) return {};
  std::vector<std::string> faults;
  for (const auto& diagnostic : diagnostics)
    if (diagnostic.effect == runbook::Diagnostic::Effect::error) faults.push_back(diagnostic.text());
  if (faults.size() < 2) return fail(Errc::invalid, "{}", document.error().message);
  return fail(Errc::invalid, "{} has {} faults\n  {}", file, faults.size(), fmt::join(faults, "\n  "));
}

// The files that it declares and that stand beside it are what it says.
Result<> check_files(runbook::Document& document, const fs::path& folder) {
  std::map<std::string, std::string> found;
  std::error_code error;
  for (const auto& [name, checksum] : document.files())
    if (auto path = folder / fs::path(name).filename(); fs::exists(path, error))
      found[name] = TRY(read_file(path, remediation::attachment_bytes_max));
  return document.attach(std::move(found));
}

// Whose credentials the settings' target knows.
Result<std::string> own_account(const Settings& settings, const Clock& clock) {
  if (settings.target.empty() || settings.target == "sandbox") return std::string(sandbox::default_account);
  remediation::Policy nobody;
  Accounts accounts({.policy = &nobody,
                     .endpoint_url = settings.target == "aws" ? "" : settings.target,
                     .region = settings.region,
                     .profile = settings.profile}, clock);
  aws::Call who{.service = "sts", .operation = "GetCallerIdentity", .region = settings.region, .account = "",
                .input = {}};
  auto identity = accounts.call(who, Context::within(identity_timeout));
  if (!identity) return wrap(identity.error(), "asking {} whose credentials these are", settings.target);
  return json::text(*identity, "Account");
}

}  // namespace

bool names_file(const std::string& document) {
  std::error_code error;
  return document.find('/') != std::string::npos || (is_document_file(document) && fs::exists(document, error));
}

std::map<std::string, std::string> documents_in(const std::string& folder) {
  std::map<std::string, std::string> out;
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end; item.increment(error)) {
    if (out.size() >= sibling_documents_max) break;
    if (!is_document_file(item->path())) continue;
    auto text = read_file(item->path(), runbook::document_bytes_max);
    if (!text) continue;
    auto document = runbook::Document::parse(*text, item->path().string());
    if (!document) continue;
    if (auto good = check_files(*document, folder); good)
      out[item->path().stem().string()] = *text;
    else
      note(fmt::format("{} is left out: {}", item->path().string(), good.error().message));
  }
  return out;
}

Result<Documents> documents_of(const std::string& file) {
  auto text = TRY(read_file(file, runbook::document_bytes_max));
  CHECK_OK(check_document(text, file));
  fs::path path(file);
  auto folder = path.has_parent_path() ? path.parent_path() : ".";
  Documents out{.main = path.stem().string(), .texts = documents_in(folder), .folder = folder.string()};
  out.texts[out.main] = std::move(text);
  return out;
}

Result<std::unique_ptr<House>> open_workbench(const Settings& settings, const Documents& documents,
                                              const std::string& execution_role) {
  const SystemClock clock;
  auto account = TRY(own_account(settings, clock));
  json::Object policy{{"targets", json::Array{json::Object{{"account", account},
                                                           {"regions", json::Array{settings.region}}}}}};
  if (!documents.functions.empty()) policy["functions"] = documents.functions;
  return House::open({.policy_text = json::print(policy),
                      .policy_directory = documents.functions_folder,
                      .runbooks = documents.texts,
                      .runbooks_folder = documents.folder,
                      .execution_role = execution_role,
                      .target = settings.target.empty() ? "sandbox" : settings.target,
                      .region = settings.region,
                      .profile = settings.profile});
}

int show_rehearsal(const Settings& settings, House& house, remediation::Action action) {
  bool function = action.kind == remediation::Action::Kind::function;
  remediation::Rehearsed rehearsed{.finding = {},
                                   .control = std::string(function ? remediation::own_event : ""),
                                   .resource = {house.account(), settings.region, "", "", ""},
                                   .action = std::move(action)};
  auto plan = remediation::rehearse(house.library(), house.engine().gateway(), rehearsed, house.clock(),
                                    Context::within(rehearsal_timeout));
  if (!plan) return failed(plan.error(), settings.json);
  auto shown = remediation::to_json(*plan);
  shown["reversible"] = plan->reversible();
  settings.json ? print_json(shown) : print_plan(shown);
  return exit_ok;
}

}  // namespace aright::cli
