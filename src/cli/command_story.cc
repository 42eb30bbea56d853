// Commands of the story, of people, and of what runs.

#include "cli/checks.h"
#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/options.h"
#include "remediation/exchange.h"
#include "server/question.h"

namespace aright::cli {

void CommandLine::story() {
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
  why_command->add_option("finding", s.id, "fnd_…, or the id or ARN of a resource: each of its findings")->required();

  brake_commands();

  reports();
}

void CommandLine::reports() {
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

void CommandLine::brake_commands() {
  auto& s = said;
  auto* exceptions = group("exceptions", "What nothing is done about by itself, and until when");
  command("list", "List those that hold", [&] { return exceptions_list(s.settings); }, exceptions);
  auto* set = command("set", "Leave a finding alone; a fix that a person asks for goes on",
                      [&] { return exceptions_set(s.settings, s.exception); }, exceptions);
  set->add_option("-m,--reason", s.exception.reason, "Why; goes on record")->required();
  set->add_option("--until", s.exception.until, "An instant, such as 2026-12-20T00:00:00Z; else until it is ended");
  set->add_option("--owner", s.exception.owner, "Who answers for it");
  set->add_option("--compensating-control", s.exception.compensating,
                      "Void as soon as the resource fails this control");
  set->add_option("--remind-s", s.exception.reminders, "Seconds before its end at which people hear of it; repeat it");
  auto* end = command("end", "End one; what waited is decided anew",
                      [&] { return exceptions_end(s.settings, s.exception.finding); }, exceptions);
  for (auto* sub : {set, end})
    sub->add_option("finding", s.exception.finding, "fnd_…")->required()->check(id_of({"fnd_"}));
  command("autonomy", "What each control's fix has earned, and by which figures", [&] { return autonomy(s.settings); });
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

void CommandLine::rollbacks() {
  auto& s = said;
  auto* back = command("rollback", "Take fixes back, keeping what others changed since",
                       [&] { return roll_back(s.settings, s.back, s.waiting); });
  auto* ones = back->add_option("id", s.back.ids, "rem_… or fnd_…, one or more: those approved together")
                   ->check(id_of({"rem_", "fnd_"}));
  auto* all = back->add_option("--control", s.back.control, "Every fix of this control, the latest first");
  back->add_option("--since", s.back.since, "Only those since then: 2h, 7d, a day or an instant; else 30d")
      ->needs(all);
  auto* plan = back->add_option("--plan", s.back.plan_hash, "Everything that was done by the plan of this hash")
                   ->excludes(all);
  back->add_flag("-y,--yes", s.back.yes, "Do not ask");
  back->add_option("-m,--reason", s.back.reason, "Why; goes on record");
  ones->excludes(all)->excludes(plan);
  waiting(back);
}

// To what waits for a person.
void CommandLine::answers() {
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

void CommandLine::notifications() {
  auto& s = said;
  auto* notify = group("notify", "Where messages go");
  command("list", "The policy's channels", [&] { return notify_list(s.settings); }, notify);
  auto* test = command("test", "Send a message to a channel now, and say what came of it",
                       [&] { return notify_test(s.settings, s.channel); }, notify);
  test->add_option("channel", s.channel, "Its name")->required();
}

void CommandLine::running() {
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
      [&] {
        s.serve.listen = s.listen;
        return serve(s.settings, s.serve);
      });
  serve_command->add_option("--log-format", s.serve.log_format, "text, or json: one object a line")
      ->check(one_of("a format of log lines", {"text", "json"}))->capture_default_str();
  serve_command->add_option("--log-level", s.serve.log_level, "The least that is logged: debug, info, warn or error")
      ->check(one_of("a level of log lines", {"debug", "info", "warn", "error"}))->capture_default_str();
  serve_command->add_option("--otlp-endpoint", s.serve.otlp_endpoint,
                            "Where spans go: an OpenTelemetry collector's URL; else OTEL_EXPORTER_OTLP_ENDPOINT")
      ->check(endpoint());
  serve_command->add_option("--worker", s.serve.worker, "Its name among those that share the store; else a new one");
  serve_command->add_option("--lease", s.serve.lease_seconds, "Seconds without a word until others take its work")
      ->check(CLI::Range(2, 300))->capture_default_str();
  serve_command->add_option("--turns", s.serve.turns, "Remediations that it is at at one time, each in a thread")
      ->check(CLI::Range(1, 512))->capture_default_str();
  serve_command->add_option("--readers", s.serve.readers, "Connections that read the store; others write and listen")
      ->check(CLI::Range(1, 64))->capture_default_str();
  serve_command->add_option("--crash-at", s.serve.crash_at, "For tests: kill this process before:N or after:N appends")
      ->group("");
  listen(serve_command);
}

}  // namespace aright::cli
