// scan, findings, plan, fix, approve, reject, rollback, why, executions: the story, told and moved on.

#include <iostream>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "cli/terminal.h"
#include "net/url.h"

namespace aright::cli {

namespace {

std::string text_of(const json::Value& value, std::string_view member) { return json::text(value, member, ""); }

// Runs a command's body, and tells its failure as every command does.
int told(const Settings& settings, const std::function<Result<int>()>& body) {
  auto code = body();
  if (code) return *code;
  print_error(code.error(), settings.json);
  return exit_failed;
}

bool confirmed(const std::string& question) {
  fmt::print(stderr, "{} [y/N] ", question);
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

// A remediation by its id, or the latest one of a finding.
Result<json::Value> find_remediation(Desk& desk, const std::string& id) {
  if (!id.starts_with("fnd_")) return desk.get("/remediations/" + id);
  auto finding = TRY(desk.get("/findings/" + id));
  auto remediation = text_of(finding, "remediation");
  if (remediation.empty()) return fail(Errc::not_found, "finding {} has no remediation yet; start one with fix", id);
  return desk.get("/remediations/" + remediation);
}

Result<int> finish(Desk& desk, const Settings& settings, const std::string& id, const Waiting& waiting,
                   std::initializer_list<std::string_view> good) {
  auto remediation = TRY(follow(desk, settings, id, waiting));
  if (settings.json)
    print_json(remediation);
  else
    print_remediation(remediation);
  return waiting.no_wait ? exit_ok : exit_of(remediation, good);
}

// The step of the remediation's execution that waits for a person.
struct WaitingStep {
  std::string execution, step;
};
Result<std::optional<WaitingStep>> waiting_step(Desk& desk, const std::string& remediation, const std::string& step) {
  auto approvals = TRY(desk.get("/approvals"));
  for (const auto& item : json::items(json::at(approvals, "approvals"))) {
    bool ours = text_of(item, "remediation") == remediation || text_of(item, "execution") == remediation;
    if (ours && text_of(item, "kind") == "step" && (step.empty() || text_of(item, "step") == step))
      return WaitingStep{text_of(item, "execution"), text_of(item, "step")};
  }
  return std::nullopt;
}

int answer(const Settings& settings, const std::string& id, const std::string& step, const std::string& comment,
           const Waiting& waiting, bool yes) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    std::string remediation = id;
    if (!id.starts_with("exec_")) {
      auto found = TRY(find_remediation(*desk, id));
      remediation = text_of(found, "id");
      if (text_of(found, "stage") == "awaiting_approval") {
        TRY(desk->post("/remediations/" + remediation + (yes ? "/approve" : "/reject"),
                       {{"plan_hash", json::at(found, "plan_hash")}, {"comment", comment}}));
        return finish(*desk, settings, remediation, waiting, {"resolved", "executing", "closed"});
      }
    }
    auto open = TRY(waiting_step(*desk, remediation, step));
    if (!open) return fail(Errc::conflict, "nothing of {} waits for a person", id);
    auto execution = TRY(desk->post(
        "/executions/" + open->execution + "/signal",
        {{"type", yes ? "Approve" : "Reject"}, {"step", open->step}, {"comment", comment}}));
    if (id.starts_with("exec_")) {
      if (settings.json)
        print_json(execution);
      else
        print_execution(execution);
      return exit_ok;
    }
    return finish(*desk, settings, remediation, waiting, {"resolved", "executing", "closed", "escalated"});
  });
}

}  // namespace

int scan(const Settings& settings, const std::vector<std::string>& controls) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    Progress progress(settings.quiet || settings.json);
    progress.say("reading resources …");
    auto report = TRY(desk->post("/scan", {{"controls", json::Array(controls.begin(), controls.end())}}));
    progress.clear();
    auto bad = json::integer(json::at(report, "non_compliant"));
    if (settings.json) {
      print_json(report);
      return bad > 0 ? exit_non_compliant : exit_ok;
    }
    print_line(fmt::format("{} evaluations, {} non-compliant, {} new findings",
                           json::integer(json::at(report, "evaluated")), bad,
                           json::integer(json::at(report, "findings_opened"))));
    for (const auto& gap : json::items(json::at(report, "gaps")))
      print_line(tone(Tone::warn, "not read: ") + text_of(gap, "what") + ": " + text_of(gap, "why"));
    if (bad > 0) print_line("See them with `aright findings`.");
    return bad > 0 ? exit_non_compliant : exit_ok;
  });
}

int findings(const Settings& settings, const FindingFilter& filter) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    net::Query query;
    if (filter.status != "all") query.emplace_back("status", filter.status);
    if (!filter.control.empty()) query.emplace_back("control", filter.control);
    if (!filter.severity.empty()) query.emplace_back("severity", filter.severity);
    auto answer = TRY(desk->get("/findings?" + net::build_query(query)));
    if (settings.json) {
      print_json(answer);
      return exit_ok;
    }
    Table table({"SEVERITY", "RESOURCE", "CONTROL", "STAGE", "FINDING"});
    for (const auto& item : json::items(json::at(answer, "findings"))) {
      auto severity = text_of(item, "severity");
      auto stage = text_of(item, "stage");
      table.row({{severity, tone_of_severity(severity)},
                 {text_of(json::at(item, "resource"), "id"), Tone::strong},
                 {text_of(item, "control")},
                 {stage, tone_of_stage(stage)},
                 {text_of(item, "id"), Tone::faint}});
    }
    if (json::items(json::at(answer, "findings")).empty())
      print_line("No findings. `aright scan` looks for them.");
    else
      table.print();
    return exit_ok;
  });
}

int plan(const Settings& settings, const std::string& finding) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    Progress progress(settings.quiet || settings.json);
    progress.say("rehearsing …");
    auto made = TRY(desk->post("/findings/" + finding + "/plan"));
    progress.clear();
    if (settings.json)
      print_json(made);
    else
      print_plan(made);
    return exit_ok;
  });
}

int fix(const Settings& settings, const std::string& finding, bool yes, const Waiting& waiting) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    if (!yes) {
      Progress progress(settings.quiet || settings.json);
      progress.say("rehearsing …");
      auto made = TRY(desk->post("/findings/" + finding + "/plan"));
      progress.clear();
      if (!settings.json) print_plan(made);
      if (!confirmed("Do this?")) return fail(Errc::cancelled, "nothing was done; --yes skips the question");
    }
    auto started = TRY(desk->post("/findings/" + finding + "/fix"));
    return finish(*desk, settings, text_of(started, "remediation"), waiting,
                  {"resolved", "awaiting_approval", "executing"});
  });
}

int approve(const Settings& settings, const std::string& id, const std::string& step, const std::string& comment,
            const Waiting& waiting) {
  return answer(settings, id, step, comment, waiting, true);
}

int reject(const Settings& settings, const std::string& id, const std::string& step, const std::string& comment,
           const Waiting& waiting) {
  return answer(settings, id, step, comment, waiting, false);
}

int roll_back(const Settings& settings, const std::string& id, const std::string& reason, const Waiting& waiting) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto found = TRY(find_remediation(*desk, id));
    auto remediation = text_of(found, "id");
    TRY(desk->post("/remediations/" + remediation + "/rollback", {{"reason", reason}}));
    return finish(*desk, settings, remediation, waiting, {"rolled_back"});
  });
}

int executions(const Settings& settings, const std::string& id) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto answer = TRY(desk->get(id.empty() ? "/executions" : "/executions/" + id));
    if (settings.json) {
      print_json(answer);
      return exit_ok;
    }
    if (id.empty()) {
      Table table({"STATUS", "DOCUMENT", "STARTED", "EXECUTION"});
      for (const auto& item : json::items(json::at(answer, "executions")))
        table.row({{text_of(item, "status")}, {text_of(item, "document"), Tone::strong},
                   {text_of(item, "started_at")}, {text_of(item, "id"), Tone::faint}});
      if (json::items(json::at(answer, "executions")).empty())
        print_line("No executions yet. `aright fix fnd_…` starts one.");
      else
        table.print();
      return exit_ok;
    }
    print_execution(answer);
    return exit_ok;
  });
}

int why(const Settings& settings, const std::string& finding) {
  return told(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto answer = TRY(desk->get("/findings/" + finding + "/why"));
    if (settings.json) {
      print_json(answer);
      return exit_ok;
    }
    for (const auto& line : json::items(json::at(answer, "trace"))) {
      print_line(fmt::format("{}  {}", tone(Tone::faint, text_of(line, "time").substr(0, 19)), text_of(line, "text")));
      for (const auto& reason : json::texts(json::at(line, "reasons")))
        print_line("                       - " + reason);
    }
    return exit_ok;
  });
}

}  // namespace aright::cli
