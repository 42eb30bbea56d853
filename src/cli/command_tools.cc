// Commands that work without a story: runbooks, functions, controls, packs, events, Guard, the policy and the ledger.

#include "cli/checks.h"
#include "cli/command_line.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/terminal.h"

namespace aright::cli {

void CommandLine::functions() {
  auto& s = said;
  auto* functions = group("function", "Lambda functions, run here");
  command("list", "List the functions of the policy", [&] { return function_list(s.settings); }, functions);
  auto* show = command("show", "Show one: what runs it, its files and its bounds",
                       [&] { return function_show(s.settings, s.function); }, functions);
  auto* invoke = command("invoke", "Invoke one with an event, and print what it returns",
                         [&] { return function_invoke(s.settings, s.function); }, functions);
  auto* rehearse = command("rehearse", "Run one on a copy, and show what it would change",
                           [&] { return function_rehearse(s.settings, s.function); }, functions);
  for (auto* sub : {show, invoke, rehearse}) {
    sub->add_option("function", s.function.what,
                    sub == rehearse ? "A name of the policy, a folder or a zip"
                                    : "A name of the policy, a folder, a zip, or an ARN to ask AWS for")
        ->required();
    sub->add_option("--handler", s.function.handler, "Of a folder or a zip: file.function; else the usual ones");
    sub->add_option("--runtime", s.function.runtime, "Of a folder or a zip: python3.11, nodejs20.x, provided…");
  }
  for (auto* sub : {invoke, rehearse})
    sub->add_option("-e,--event", s.function.event, "JSON, a file, or - for standard input; else {}");
  auto* test = command("test", "Play tests of functions in an emulated account, in virtual time",
                       [&] { return function_test(s.settings, s.list, s.only); }, functions);
  test->add_option("what", s.list, "Test files")->required();
  test->add_option("--only", s.only, "Tests whose name holds this");
}

void CommandLine::policy() {
  auto& s = said;
  auto* policy = group("policy", "The policy file by itself: nothing is called, and nothing is changed");
  command("schema", "Print the policy's JSON schema, for editors", [&] { return policy_schema(s.settings); }, policy);
  auto* check = command("check", "Check it, with the place of each fault", [&] { return policy_check(s.settings); },
                        policy);
  auto* explain = command("explain", "Tell who would decide about a fix, and why",
                          [&] { return policy_explain(s.settings, s.question); }, policy);
  auto* replay = command("replay", "Tell how it would have decided about what is on record",
                         [&] { return policy_replay(s.settings, s.report); }, policy);
  auto* permissions = command("permissions", "Print the IAM policy that it takes to judge and to plan",
                              [&] { return policy_permissions(s.settings, s.fixes); }, policy);
  permissions->add_flag("--fixes", s.fixes, "And to set right, and to take back");
  for (auto* sub : {check, replay, permissions})
    sub->add_option("file", s.settings.policy, "The file; else that of --policy");
  explain->add_option("control", s.question.control, "Its id")->required();
  explain->add_option("--account", s.question.account, "Of the resource; else the only target's");
  explain->add_option("--ou", s.question.unit, "The account's organizational unit, where a rule asks for it");
  explain->add_option("--source", s.question.source, "Who found it")->capture_default_str();
  explain->add_option("--tag", s.question.tags, "Of the resource: Name=value; repeat it");
  explain->add_option("--age-hours", s.question.age_hours, "Of the finding");
  explain->add_option("--disruption", s.question.disruption, "As the rehearsal shows: none, access, restart, stop");
  explain->add_option("--confidence", s.question.confidence, "Of the rehearsal: partial, rehearsed, proven");
  explain->add_flag("--irreversible", s.question.irreversible, "The rehearsal shows no way back");
  replay->add_option("--since", s.report.since, "30d, 12h, 2w, a day or an instant; else 30d before the end");
  replay->add_option("--until", s.report.until, "A day or an instant; else the end of the ledger");
}

void CommandLine::controls() {
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

void CommandLine::packs() {
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

void CommandLine::natives() {
  auto& s = said;
  auto* exports = group("export", "The policy in AWS's own words, for running without aright");
  auto* cloudformation =
      command("cloudformation", "Print a CloudFormation template, and tell what is not in it",
              [&] { return export_cloudformation(s.settings, s.native); }, exports);
  cloudformation->add_option("--format", s.native.format, "yaml or json")->capture_default_str()
      ->check(one_of("a format", {"yaml", "json"}));
  cloudformation->add_option("--to", s.native.to, "A directory: templates of a size that a request takes");
  auto* deploy_command = command("deploy", "Put it into an account: shows what would change, and asks",
                                 [&] { return deploy(s.settings, s.native); });
  deploy_command->add_option("--target", s.native.target, "aws, or the URL of a compatible endpoint");
  deploy_command->add_option("-p,--param,--parameter", s.native.parameters, "Of the template: Name=value; repeat it");
  deploy_command->add_flag("-y,--yes", s.native.yes, "Do not ask");
  for (auto* sub : {cloudformation, deploy_command}) {
    sub->add_option("--stack-name", s.native.stack, "Of the stack, and of the templates' files")->capture_default_str();
    sub->add_flag("--own-documents", s.native.own_documents, "aright's documents in place of AWS's");
  }
}

void CommandLine::tools() {
  auto& s = said;
  auto* runbook = group("runbook", "Systems Manager Automation documents");
  command("list", "List the runbooks of the catalog and the policy", [&] { return runbook_list(s.settings); }, runbook);
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
  natives();

  add_guard(app, s.settings.json, [this](Action chosen) { action = std::move(chosen); });

  ledger();
  stores();
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

void CommandLine::events() {
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

void CommandLine::replays(CLI::App* parent) {
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

void CommandLine::ledger() {
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

// Many workers, and the store that they share.
void CommandLine::stores() {
  auto& s = said;
  command("fleet", "Who works on the store, and what they hold", [&] { return aright::cli::fleet(s.settings); });
  auto* store = group("store", "Where the ledger is kept: a file, or PostgreSQL for several workers");
  auto* migrate = command("migrate", "Carry the ledger to another store; the old one stays as it is",
                          [&] { return store_migrate(s.settings, s.migration); }, store);
  migrate->add_option("--from", s.migration.from,
                      "sqlite (the state directory's file), postgres (the one --store names), a file, or a URL")
      ->required();
  migrate->add_option("--to", s.migration.to, "The same; nothing may be there")->required();
}

// What can be shown to those who do not hold it.
void CommandLine::proofs(CLI::App* ledger) {
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

}  // namespace aright::cli
