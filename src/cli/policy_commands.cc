// policy check|explain|replay: the policy file by itself, and held against what is on record. Nothing is called, and
// nothing is changed.

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/house.h"
#include "cli/named_values.h"
#include "cli/permissions.h"
#include "cli/ledger_place.h"
#include "cli/terminal.h"
#include "gateway/halts.h"
#include "ledger/ledger.h"
#include "remediation/hindsight.h"
#include "remediation/library.h"
#include "remediation/projection.h"
#include "report/review.h"

namespace aright::cli {

namespace {

constexpr int held_shown_max = 20;

struct Read {
  PolicyText source;
  remediation::Policy policy;
};

// What the controls and rules of the policy are set right by has to be there.
Result<> fixes_are_there(const remediation::Policy& policy, const remediation::Library& library) {
  auto check = [&](const std::string& whose, const std::string& kind, const std::string& name) -> Result<> {
    if (kind == "function" && !library.function(name))
      return fail(Errc::not_found,
                  "{}: its fix is the function {}, which is neither among the policy's functions nor of the catalog",
                  whose, name);
    if (kind == "function") return {};
    auto runbook = library.runbook(name);
    return runbook ? Result<>() : wrap(runbook.error(), "{}: its fix", whose);
  };
  for (const auto& one : policy.controls) {
    const auto* control = policy.known->find(one.id);
    if (!control || policy.remediation_for(one.id)) continue;
    for (const char* kind : {"function", "runbook"})
      if (auto name = json::text(control->remediation, kind, ""); !name.empty())
        CHECK_OK(check(one.id, kind, name));
  }
  for (const auto& one : policy.remediations) CHECK_OK(check(one.config_rule_name, "runbook", one.target_id));
  return {};
}

// With the runbooks and functions that it names: what would not start is not sound.
Result<Read> read_policy(const Settings& settings) {
  auto source = TRY(find_policy(settings));
  auto policy = TRY(remediation::parse_policy(source.text, source.directory));
  auto library = remediation::Library::open(policy);
  if (!library) return fail(library.error());
  CHECK_OK(fixes_are_there(policy, *library));
  return Read{std::move(source), std::move(policy)};
}

Result<int> check(const Settings& settings) {
  auto read = TRY(read_policy(settings));
  const auto& policy = read.policy;
  json::Object counts{{"targets", policy.targets.size()},        {"controls", policy.controls.size()},
                      {"config_rules", policy.held_rules.size()}, {"remediations", policy.remediations.size()},
                      {"decide", policy.decide.size()},          {"limits", policy.brakes.limits.size()},
                      {"freezes", policy.brakes.freezes.size()}, {"rules", policy.event_rules.size()},
                      {"functions", policy.functions.size()},    {"runbooks", policy.runbooks.size()},
                      {"notify", policy.channels.size()},        {"principals", policy.principals.size()}};
  json::Array not_evaluated;
  for (const auto& rule : policy.held_rules)
    if (!rule.why_not.empty()) not_evaluated.push_back(json::Object{{"rule", rule.name}, {"why_not", rule.why_not}});
  if (settings.json) {
    print_json(json::Object{{"ok", true}, {"policy", read.source.origin}, {"hash", policy.hash},
                            {"counts", std::move(counts)}, {"not_evaluated", std::move(not_evaluated)}});
    return exit_ok;
  }
  print_line(tone(Tone::good, "sound") + ": " + read.source.origin);
  for (const auto& [name, count] : counts)
    if (json::integer(count) > 0) print_line(fmt::format("  {:<14}{}", std::string_view(name), json::integer(count)));
  for (const auto& one : not_evaluated)
    print_line(fmt::format("  {} {}: {}", tone(Tone::warn, "not evaluated:"), json::text(one, "rule", ""),
                           json::text(one, "why_not", "")));
  return exit_ok;
}

template <typename Enum>
Result<Enum> word_of(std::string_view text, std::initializer_list<Enum> all, Enum otherwise) {
  if (text.empty()) return otherwise;
  for (auto one : all)
    if (remediation::name(one) == text) return one;
  return fail(Errc::invalid, "'{}' is none of {}", text, fmt::join(remediation::names_of(all), ", "));
}

// What the rehearsal shows, as the question supposes.
Result<std::optional<remediation::Rehearsal>> rehearsal_said(const PolicyQuestion& question) {
  using remediation::Confidence;
  using remediation::Disruption;
  if (question.disruption.empty() && question.confidence.empty() && !question.irreversible) return std::nullopt;
  remediation::Rehearsal out{.reversible = !question.irreversible};
  out.disruption = TRY(word_of(question.disruption, {Disruption::none, Disruption::access, Disruption::restart,
                                                     Disruption::stop}, Disruption::none));
  out.confidence = TRY(word_of(question.confidence, {Confidence::partial, Confidence::rehearsed, Confidence::proven},
                               Confidence::proven));
  return out;
}

// Which accounts an organization has is not asked here: any that is no target by itself is taken for one of them.
void take_for_member(remediation::Policy& policy, const std::string& account) {
  auto whole = std::ranges::find(policy.targets, true, &remediation::Target::organization);
  if (policy.target_for(account) || whole == policy.targets.end()) return;
  auto one = *whole;
  one.organization = false;
  one.account = account;
  policy.targets.push_back(std::move(one));
}

// The account that the question is about, as one of the policy's targets.
Result<std::string> account_asked(remediation::Policy& policy, const PolicyQuestion& question) {
  auto& targets = policy.targets;
  auto whole = std::ranges::find(targets, true, &remediation::Target::organization);
  auto account = question.account;
  if (account.empty() && targets.size() == 1 && whole == targets.end()) account = targets[0].account;
  if (account.empty() && whole != targets.end())
    return fail(Errc::invalid, "the policy's target is an organization: say with --account which of its accounts is "
                               "meant, and with --ou in which unit it is where a rule asks for one");
  if (account.empty()) return fail(Errc::invalid, "the policy has several targets: say --account");
  auto scope = TRY(gateway::checked({.account = account}, model::Models::embedded()));
  take_for_member(policy, scope.account);
  if (!question.unit.empty())
    for (auto& target : targets)
      if (target.account == account) target.units = {question.unit};
  return account;
}

Result<int> explain(const Settings& settings, const PolicyQuestion& question) {
  auto read = TRY(read_policy(settings));
  auto& policy = read.policy;
  const auto* control = policy.known->find(question.control);
  if (!control)
    return fail({.code = Errc::not_found, .message = "there is no control " + question.control, .number = "AR-0006"});
  auto account = TRY(account_asked(policy, question));
  auto facts = remediation::usual_facts(policy, *control, account);
  facts.source = question.source;
  facts.tags = TRY(named_values(question.tags, "tag"));
  facts.age = std::chrono::hours(question.age_hours);
  facts.rehearsal = TRY(rehearsal_said(question));
  auto verdict = remediation::decide(policy, facts);
  bool held = policy.enabled(question.control, account) != nullptr;
  if (!held)
    verdict.reasons.insert(verdict.reasons.begin(), "the control does not hold in this account: nothing is judged");
  if (settings.json) {
    print_json(json::Object{{"control", question.control},
                            {"account", account},
                            {"judged", held},
                            {"decision", remediation::name(verdict.decision)},
                            {"reasons", json::Array(verdict.reasons.begin(), verdict.reasons.end())}});
    return exit_ok;
  }
  print_line(tone(Tone::strong, remediation::name(verdict.decision)) + "  " + question.control + " in " + account);
  for (const auto& reason : verdict.reasons) print_line("  " + reason);
  return exit_ok;
}

Result<int> permissions(const Settings& settings, bool fixes) {
  auto read = TRY(read_policy(settings));
  auto library = TRY(remediation::Library::open(read.policy));
  auto needed = permissions_for(read.policy, library, fixes);
  print_json(needed.policy);
  if (!settings.quiet)
    for (const auto& one : needed.unknown) fmt::print(stderr, "not told by its text: {}\n", harmless(one));
  return exit_ok;
}

// What the policy makes of the ledger's remediations.
Result<std::vector<remediation::Redecided>> replayed(const Settings& settings, remediation::Policy& policy,
                                                    const report::Window& window) {
  auto ledger = TRY(open_ledger(settings));
  for (const auto& item : TRY(remediation::list_remediations(*ledger, {})))
    take_for_member(policy, text_of(json::at(item, "resource"), "account"));
  remediation::Hindsight hindsight(policy, *policy.known, window.since, window.until);
  CHECK_OK(ledger->database().read([&](store::Transaction& tx) {
    return ledger::each_entry(tx, [&](const ledger::Entry& entry) -> Result<> {
      hindsight.take(entry);
      return {};
    });
  }));
  return hindsight.end();
}

std::string was(const remediation::Redecided& one) {
  return one.was ? std::string(remediation::name(*one.was)) : "undecided";
}
std::string now(const remediation::Redecided& one) {
  return one.judged ? std::string(remediation::name(one.now)) : "not judged";
}

std::string to_the_minute(Timestamp time) { return time.iso().substr(0, std::string_view("2024-01-01T00:00").size()); }

// What would be capped: which starts wait, how long, and for what.
void print_held(const std::vector<remediation::Redecided>& all) {
  Table table({"OPENED", "WOULD WAIT UNTIL", "CONTROL", "RESOURCE", "FOR"});
  int held = 0;
  for (const auto& one : all) {
    if (!one.hold) continue;
    if (++held <= held_shown_max)
      table.row({{to_the_minute(one.at), Tone::faint}, {to_the_minute(one.hold->until), Tone::warn}, {one.control},
                 {one.resource.id}, {one.hold->reason}});
  }
  if (held == 0) return;
  print_line();
  print_line(fmt::format("{} would have waited for a limit or a freeze{}", held,
                         held > held_shown_max ? fmt::format("; the first {}:", held_shown_max) : ":"));
  table.print();
}

void print_replay(const std::vector<remediation::Redecided>& all) {
  std::map<std::string, std::pair<int, int>> counts;
  std::map<std::string, int> would;
  for (const auto& one : all) {
    ++counts[was(one)].first;
    ++counts[now(one)].second;
    ++would[now(one)];
  }
  auto rest = static_cast<int>(all.size()) - would["automatic"] - would["approval"] - would["manual"];
  print_line(fmt::format("It would fix {} without asking, ask about {}, leave {} to people, and let {} be.",
                         would["automatic"], would["approval"], would["manual"], rest));
  print_line();
  Table summary({"DECISION", "WAS", "WOULD BE"});
  for (const auto& [decision, count] : counts)
    summary.row({{decision, Tone::strong}, {std::to_string(count.first)}, {std::to_string(count.second)}});
  summary.print();
  print_held(all);
  print_line();
  Table changes({"WAS", "WOULD BE", "CONTROL", "RESOURCE", "BECAUSE"});
  bool any = false;
  for (const auto& one : all) {
    if (!one.changed()) continue;
    any = true;
    changes.row({{was(one)}, {now(one), Tone::strong}, {one.control}, {one.resource.id},
                 {one.reasons.empty() ? "" : one.reasons.back()}});
  }
  if (!any) return print_line("Nothing would be decided otherwise.");
  print_line("Decided otherwise:");
  changes.print();
}

// Controls of the policy that no remediation on record is by: what they would find, only a scan can tell.
std::vector<std::string> without_record(const remediation::Policy& policy,
                                        const std::vector<remediation::Redecided>& all) {
  std::set<std::string> seen, out;
  for (const auto& one : all) seen.insert(one.control);
  for (const auto& one : policy.controls)
    if (!seen.contains(one.id)) out.insert(one.id);
  return {out.begin(), out.end()};
}

void print_without_record(const std::vector<std::string>& controls) {
  if (controls.empty()) return;
  constexpr std::size_t shown_max = 10;
  auto shown = std::min(controls.size(), shown_max);
  print_line();
  print_line(fmt::format("Nothing on record is by {}{}: what would be found, aright scan tells.",
                         fmt::join(controls.begin(), controls.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                         controls.size() > shown ? fmt::format(" and {} more", controls.size() - shown) : ""));
}

Result<int> replay(const Settings& settings, const ReportOptions& options) {
  auto read = TRY(read_policy(settings));
  auto window = TRY(report::parse_window(options.since, options.until, SystemClock().now()));
  // A sandbox's clock is ahead of ours.
  if (options.until.empty()) window.until = {std::numeric_limits<std::int64_t>::max()};
  auto all = TRY(replayed(settings, read.policy, window));
  if (!settings.json) {
    if (all.empty()) {
      print_line("No remediation was opened in this time, or people asked for each: --since looks further back.");
      return exit_ok;
    }
    print_line(fmt::format("{} remediations, opened from {} to {}, under {}", all.size(), to_the_minute(all.front().at),
                           to_the_minute(all.back().at), read.source.origin));
    print_replay(all);
    print_without_record(without_record(read.policy, all));
    return exit_ok;
  }
  json::Array list;
  for (const auto& one : all) list.push_back(remediation::to_json(one));
  const auto missing = without_record(read.policy, all);
  print_json(json::Object{{"policy", read.source.origin},
                          {"since", window.since.iso()},
                          {"remediations", std::move(list)},
                          {"without_record", json::Array(missing.begin(), missing.end())}});
  return exit_ok;
}

}  // namespace

int policy_schema(const Settings&) {
  print_json(remediation::policy_schema());
  return exit_ok;
}

int policy_check(const Settings& settings) { return told(check(settings), settings.json); }

int policy_explain(const Settings& settings, const PolicyQuestion& question) {
  return told(explain(settings, question), settings.json);
}

int policy_permissions(const Settings& settings, bool fixes) {
  return told(permissions(settings, fixes), settings.json);
}

int policy_replay(const Settings& settings, const ReportOptions& options) {
  return told(replay(settings, options), settings.json);
}

}  // namespace aright::cli
