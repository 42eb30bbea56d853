// scan, plan, fix, approve, reject, rollback, why, executions: the story, told and moved on.

#include <unistd.h>

#include <memory>
#include <optional>
#include <thread>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "cli/terminal.h"
#include "inventory/under_way.h"
#include "net/url.h"

namespace aright::cli {

namespace {

constexpr milliseconds scan_look_every{300};

// Runs a command's body, and tells its failure as every command does.
int tell(const Settings& settings, const std::function<Result<int>()>& body) {
  return told(body(), settings.json);
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

// Nothing went wrong: it stands where it should, or will come there when a brake lets it.
bool is_under_way(const json::Value& remediation, std::initializer_list<std::string_view> good) {
  return exit_of(remediation, good) == exit_ok || !json::at(remediation, "held").is_null();
}

Result<int> answer_plan(Desk& desk, const Settings& settings, const json::Value& found, const Answer& answer,
                        const Waiting& waiting, bool yes) {
  auto remediation = text_of(found, "id");
  auto hash = answer.plan_hash.empty() ? text_of(found, "plan_hash") : answer.plan_hash;
  TRY(desk.post("/remediations/" + remediation + (yes ? "/approve" : "/reject"),
                {{"plan_hash", hash}, {"comment", answer.comment}}));
  if (!yes) return finish(desk, settings, remediation, waiting, {"closed", "escalated"});
  auto done = TRY(follow(desk, settings, remediation, waiting));
  settings.json ? print_json(done) : print_remediation(done);
  if (waiting.no_wait) return exit_ok;
  // Nothing of what was approved was done when another plan waits now.
  bool another = text_of(done, "stage") == "awaiting_approval" && text_of(done, "plan_hash") != hash;
  if (another && !settings.json)
    print_line(fmt::format("Nothing was changed: the plan that you approved is void. Look at the new one: aright why "
                           "{}, and then aright approve {}",
                           text_of(done, "finding"), remediation));
  // Others may have to agree as well, or a brake holds it; that is all one person can do.
  return another || !is_under_way(done, {"resolved", "executing", "awaiting_approval"}) ? exit_failed : exit_ok;
}

// The plan that waits under this hash, or under one that begins so, and the remediation that it is of.
Result<json::Value> waiting_plan(Desk& desk, const std::string& hash) {
  std::vector<json::Value> found;
  auto approvals = TRY(desk.get("/approvals"));
  for (const auto& item : json::items(json::at(approvals, "approvals")))
    if (text_of(item, "plan_hash").starts_with(hash))
      found.push_back(json::Object{{"id", json::at(item, "remediation")}, {"plan_hash", json::at(item, "plan_hash")}});
  if (found.size() > 1)
    return fail(Errc::invalid, "{} plans that wait begin with {}: say more of the hash", found.size(), hash);
  if (found.size() == 1) return found[0];
  return fail({.code = Errc::not_found,
               .message = fmt::format("no plan waits under the hash {}; aright approvals --json shows which do", hash),
               .number = "AR-0018"});
}

Result<int> answer_one(const Settings& settings, const std::string& id, const Answer& answer, const Waiting& waiting,
                       bool yes) {
  auto desk = TRY(open_desk(settings));
  std::string remediation = id;
  if (is_beginning_of_hash(id)) {
    auto plan = TRY(waiting_plan(*desk, id));
    return answer_plan(*desk, settings, plan, answer, waiting, yes);
  }
  if (!id.starts_with("exec_")) {
    auto found = TRY(find_remediation(*desk, id));
    remediation = text_of(found, "id");
    if (text_of(found, "stage") == "awaiting_approval")
      return answer_plan(*desk, settings, found, answer, waiting, yes);
  }
  auto open = TRY(waiting_step(*desk, remediation, answer.step));
  if (!open) return fail(Errc::conflict, "nothing of {} waits for a person", id);
  auto execution = TRY(desk->post(
      "/executions/" + open->execution + "/signal",
      {{"type", yes ? "Approve" : "Reject"}, {"step", open->step}, {"comment", answer.comment}}));
  if (id.starts_with("exec_")) {
    if (settings.json)
      print_json(execution);
    else
      print_execution(execution);
    return exit_ok;
  }
  return finish(*desk, settings, remediation, waiting, {"resolved", "executing", "closed", "escalated"});
}

// One after the other; the exit code is that of the first that failed.
int answer_all(const Settings& settings, const Answer& answer, const Waiting& waiting, bool yes) {
  int code = exit_ok;
  for (const auto& id : answer.ids) {
    int one = tell(settings, [&] { return answer_one(settings, id, answer, waiting, yes); });
    if (code == exit_ok) code = one;
  }
  return code;
}

// Says how far a scan is, while this lives: the server's that it was asked of, else the one in this process.
class ScanProgress {
 public:
  ScanProgress(const Settings& settings, Progress& progress)
      : thread_([&](std::stop_token stop) { watch(settings, progress, stop); }) {}

 private:
  static void watch(const Settings& settings, Progress& progress, std::stop_token stop) {
    if (settings.quiet || settings.json || !isatty(STDERR_FILENO)) return;
    auto server = find_server(settings);
    if (!server) return;
    const Context context{.stop = stop};
    while (context.sleep(scan_look_every))
      if (auto so_far = how_far(server->get())) progress.say(*so_far);
  }

  static std::optional<std::string> how_far(Desk* server) {
    auto words = [](auto resources, auto listings, auto listings_all) {
      return fmt::format("reading resources … {} read, {} of {} listings done", resources, listings, listings_all);
    };
    if (server == nullptr) {
      auto here = inventory::under_way();
      return here ? std::optional(words(here->resources, here->listings, here->listings_all)) : std::nullopt;
    }
    auto told = server->get("/scan");
    if (!told || !json::truth(json::at(*told, "under_way"))) return std::nullopt;
    auto count = [&](const char* member) { return json::integer(json::at(*told, member)); };
    return words(count("resources"), count("listings"), count("listings_all"));
  }

  std::jthread thread_;
};

}  // namespace

int scan(const Settings& settings, const std::vector<std::string>& controls) {
  return tell(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    Progress progress(settings.quiet || settings.json);
    progress.say("reading resources …");
    auto watching = std::make_unique<ScanProgress>(settings, progress);
    auto scanned = desk->post("/scan", {{"controls", json::Array(controls.begin(), controls.end())}});
    watching.reset();
    progress.clear();
    auto report = TRY(std::move(scanned));
    auto bad = json::integer(json::at(report, "non_compliant"));
    // A scan that saw nothing but gaps found nothing out.
    auto told = json::integer(json::at(report, "evaluated")) - json::integer(json::at(report, "insufficient_data"));
    bool blind = told == 0 && !json::items(json::at(report, "gaps")).empty();
    int code = bad > 0 ? exit_non_compliant : blind ? exit_failed : exit_ok;
    if (settings.json) {
      print_json(report);
      return code;
    }
    print_line(fmt::format("{} evaluations, {} non-compliant, {} new findings",
                           json::integer(json::at(report, "evaluated")), bad,
                           json::integer(json::at(report, "findings_opened"))));
    for (const auto& gap : json::items(json::at(report, "gaps")))
      print_line(tone(Tone::warn, "not read: ") + text_of(gap, "what") + ": " + text_of(gap, "why"));
    if (bad > 0) print_line("See them with `aright findings`.");
    return code;
  });
}

int plan(const Settings& settings, const std::string& finding) {
  return tell(settings, [&]() -> Result<int> {
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

namespace {

// The finding's remediation that is under way, if one is: a new plan would be another one than it holds.
Result<std::string> under_way(Desk& desk, const std::string& id) {
  auto finding = TRY(desk.get("/findings/" + id));
  auto latest = text_of(finding, "remediation");
  for (const auto& one : json::items(json::at(finding, "remediations"))) {
    auto stage = text_of(one, "stage");
    if (text_of(one, "id") == latest && (!at_rest(stage) || stage == "awaiting_approval")) return latest;
  }
  return "";
}

// Shows a plan made now and asks. The hash of what was agreed to.
Result<std::string> agreed_plan(Desk& desk, const Settings& settings, const FixOrder& order) {
  Progress progress(settings.quiet || settings.json);
  progress.say("rehearsing …");
  auto made = TRY(desk.post("/findings/" + order.finding + "/plan"));
  progress.clear();
  if (!settings.json) print_plan(made);
  if (!order.yes && !confirmed("Do exactly this?"))
    return fail(Errc::cancelled, "nothing was done; --yes skips the question, and --plan {} agrees to this plan later",
                text_of(made, "hash"));
  return text_of(made, "hash");
}

bool was_voided(const json::Value& remediation) {
  const auto& timeline = json::items(json::at(remediation, "timeline"));
  return text_of(remediation, "stage") == "closed" && !timeline.empty() &&
         text_of(timeline.back(), "kind") == "plan_voided";
}

}  // namespace

int fix(const Settings& settings, const FixOrder& order, const Waiting& waiting) {
  return tell(settings, [&]() -> Result<int> {
    bool asks = !order.yes && order.plan_hash.empty();
    if (asks && settings.json)
      return fail(Errc::invalid, "with --json nothing is asked: say --yes, or --plan HASH of a plan that was seen");
    auto desk = TRY(open_desk(settings));
    auto remediation = order.plan_hash.empty() ? TRY(under_way(*desk, order.finding)) : "";
    if (remediation.empty()) {
      auto hash = order.plan_hash.empty() ? TRY(agreed_plan(*desk, settings, order)) : order.plan_hash;
      auto started = TRY(desk->post("/findings/" + order.finding + "/fix", {{"plan_hash", hash}}));
      remediation = text_of(started, "remediation");
    } else if (!settings.json) {
      print_line(remediation + " is under way already; nothing new is started.");
    }
    auto done = TRY(follow(*desk, settings, remediation, waiting));
    settings.json ? print_json(done) : print_remediation(done);
    auto stage = text_of(done, "stage");
    if (!settings.json && was_voided(done))
      print_line(fmt::format("Nothing was changed. Look at it anew: aright plan {0}, and then aright fix {0}",
                             order.finding));
    if (!settings.json && stage == "awaiting_approval")
      print_line(fmt::format("The plan waits for an approval: aright approve {}, or reject", remediation));
    bool goes_well = waiting.no_wait || is_under_way(done, {"resolved", "awaiting_approval", "executing"});
    return goes_well ? exit_ok : exit_failed;
  });
}

int approve(const Settings& settings, const Answer& answer, const Waiting& waiting) {
  return answer_all(settings, answer, waiting, true);
}

int reject(const Settings& settings, const Answer& answer, const Waiting& waiting) {
  return answer_all(settings, answer, waiting, false);
}

int executions(const Settings& settings, const std::string& id, const std::string& status) {
  return tell(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto path = id.empty() ? std::string("/executions") : "/executions/" + id;
    if (!status.empty()) path += "?status=" + status;
    auto answer = TRY(desk->get(path));
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
        print_line(status.empty() ? "No executions yet. `aright fix fnd_…` starts one."
                                  : "No executions of this status.");
      else
        table.print();
      return exit_ok;
    }
    print_execution(answer);
    return exit_ok;
  });
}

namespace {

void print_trace(const json::Value& answer) {
  for (const auto& line : json::items(json::at(answer, "trace"))) {
    print_line(fmt::format("{}  {}", tone(Tone::faint, text_of(line, "time").substr(0, 19)), text_of(line, "text")));
    for (const auto& reason : json::texts(json::at(line, "reasons")))
      print_line("                       - " + reason);
  }
}

// Of each finding about a resource, by its id or its ARN.
Result<int> why_resource(Desk& desk, const Settings& settings, const std::string& resource) {
  auto answer = TRY(desk.get("/findings"));
  json::Array out;
  for (const auto& finding : json::items(json::at(answer, "findings"))) {
    const auto& about = json::at(finding, "resource");
    bool meant = text_of(about, "id") == resource || text_of(about, "arn") == resource;
    if (resource.empty() || !meant) continue;
    auto trace = TRY(desk.get("/findings/" + text_of(finding, "id") + "/why"));
    if (!settings.json) {
      print_line(fmt::format("{}  {}  {}", tone(Tone::strong, text_of(finding, "id")), text_of(finding, "control"),
                             text_of(finding, "status")));
      print_trace(trace);
    }
    out.push_back(json::Object{{"finding", text_of(finding, "id")},
                               {"control", text_of(finding, "control")},
                               {"trace", json::at(trace, "trace")}});
  }
  if (out.empty())
    return fail({.code = Errc::not_found,
                 .message = fmt::format("no finding is about '{}'; look with `aright findings`", resource),
                 .number = "AR-0010"});
  if (settings.json) print_json(json::Object{{"findings", std::move(out)}});
  return exit_ok;
}

}  // namespace

int why(const Settings& settings, const std::string& what) {
  return tell(settings, [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    if (!FindingId::parse(what)) return why_resource(*desk, settings, what);
    auto answer = TRY(desk->get("/findings/" + what + "/why"));
    if (settings.json)
      print_json(answer);
    else
      print_trace(answer);
    return exit_ok;
  });
}

}  // namespace aright::cli
