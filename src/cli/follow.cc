#include "cli/follow.h"

#include <algorithm>

#include "cli/terminal.h"

namespace aright::cli {

namespace {

std::string short_text(const json::Value& value) {
  if (value.is_null()) return "absent";
  return value.is_string() ? json::text(value) : json::print(value);
}

// A pointer of a difference, apart: /AWS::S3::Bucket/acme/Aspect/Member.
struct Changed {
  std::string resource;  // AWS::S3::Bucket acme
  std::string member;    // Aspect/Member; "": the resource as a whole
};

Changed changed_of(std::string_view pointer) {
  auto next = [&] {
    pointer.remove_prefix(std::min<std::size_t>(1, pointer.size()));
    auto part = std::string(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(part.size());
    for (auto [escaped, plain] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
      for (auto at = part.find(escaped); at != std::string::npos; at = part.find(escaped, at + 1))
        part.replace(at, 2, plain);
    return part;
  };
  auto type = next(), id = next();
  return {type + " " + id, std::string(pointer.substr(std::min<std::size_t>(1, pointer.size())))};
}

void print_difference(const json::Value& plan) {
  print_line(tone(Tone::faint, "  would change"));
  std::string resource;
  for (const auto& change : json::items(json::at(plan, "difference"))) {
    auto [of, member] = changed_of(text_of(change, "pointer"));
    if (of != resource) print_line("    " + tone(Tone::strong, of));
    resource = of;
    print_line(fmt::format("      {}: {} → {}", member.empty() ? "as a whole" : member,
                           tone(Tone::bad, short_text(json::at(change, "before"))),
                           tone(Tone::good, short_text(json::at(change, "after")))));
  }
  if (!resource.empty()) return;
  print_line(json::items(json::at(plan, "unrehearsed")).empty() ? "    nothing" : "    nothing that could be seen");
}

// What goes with its calls, and what does not, with the reason.
void print_way_back(const json::Value& plan) {
  const auto& inverse = json::items(json::at(plan, "inverse"));
  if (!inverse.empty()) print_line(tone(Tone::faint, "  and back by"));
  for (const auto& call : inverse)
    print_line(fmt::format("    {}:{} {}", text_of(call, "service"), text_of(call, "operation"),
                           json::print(json::at(call, "input"))));
  for (const auto& write : json::items(json::at(plan, "writes")))
    if (auto why = text_of(write, "why_irreversible"); !why.empty()) {
      const bool partly = json::truth(json::at(write, "reversible"));
      const auto* lead = partly ? "  no whole way back from " : "  no way back from ";
      print_line(fmt::format("{}{}:{}: {}", tone(Tone::warn, lead), text_of(write, "service"),
                             text_of(write, "operation"), why));
    }
}

}  // namespace

bool at_rest(std::string_view stage) {
  constexpr std::array moving{"opened", "planning", "planned", "ready", "executing", "verifying", "retrying",
                              "rolling_back", "deferred"};
  return std::ranges::find(moving, stage) == moving.end();
}

Result<json::Value> follow(Desk& desk, const Settings& settings, const std::string& remediation,
                           const Waiting& waiting) {
  auto context = Context::within(milliseconds(seconds(waiting.seconds)));
  Progress progress(settings.quiet || settings.json);
  while (true) {
    auto state = TRY(desk.get("/remediations/" + remediation));
    auto stage = text_of(state, "stage");
    bool step_waits = false;
    for (const auto& execution : json::items(json::at(state, "executions")))
      step_waits = step_waits || text_of(execution, "status") == "Waiting";
    bool held = !json::at(state, "held").is_null();  // for longer than anybody wants to look at
    if (waiting.no_wait || at_rest(stage) || step_waits || held) return state;
    const auto& timeline = json::items(json::at(state, "timeline"));
    progress.say(fmt::format("{}: {}", stage, timeline.empty() ? "" : text_of(timeline.back(), "text")));
    if (auto slept = context.sleep(look_every); !slept)
      return fail(Errc::deadline, "{} is still {}; it goes on, look with `aright findings`", remediation, stage);
  }
}

namespace {

// Which controls the rehearsed fix changes, what it does to users of the resource, and who those are.
void print_outlook(const json::Value& plan) {
  for (const auto& [control, judged] : json::members(json::at(plan, "outlook"))) {
    auto before = text_of(judged, "before"), after = text_of(judged, "after");
    if (before == after) continue;
    auto good = after == "COMPLIANT" || after == "NOT_APPLICABLE" ? Tone::good : Tone::bad;
    print_line(fmt::format("{}{}: {} → {}", tone(Tone::faint, "  on the rehearsed image "), std::string_view(control),
                           before, tone(good, after)));
  }
  auto disruption = text_of(plan, "disruption");
  if (!disruption.empty())
    print_line(fmt::format("{}{}; the rehearsal is {}", tone(Tone::faint, "  disruption "), disruption,
                           text_of(plan, "confidence")));
  const auto& dependents = json::items(json::at(plan, "dependents"));
  if (!dependents.empty()) print_line(tone(Tone::faint, "  used by"));
  for (const auto& one : dependents)
    print_line(fmt::format("    {} {} ({})", text_of(one, "type"), text_of(one, "id"), text_of(one, "by")));
  if (auto unknown = text_of(plan, "dependents_unknown"); !unknown.empty())
    print_line(tone(Tone::faint, "  users: ") + unknown);
  if (auto used = text_of(plan, "last_used"); !used.empty()) print_line(tone(Tone::faint, "  used last at ") + used);
}

}  // namespace

void print_plan(const json::Value& plan) {
  print_line(tone(Tone::strong, "Plan ") + text_of(plan, "hash") +
             (json::truth(json::at(plan, "reversible")) ? tone(Tone::good, "  can be taken back")
                                                        : tone(Tone::warn, "  can't be taken back as a whole")));
  print_difference(plan);
  print_line(tone(Tone::faint, "  by calling"));
  for (const auto& write : json::items(json::at(plan, "writes")))
    print_line(fmt::format("    {}:{} {}", text_of(write, "service"), text_of(write, "operation"),
                           json::print(json::at(write, "input"))));
  print_way_back(plan);
  print_outlook(plan);
  for (const auto& step : json::texts(json::at(plan, "approvals")))
    print_line(tone(Tone::warn, "  asks a person at ") + step);
  for (const auto& note : json::texts(json::at(plan, "unrehearsed")))
    print_line(tone(Tone::warn, "  not rehearsed: ") + note);
}

void print_execution(const json::Value& execution) {
  auto status = text_of(execution, "AutomationExecutionStatus");
  auto good = status == "Success" ? Tone::good : status == "Waiting" || status == "InProgress" ? Tone::warn : Tone::bad;
  print_line(fmt::format("{}  {}", tone(Tone::strong, text_of(execution, "DocumentName")), tone(good, status)));
  Table table({"STEP", "ACTION", "STATUS", "FAILURE"});
  const auto& steps = json::items(json::at(execution, "StepExecutions"));
  for (const auto& step : steps)
    table.row({{text_of(step, "StepName"), Tone::strong}, {text_of(step, "Action")}, {text_of(step, "StepStatus")},
               {text_of(step, "FailureMessage"), Tone::bad}});
  table.print();
  if (auto why = text_of(execution, "FailureMessage"); steps.empty() && !why.empty()) print_line(tone(Tone::bad, why));
  if (status == "Waiting")
    print_line("It waits for a person: aright approve " + text_of(execution, "id") + ", or reject");
}

void print_remediation(const json::Value& remediation) {
  const auto& resource = json::at(remediation, "resource");
  auto stage = text_of(remediation, "stage");
  print_line(fmt::format("{}  {}  {} {}", tone(Tone::strong, text_of(remediation, "id")),
                         tone(tone_of_stage(stage), stage), text_of(resource, "type"), text_of(resource, "id")));
  print_line(tone(Tone::faint, "  " + text_of(remediation, "title")));
  for (const auto& line : json::items(json::at(remediation, "timeline"))) {
    auto kind = text_of(line, "kind");
    if (kind == "runbook_event" || kind == "call_intended" || kind == "call_returned") continue;
    print_line(fmt::format("  {}  {}", tone(Tone::faint, text_of(line, "time").substr(11, 12)), text_of(line, "text")));
  }
  const auto& held = json::at(remediation, "held");
  if (held.is_null()) return;
  auto until = text_of(held, "until");
  if (!until.empty()) until = ", until " + until.substr(0, std::string_view("2024-01-01T00:00:00").size()) + "Z";
  print_line(tone(Tone::warn, "It waits: ") + text_of(held, "reason") + until);
  print_line("  and goes on by itself when that is over; aright brakes shows all that is held");
}

Result<int> finish(Desk& desk, const Settings& settings, const std::string& remediation, const Waiting& waiting,
                   std::initializer_list<std::string_view> good) {
  auto found = TRY(follow(desk, settings, remediation, waiting));
  settings.json ? print_json(found) : print_remediation(found);
  return waiting.no_wait ? exit_ok : exit_of(found, good);
}

Result<json::Value> find_remediation(Desk& desk, const std::string& id) {
  if (!id.starts_with("fnd_")) return desk.get("/remediations/" + id);
  auto finding = TRY(desk.get("/findings/" + id));
  auto remediation = text_of(finding, "remediation");
  if (remediation.empty()) return fail(Errc::not_found, "finding {} has no remediation yet; start one with fix", id);
  return desk.get("/remediations/" + remediation);
}

int exit_of(const json::Value& remediation, std::initializer_list<std::string_view> good) {
  auto stage = text_of(remediation, "stage");
  return std::ranges::find(good, stage) == good.end() ? exit_failed : exit_ok;
}

}  // namespace aright::cli
