// The command line: what can be said, with its help. What is done stands in commands.h.

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/error.h"
#include "base/known.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/function_commands.h"
#include "cli/completion.h"
#include "cli/event_commands.h"
#include "cli/guard_commands.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/pack_commands.h"
#include "cli/terminal.h"
#include "remediation/exchange.h"
#include "server/question.h"

#ifndef ARIGHT_VERSION
#define ARIGHT_VERSION "0"
#endif

namespace {

using namespace aright::cli;

constexpr const char* footer = R"(Examples:
  aright demo                        play the four examples in a sandbox, then keep the console open
  aright sandbox --port 4566         an AWS account on loopback, for awscli, boto3 and tests
  aright serve --policy aright.yaml --endpoint-url http://127.0.0.1:4566
  aright scan && aright findings     look for what is out of policy
  aright plan fnd_…                  what a fix would change, call for call
  aright fix fnd_… --yes             do it, and verify it
  aright rollback rem_…              take it back

Exit codes: 0 done, 1 could not, 2 asked wrongly, 3 done and something is not compliant.)";

// Everything that can be said, filled by the parser.
struct Said {
  Settings settings{.state = default_state_directory(), .region = "us-east-1"};
  bool aws = false;
  std::string id, reason, until, channel, file, stream, document, only, crash_at, shell, status, own, pack;
  std::vector<std::string> list, parameters;
  FindingFilter filter;
  ReportOptions report;
  EvidenceOrder evidence;
  PolicyQuestion question;
  Waiting waiting;
  Listen listen;
  SandboxOptions sandbox;
  DemoOptions demo;
  FunctionChoice function;
  EventMatching matching;
  ReplayOptions replay;
  std::string pattern, event;
  FixOrder fix;
  Answer answer;
  HaltOrder halted;
  RollbackOrder back;
  PackOptions conformance;
  LedgerCheck check;
  std::string directory;
  ForEach for_each;
  bool yes = false, picture = false;
  long from = 0;
  int limit = 50;
};

using Action = std::function<int()>;

class CommandLine {
 public:
  CommandLine() {
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(footer);
    app.set_help_all_flag("--help-all", "Help for all commands");
    app.set_version_flag("--version", "aright " ARIGHT_VERSION, "Print the version");
    common();
    story();
    tools();
    events();
    running();
  }

  int run(std::vector<std::string> words) {
    // `aright help fix` is `aright fix --help`.
    if (auto said = plain_words(words); !said.empty() && said[0] == "help") {
      words.erase(std::ranges::find(words, "help"));
      words.emplace_back("--help");
    }
    try {
      app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // taken from the back
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() != 0) return asked_wrongly(error, words);
      app.exit(error);
      return exit_ok;
    }
    if (said.aws) said.settings.target = "aws";
    return action ? action() : exit_usage;
  }

 private:
  // Those that are neither options nor the values of options that stand before the command.
  std::vector<std::string> plain_words(const std::vector<std::string>& words) const {
    std::vector<std::string> out;
    bool value = false;
    for (const auto& word : words) {
      const auto* option = word.starts_with('-') ? app.get_option_no_throw(word) : nullptr;
      if (!value && !word.starts_with('-')) out.push_back(word);
      value = option && option->get_items_expected_min() > 0;
    }
    return out;
  }

  // Says what is wrong, and where the help to it stands.
  int asked_wrongly(const CLI::ParseError& error, const std::vector<std::string>& words) const {
    std::string asked = "aright";
    const CLI::App* at = &app;
    for (auto named = at->get_subcommands(); !named.empty(); named = at->get_subcommands()) {
      at = named.front();
      asked += " " + at->get_name();
    }
    std::string what = error.what();
    auto commands = names_of(*at);
    auto said_words = plain_words(words);
    auto word = std::ranges::find_if(said_words, [&](const auto& one) {
      return (" " + asked + " ").find(" " + one + " ") == std::string::npos;
    });
    if (!commands.empty() && error.get_name() != "ExtrasError" && word == said_words.end()) {
      fmt::print(stderr, "{}", at->help());
      return exit_usage;
    }
    if (!commands.empty() && word != said_words.end()) {
      auto meant = aright::nearest(*word, commands);
      what = fmt::format("there is no command '{} {}'", asked, *word) +
             (meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
    }
    if (!what.ends_with('?')) what += '.';
    aright::Error told{.code = aright::Errc::invalid, .message = fmt::format("{} Try: {} --help", what, asked)};
    print_error(told, std::ranges::find(words, "--json") != words.end());
    return exit_usage;
  }

  void common() {
    auto& s = said.settings;
    app.add_flag("--json", s.json, "Print results as JSON");
    app.add_flag("-q,--quiet", s.quiet, "No progress");
    app.add_option("--state", s.state, "Directory of the ledger and of the running server's address")
        ->envname("ARIGHT_STATE");
    app.add_option("--policy", s.policy, "Policy file; else ./aright.yaml, else the demonstration's")
        ->envname("ARIGHT_POLICY");
    app.add_option("--endpoint-url", s.target, "An AWS-compatible endpoint where the resources live")
        ->check(endpoint());
    app.add_flag("--aws", said.aws, "The resources live in AWS");
    app.add_option("--region", s.region, "Region, where a command needs one")->envname("AWS_REGION")->check(region());
    app.add_option("--profile", s.profile, "Profile of the AWS configuration files")->envname("AWS_PROFILE");
    app.add_option("--server", s.server, "URL of a running aright; else the one the state directory names")
        ->envname("ARIGHT_SERVER")->check(endpoint());
    app.add_option("--token", s.token, "Its bearer token")->envname("ARIGHT_TOKEN");
  }

  // Of commands; its help shows the examples of all of them.
  CLI::App* group(const char* name, const char* what) {
    auto* sub = app.add_subcommand(name, what);
    sub->require_subcommand(1)->fallthrough();
    sub->footer(examples_of(name));
    return sub;
  }

  CLI::App* command(const char* name, const char* what, const Action& does, CLI::App* parent = nullptr) {
    auto* sub = (parent ? parent : &app)->add_subcommand(name, what);
    sub->fallthrough();
    sub->footer(examples_of(parent ? parent->get_name() + " " + name : name));
    sub->callback([this, does] { action = does; });
    return sub;
  }

  void for_each(CLI::App* sub) {
    auto& s = said.for_each;
    auto* parameter = sub->add_option("--target-parameter-name", s.parameter, "The parameter that takes a target");
    auto* targets = sub->add_option("--targets", s.targets, "Once for each: Key=tag:env,Values=prod; repeat it")
                        ->needs(parameter);
    sub->add_option("--target-maps", s.maps, "Once for each: a JSON list of parameters")->excludes(targets);
    sub->add_option("--target-locations", s.locations, "Everywhere: Accounts=…,Regions=us-east-1; repeat it");
    sub->add_option("--max-concurrency", s.concurrency_max, "At most so many at one time, or a percentage");
    sub->add_option("--max-errors", s.errors_max, "Goes on after so many failures, or a percentage");
  }

  void waiting(CLI::App* sub) {
    sub->add_flag("--no-wait", said.waiting.no_wait, "Return at once");
    sub->add_option("--wait", said.waiting.seconds, "Seconds to wait for the end")->capture_default_str()
        ->check(CLI::Range(0, wait_s_max));
  }

  void story() {
    auto& s = said;
    const auto of_finding = id_of({"fnd_"});
    auto* scan_command = command("scan", "Read resources, judge them, open findings",
                                 [&] { return scan(s.settings, s.list); });
    scan_command->add_option("control", s.list, "Only these controls");

    auto* list = command("findings", "List findings", [&] { return findings(s.settings, s.filter); });
    list->add_option("--status", s.filter.status, "open, resolved or all")
        ->check(one_of("a status of findings", {"open", "resolved", "all"}))->capture_default_str();
    list->add_option("--control", s.filter.control, "Only of this control");
    list->add_option("--severity", s.filter.severity, "Only of this severity")
        ->check(one_of("a severity", {"informational", "low", "medium", "high", "critical"}));
    auto* format = list->add_option("--format", s.filter.format, "table; asff for Security Hub, ocsf for others")
                       ->check(one_of("a format of findings", {"table", "asff", "ocsf"}))->capture_default_str();
    list->add_option("--group-by", s.filter.group_by, "How many there are by control, severity, account …")
        ->check(one_of("what findings are grouped by", aright::remediation::group_words()))->excludes(format);

    auto* plan_command = command("plan", "Rehearse a fix and show what it would change; changes nothing",
                                 [&] { return plan(s.settings, s.id); });
    plan_command->add_option("finding", s.id, "fnd_…")->required()->check(of_finding);

    auto* fix_command = command("fix", "Set a finding right by the plan that is shown, and verify it",
                                [&] { return fix(s.settings, s.fix, s.waiting); });
    fix_command->add_option("finding", s.fix.finding, "fnd_…")->required()->check(of_finding);
    auto* yes = fix_command->add_flag("-y,--yes", s.fix.yes, "Do not ask");
    fix_command->add_option("--plan", s.fix.plan_hash,
                            "Hash of a plan that was seen: that one is carried out, or nothing is")
        ->check(hash())->excludes(yes);
    waiting(fix_command);

    answers();

    rollbacks();

    auto* runs = command("executions", "List executions, or show one step by step",
                         [&] { return executions(s.settings, s.id, s.status); });
    auto* one = runs->add_option("id", s.id, "exec_…")->check(id_of({"exec_"}));
    runs->add_option("--status", s.status, "Only of this status")
        ->check(one_of("a status of executions", aright::server::execution_statuses()))->excludes(one);

    auto* why_command = command("why", "Tell how a finding came to where it is", [&] { return why(s.settings, s.id); });
    why_command->add_option("finding", s.id, "fnd_…")->required()->check(of_finding);

    brake_commands();
    reports();
  }

  void reports() {
    auto& s = said;
    auto own = [&] { return report(s.settings, s.report); };
    auto* review = command("report", "Review how well it works: exposure, times, what held, and what to change", own);
    report_options(*review, s.report);
    auto* evidence = command("evidence", "Write what the ledger proves, as files that anybody can check",
                             [&] { return report_evidence(s.settings, s.report, s.evidence); }, review);
    evidence_options(*evidence, s.report, s.evidence);
    // The callback of the command above runs last, also when the one below it was meant.
    review->callback([this, own, review] {
      if (review->get_subcommands().empty()) action = own;
    });
  }

  void brake_commands() {
    auto& s = said;
    auto* exceptions = group("exceptions", "What nothing is done about by itself, and until when");
    command("list", "List those that hold", [&] { return exceptions_list(s.settings); }, exceptions);
    auto* set = command("set", "Leave a finding alone; a fix that a person asks for goes on",
                        [&] { return exceptions_set(s.settings, s.id, s.reason, s.until); }, exceptions);
    set->add_option("-m,--reason", s.reason, "Why; goes on record")->required();
    set->add_option("--until", s.until, "An instant, such as 2026-12-20T00:00:00Z; else until it is ended");
    auto* end = command("end", "End one; what waited is decided anew", [&] { return exceptions_end(s.settings, s.id); },
                        exceptions);
    for (auto* sub : {set, end}) sub->add_option("finding", s.id, "fnd_…")->required()->check(id_of({"fnd_"}));
    command("brakes", "Show what holds fixes back: the halt, freezes, limits, open breakers",
            [&] { return brakes(s.settings); });
    for (bool off : {true, false}) {
      auto* sub = off ? command("halt", "Stop all writes at once; they stay stopped, restarts included",
                                [&] { return halt(s.settings, s.halted); })
                      : command("resume", "Let writes go on after a halt", [&] {
                          s.halted.on = false;
                          return halt(s.settings, s.halted);
                        });
      sub->add_option("--account", s.halted.scope.account, "Only in this account");
      sub->add_option("--in-region", s.halted.scope.region, "Only in this region");
      sub->add_option("--service", s.halted.scope.service, "Only of this service: s3, ec2 …");
      sub->add_option("--control", s.halted.scope.control, "Only fixes and rollbacks of this control");
      if (!off) sub->add_flag("--all", s.halted.all, "End every halt there is");
      sub->add_option("-m,--reason", s.halted.reason, "Why; goes on record");
    }
  }

  void functions() {
    auto& s = said;
    auto* functions = group("function", "Lambda functions, run here");
    command("list", "List the functions of the policy", [&] { return function_list(s.settings); }, functions);
    auto* show = command("show", "Show one: what runs it, its files and its bounds",
                         [&] { return function_show(s.settings, s.function); }, functions);
    auto* invoke = command("invoke", "Invoke one with an event, and print what it returns",
                           [&] { return function_invoke(s.settings, s.function); }, functions);
    for (auto* sub : {show, invoke}) {
      sub->add_option("function", s.function.what, "A name of the policy, a folder, a zip, or an ARN to ask AWS for")
          ->required();
      sub->add_option("--handler", s.function.handler, "Of a folder or a zip: file.function; else the usual ones");
      sub->add_option("--runtime", s.function.runtime, "Of a folder or a zip: python3.11, nodejs20.x, provided…");
    }
    invoke->add_option("-e,--event", s.function.event, "JSON, a file, or - for standard input; else {}");
    auto* test = command("test", "Play tests of functions in an emulated account, in virtual time",
                         [&] { return function_test(s.settings, s.list, s.only); }, functions);
    test->add_option("what", s.list, "Test files")->required();
    test->add_option("--only", s.only, "Tests whose name holds this");
  }

  void policy() {
    auto& s = said;
    auto* policy = group("policy", "The policy file by itself: nothing is called, and nothing is changed");
    auto* check = command("check", "Check it, with the place of each fault", [&] { return policy_check(s.settings); },
                          policy);
    auto* explain = command("explain", "Tell who would decide about a fix, and why",
                            [&] { return policy_explain(s.settings, s.question); }, policy);
    auto* replay = command("replay", "Tell how it would have decided about what is on record",
                           [&] { return policy_replay(s.settings, s.report); }, policy);
    for (auto* sub : {check, replay}) sub->add_option("file", s.settings.policy, "The file; else that of --policy");
    explain->add_option("control", s.question.control, "Its id")->required();
    explain->add_option("--account", s.question.account, "Of the resource; else the only target's");
    explain->add_option("--source", s.question.source, "Who found it")->capture_default_str();
    explain->add_option("--tag", s.question.tags, "Of the resource: Name=value; repeat it");
    replay->add_option("--since", s.report.since, "30d, 12h, 2w, a day or an instant; else 30d before the end");
    replay->add_option("--until", s.report.until, "A day or an instant; else the end of the ledger");
  }

  void controls() {
    auto& s = said;
    auto* controls = group("controls", "What is required, how it is judged, and what sets it right");
    auto* list = command("list", "List the controls",
                         [&] { return controls_list(s.settings, s.own, s.pack); }, controls);
    list->add_option("--pack", s.pack, "Those of this pack, with what its standard calls them");
    auto* show = command("show", "Show one control", [&] { return controls_show(s.settings, s.own, s.id); }, controls);
    show->add_option("control", s.id, "Its id")->required();
    for (auto* sub : {list, show})
      sub->add_option("--own", s.own, "A directory of your own controls beside the catalog");
    command("packs", "List the packs of the catalog", [&] { return controls_packs(s.settings); }, controls);
    auto* fresh = command("new", "Make a folder with a control of your own that works, and its tests",
                          [&] { return controls_new(s.settings, s.id, s.own.empty() ? "controls" : s.own); }, controls);
    fresh->add_option("id", s.id, "Its id: small letters, digits and hyphens")->required();
    fresh->add_option("--own", s.own, "The directory that gets the folder (controls)");
    auto* test = command("test", "Play tests of controls in an emulated account: judge, set right, verify, take back",
                         [&] { return controls_test(s.settings, s.list, s.only); }, controls);
    test->add_option("what", s.list, "Test files, folders of controls, or ids; else all of the catalog's");
    test->add_option("--only", s.only, "Tests whose name holds this");
  }

  void packs() {
    auto& s = said;
    auto* packs = group("pack", "Conformance packs: public ones, as they are");
    auto* check = command("check", "Tell which rules of a template can be evaluated, and why others can't; offline",
                          [&] { return pack_check(s.settings, s.conformance); }, packs);
    check->add_option("file", s.conformance.files, "Templates, YAML or JSON")->required();
    check->add_option("--own", s.conformance.own, "A directory of your own controls beside the catalog");
    auto* deploy = command("deploy", "Put a pack into the policy file; shows what would change, and asks",
                           [&] { return pack_deploy(s.settings, s.conformance); }, packs);
    deploy->add_option("file", s.conformance.files, "The template")->required()->expected(1);
    deploy->add_option("--name", s.conformance.name, "Of the pack; else the file's. One of this name is replaced");
    deploy->add_flag("-y,--yes", s.conformance.yes, "Do not ask");
    for (auto* sub : {check, deploy})
      sub->add_option("-p,--param,--parameter", s.conformance.parameters, "Name=value; repeat it");
    auto* status = command("status", "Compliance of each rule of a pack that the policy holds",
                           [&] { return pack_status(s.settings, s.conformance); }, packs);
    status->add_option("pack", s.conformance.files, "Its name, or its template")->required()->expected(1);
  }

  void tools() {
    auto& s = said;
    auto* runbook = group("runbook", "Systems Manager Automation documents");
    auto* validate = command("validate", "Check documents, with the place of each fault",
                             [&] { return runbook_validate(s.settings, s.list); }, runbook);
    validate->add_option("file", s.list, "YAML or JSON")->required();
    auto* run_command = command("run", "Run a document by itself", [&] {
      return runbook_run(s.settings, {s.document, s.parameters, s.yes, s.for_each}, s.waiting);
    }, runbook);
    auto* rehearse_command = command("rehearse", "Run a document on a copy, and show what it would change",
                                     [&] { return runbook_rehearse(s.settings, {s.document, s.parameters}); },
                                     runbook);
    for (auto* sub : {run_command, rehearse_command}) {
      sub->add_option("document", s.document, "A file, or the name of a runbook")->required();
      sub->add_option("-p,--param,--parameter", s.parameters, "Name=value; repeat it");
    }
    run_command->add_flag("-y,--yes", s.yes, "Approve whatever the document asks, when it is run by itself");
    for_each(run_command);
    waiting(run_command);
    auto* explain = command("explain", "Show a document's flow, its AWS calls and the permissions it needs",
                            [&] { return runbook_explain(s.settings, s.document, s.picture); }, runbook);
    explain->add_option("document", s.document, "A file, or the name of a runbook")->required();
    explain->add_flag("--svg", s.picture, "Print the flow as an SVG image instead");
    auto* test_command = command("test", "Play tests of documents in an emulated account, in virtual time",
                                 [&] { return runbook_test(s.settings, s.list, s.only); }, runbook);
    test_command->add_option("what", s.list, "Test files, or names of runbooks; else all of the catalog's");
    test_command->add_option("--only", s.only, "Tests whose name holds this");
    functions();
    policy();
    controls();
    packs();

    add_guard(app, s.settings.json, [this](Action chosen) { action = std::move(chosen); });

    ledger();
    notifications();

    command("version", "Print the version", [&] {
      if (s.settings.json)
        print_json(aright::json::Object{{"version", ARIGHT_VERSION}});
      else
        print_line("aright " ARIGHT_VERSION);
      return exit_ok;
    });
    auto* complete = command("completion", "Print a completion script for a shell: source <(aright completion bash)",
                             [&] { return completion(app, s.shell, s.settings.json); });
    complete->add_option("shell", s.shell, "bash, zsh or fish")
        ->required()
        ->check(one_of("a shell", {"bash", "zsh", "fish"}));
  }

  void events() {
    auto& s = said;
    auto* parent = group("events", "Events: matched without a server, or told to one");
    auto* match = command("match", "Tell for each event which rules match it",
                          [&] { return events_match(s.settings, s.matching); }, parent);
    match->add_option("--rules", s.matching.rules, "Rules, one a line: {\"id\": …, \"pattern\": …}")->required();
    match->add_option("events", s.matching.events, "Files of events, one JSON object a line; else standard input");
    auto* count = match->add_flag("--count", s.matching.count,
                                  "Only totals: events for each rule, events that match any");
    auto* bench = match->add_option("--bench", s.matching.bench_s,
                                    "Match from memory for so many seconds; print events/s");
    bench->check(CLI::Range(0.01, 3600.0));
    match->add_flag("--keep-going", s.matching.keep_going,
                    "A line that is no event gives null, and exit code 2 at the end");
    count->excludes(bench);
    auto* test = command("test-pattern", "Does an event match a pattern? Exit code 0, or 3 when it does not",
                         [&] { return events_test_pattern(s.settings, s.pattern, s.event); }, parent);
    test->add_option("--pattern", s.pattern, "The pattern: a file, - or JSON text")->required();
    test->add_option("--event", s.event, "The event: a file, - or JSON text")->required();
    auto* put = command("put", "Tell events, or the records of CloudTrail log files, to a running aright",
                        [&] { return events_put(s.settings, s.list); }, parent);
    put->add_option("events", s.list, "Files and directories, one JSON object a line; else standard input");
    replays(parent);
  }

  void replays(CLI::App* parent) {
    auto& s = said;
    command("archive", "What the policy archives, and the replays so far", [&] { return events_archive(s.settings); },
            parent);
    auto* replay = command("replay", "Hand archived events in once more, under the name of the replay",
                           [&] { return events_replay(s.settings, s.replay); }, parent);
    replay->add_option("name", s.replay.name, "Of the replay: the events carry it as replay-name")->required();
    replay->add_option("--archive", s.replay.archive, "Archive of the policy")->required();
    replay->add_option("--from", s.replay.from, "Time of the first events: 2024-05-01T10:00:00Z")->required();
    replay->add_option("--until", s.replay.until, "Events before this time; else until now");
    replay->add_option("--rule", s.replay.rules, "Only this event rule sees them; may be given more than once")
        ->allow_extra_args(false);
    replay->add_flag("--again", s.replay.again, "Open remediations also for events that led to one already");
    replay->add_option("--max", s.replay.events_max, "At most so many events; else 10,000")
        ->check(CLI::Range(1, 1'000'000));
  }

  void ledger() {
    auto& s = said;
    auto* ledger = group("ledger", "The record of all that happened");
    auto* show = command(
        "show", "Print entries", [&] { return ledger_show(s.settings, s.stream, s.from, s.limit); },
        ledger);
    auto* stream = show->add_option("stream", s.stream, "Only of this finding, remediation, execution, signal or plan")
                       ->check(id_of({"fnd_", "rem_", "exec_", "sig_", "plan_", "esc_"},
                                     {"engine", "scans", "schedule/", "replay/", "source/"}));
    show->add_option("--from", s.from, "First position; else the end of the ledger")
        ->check(CLI::PositiveNumber)->excludes(stream);
    show->add_option("--limit", s.limit, "At most so many")->capture_default_str()->check(CLI::Range(1, 10'000));
    auto* verify = command("verify", "Check that no entry was edited, added or removed, and that the rest is as said",
                           [&] { return ledger_verify(s.settings, s.check); }, ledger);
    verify->add_option("file", s.check.file,
                       "A ledger file, an export, or proofs (.json); else the state directory's ledger");
    verify->add_option("--since", s.check.since, "A checkpoint that was kept elsewhere, which it must continue");
    verify->add_option("--key", s.check.key, "Whose signature counts, or the file that has it");
    command("rebuild", "Make everything beside the entries anew from them; the file as it was is kept",
            [&] { return ledger_rebuild(s.settings); }, ledger);
    proofs(ledger);
  }

  void notifications() {
    auto& s = said;
    auto* notify = group("notify", "Where messages go");
    command("list", "The policy's channels", [&] { return notify_list(s.settings); }, notify);
    auto* test = command("test", "Send a message to a channel now, and say what came of it",
                         [&] { return notify_test(s.settings, s.channel); }, notify);
    test->add_option("channel", s.channel, "Its name")->required();
  }

  // What can be shown to those who do not hold it.
  void proofs(CLI::App* ledger) {
    auto& s = said;
    auto* checkpoint = command("checkpoint", "Print the ledger's size and its tree's root, signed: keep it elsewhere",
                               [&] { return ledger_checkpoint(s.settings, s.file); }, ledger);
    command("key", "Print the public key that its checkpoints are signed with", [&] { return ledger_key(s.settings); },
            ledger);
    auto* prove = command("prove", "Print entries, with the proof that they are on the ledger",
                          [&] { return ledger_prove(s.settings, s.list, s.file); }, ledger);
    prove->add_option("what", s.list, "Remediations (with their executions), other ids, or positions")->required();
    for (auto* sub : {checkpoint, prove}) sub->add_option("-o,--output", s.file, "Write to this file");
    auto* to = command("export", "Write the ledger as files that anybody can check, with the program that does",
                       [&] { return ledger_export(s.settings, s.directory, s.list); }, ledger);
    to->add_option("directory", s.directory, "A directory that does not exist, or is empty")->required();
    to->add_option("--redact", s.list, "Keep back what entries of this kind say; may be given more than once")
        ->allow_extra_args(false);
  }

  void rollbacks() {
    auto& s = said;
    auto* back = command("rollback", "Take fixes back, keeping what others changed since", [&] {
      if (!s.id.empty()) return roll_back(s.settings, s.id, s.back.reason, s.waiting);
      return roll_back_control(s.settings, s.back, s.waiting);
    });
    auto* one = back->add_option("id", s.id, "rem_… or fnd_…")->check(id_of({"rem_", "fnd_"}));
    auto* all = back->add_option("--control", s.back.control, "Every fix of this control, the latest first");
    back->add_option("--since", s.back.since, "Only those since then: 2h, 7d, a day or an instant; else 30d")
        ->needs(all);
    back->add_flag("-y,--yes", s.back.yes, "Do not ask")->needs(all);
    back->add_option("-m,--reason", s.back.reason, "Why; goes on record");
    one->excludes(all);
    waiting(back);
  }

  // To what waits for a person.
  void answers() {
    auto& s = said;
    command("approvals", "What waits for a person, who is asked, and who agreed",
            [&] { return approvals(s.settings); });
    command("escalations", "What people are told again and again, until somebody sees to it",
            [&] { return escalations(s.settings); });
    auto* ack = command("ack", "Say that you see to an escalation: nobody else is told",
                        [&] { return acknowledge(s.settings, s.id, s.answer.comment); });
    acknowledge_options(*ack, s.id, s.answer.comment);
    for (bool yes : {true, false}) {
      auto* sub = yes ? command("approve", "Approve a plan, or a runbook's step that waits",
                                [&] { return approve(s.settings, s.answer, s.waiting); })
                      : command("reject", "Reject a plan, or a runbook's step that waits",
                                [&] { return reject(s.settings, s.answer, s.waiting); });
      answer_options(*sub, s.answer);
      waiting(sub);
    }
  }

  void listen(CLI::App* sub) {
    sub->add_option("--host", said.listen.host, "Address to listen on")->capture_default_str();
    sub->add_option("--port", said.listen.port, "Port; 0 takes any free one")->check(CLI::Range(0, 65535))
        ->capture_default_str();
  }

  void running() {
    auto& s = said;
    auto* demo_command = command("demo", "Play the four examples in a sandbox account", [&] {
      s.demo.listen = s.listen;
      return demo(s.settings, s.demo);
    });
    demo_command->add_flag("--once", s.demo.once, "Unattended: play, take back, and exit 0 only when all went well");
    listen(demo_command);

    auto* sandbox_command = command("sandbox", "An AWS account on loopback, with the real wire protocols", [&] {
      s.sandbox.listen = s.listen;
      return sandbox(s.settings, s.sandbox);
    });
    sandbox_command->add_option("--file", s.sandbox.file, "Keep its state here between runs");
    sandbox_command->add_flag("--empty", s.sandbox.empty, "Without the demonstration's resources");
    sandbox_command->add_option("--account", s.sandbox.accounts,
                                "ID or ID:KEY:SECRET: an account and the key of its root; repeat it for more");
    sandbox_command->add_flag("--authorize", s.sandbox.authorize, "IAM policies decide over every call");
    sandbox_command->add_option("--scp", s.sandbox.service_control,
                                "File with a service control policy of every account; with --authorize");
    sandbox_command->add_option("--faults", s.sandbox.faults, "File that says what shall go wrong");
    sandbox_command->add_option("--speed", s.sandbox.speed, "Its seconds in one of ours")->capture_default_str()
        ->check(CLI::Range(0.001, 1e6));
    listen(sandbox_command);

    auto* serve_command = command(
        "serve", "Detect, decide, plan, ask, fix and verify, until stopped; with console and API",
        [&] { return serve(s.settings, s.listen, s.crash_at); });
    serve_command->add_option("--crash-at", s.crash_at, "For tests: kill this process before:N or after:N appends")
        ->group("");
    listen(serve_command);
  }

  CLI::App app{
      "Sets cloud resources aright: finds what is out of policy, works out the fix, rehearses it, "
      "asks where it "
      "must, applies exactly what was approved, proves that it worked, and can take it back.",
      "aright"};
  Said said;
  Action action;
};

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  return line.run({argv + 1, argv + argc});
}
