#include "remediation/narrate.h"

#include <algorithm>
#include <array>
#include <map>

#include "gateway/halts.h"
#include "remediation/finding.h"
#include "remediation/rollback.h"
#include "remediation/story.h"

namespace aright::remediation {

namespace {

std::string joined(const json::Value& list, std::string_view separator) {
  return fmt::format("{}", fmt::join(json::texts(list), separator));
}

std::string last_of(const json::Value& list) {
  auto texts = json::texts(list);
  return texts.empty() ? "" : texts.back();
}

std::string resource_of(const json::Value& body) {
  return json::text(json::at(body, {"resource", "type"})) + " " + json::text(json::at(body, {"resource", "id"}));
}

std::string target_of(const json::Value& action) {
  auto runbook = json::text(action, "runbook", "");
  return runbook.empty() ? "function " + json::text(action, "function", "") : "runbook " + runbook;
}

std::string opened(const json::Value& body) {
  const auto& action = json::at(body, "action");
  bool nothing = json::text(action, "runbook", "").empty() && json::text(action, "function", "").empty();
  return nothing ? "remediation opened: nothing here sets it right" : "remediation opened, with " + target_of(action);
}

std::string call_of(const json::Value& body) {
  const auto& call = json::at(body, "call");
  return json::text(call, "service", "") + ":" + json::text(call, "operation", "");
}

std::string with_reason(std::string text, const json::Value& body, std::string_view member) {
  auto reason = json::text(body, member, "");
  return reason.empty() ? text : text + ": " + reason;
}

// "writes (control restricted-ssh) halted by ana: its fix is wrong"
std::string halt_told(const json::Value& body, std::string_view what) {
  auto scope = gateway::scope_from_json(json::at(body, "scope"));
  auto writes = scope.everything() ? "all writes" : "writes (" + scope.text() + ")";
  return with_reason(fmt::format("{} {} by {}", writes, what, json::text(body, "principal", "")), body, "reason");
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string plan_of(const json::Value& body) {
  const auto& plan = json::at(body, "plan");
  auto writes = json::items(json::at(plan, "writes")).size();
  if (writes == 0) return "planned: there is nothing to change";
  return fmt::format("planned {} and {}, {}; hash {}", counted(writes, "write"),
                     counted(json::items(json::at(plan, "difference")).size(), "difference"),
                     json::items(json::at(plan, "unrehearsed")).empty() ? "all rehearsed" : "not all rehearsed",
                     json::text(plan, "hash", "").substr(0, 12));
}

std::string return_told(const json::Value& body) {
  const auto& error = json::at(body, "error");
  if (!error.is_null()) return "the call failed: " + json::text(error, "message", "");
  bool recovered = json::truth(json::at(body, "recovered"));
  return recovered ? "the call had taken effect, as reading back shows" : "the call returned";
}

std::string said(const json::Value& body, std::string_view member) { return json::text(body, member, ""); }

std::string runbook_event(const json::Value& body) {
  const auto& event = json::at(body, "event");
  auto type = said(event, "type");
  if (type == "signalled") return said(event, "principal") + " says " + said(event, "signal");
  if (type == "stop_requested" && !said(event, "principal").empty())
    return with_reason("cancelled by " + said(event, "principal"), event, "reason");
  if (type == "stop_requested") return "the runbook is to stop";
  return fmt::format("{} {}", said(event, "token"), type);
}

using Sentence = std::string (*)(const json::Value&);

using Sentences = std::map<std::string_view, Sentence>;

// Of schedules, replays, sources and sessions.
const Sentences& bus_sentences() {
  using B = const json::Value&;
  static const Sentences table{
      {entry::replay_started,
       [](B b) {
         return fmt::format("{} replays {} from {} until {}", said(b, "principal"), said(b, "archive"), said(b, "from"),
                            said(b, "until"));
       }},
      {entry::replay_progressed,
       [](B b) { return fmt::format("{} events so far", json::integer(json::at(b, "events"))); }},
      {entry::replay_ended,
       [](B b) { return fmt::format("{}: {} events", said(b, "state"), json::integer(json::at(b, "events"))); }},
      {entry::schedule_set, [](B b) { return "runs at " + said(b, "expression") + ", next " + said(b, "next"); }},
      {entry::schedule_ran,
       [](B b) {
         return fmt::format("was due at {}{}; {} missed before; next {}", said(b, "due"),
                            json::truth(json::at(b, "skipped")) ? ", and was skipped" : "",
                            json::integer(json::at(b, "missed")), said(b, "next"));
       }},
      {entry::signed_in,
       [](B b) { return fmt::format("{} signed in through {}", said(b, "principal"), said(b, "issuer")); }},
      {entry::signed_out, [](B b) { return said(b, "principal") + " signed out"; }},
      {entry::request_refused,
       [](B b) {
         auto who = said(b, "principal").empty() ? std::string("somebody unknown") : said(b, "principal");
         auto source = said(b, "source").empty() ? std::string() : " from " + said(b, "source");
         auto left_out = json::integer(json::at(b, "left_out"));
         return fmt::format("{}{} was refused: {}{}", who, source, said(b, "asked"),
                            left_out == 0 ? "" : fmt::format("; {} refusals before it are not on record", left_out));
       }},
      {entry::schedule_ended, [](B) { return std::string("the policy has no such schedule any more"); }},
      {entry::source_read,
       [](B b) { return fmt::format("{}: {} events", said(b, "key"), json::integer(json::at(b, "events"))); }},
      {entry::source_refused, [](B b) { return fmt::format("{} is refused: {}", said(b, "what"), said(b, "why")); }},
  };
  return table;
}

std::string asked_of(std::string text, const json::Value& body) {
  auto needed = json::integer(json::at(body, "needed"), 1);
  if (needed > 1) text += fmt::format(": {} of", needed);
  if (const auto& asked = json::at(body, "asked"); !asked.is_null())
    text += (needed > 1 ? " " : ": ") + joined(asked, ", ");
  return text + ", until " + json::text(body, "expires", "");
}

std::string approved(const json::Value& body) {
  auto who = json::text(body, "principal", "");
  auto voice = json::text(body, "voice", who);
  auto way = json::text(body, "via", "") == "link" ? ", by link" : "";
  return with_reason("approved by " + who + (voice == who ? "" : " for " + voice) + way, body, "comment");
}

const Sentences& escalation_sentences() {
  using B = const json::Value&;
  static const Sentences table{
      {entry::escalation_raised,
       [](B b) { return fmt::format("{}: {}; {} is told", said(b, "reason"), said(b, "subject"), said(b, "tell")); }},
      {entry::escalation_told, [](B b) { return "nobody sees to it: " + said(b, "tell") + " is told"; }},
      {entry::escalation_acknowledged,
       [](B b) { return with_reason(said(b, "principal") + " sees to it", b, "comment"); }},
      {entry::escalation_settled, [](B b) { return with_reason("settled", b, "because"); }},
  };
  return table;
}

const Sentences& finding_sentences() {
  using B = const json::Value&;
  static const Sentences table{
      {entry::finding_opened, [](B b) { return "finding on " + resource_of(b) + ": " + said(b, "annotation"); }},
      {entry::finding_reopened,
       [](B b) { return "finding again on " + resource_of(b) + ": " + said(b, "annotation"); }},
      {entry::finding_resolved, [](B b) { return "finding resolved by " + said(b, "by"); }},
      {entry::finding_told, [](B b) { return said(b, "source") + " tells of it, too"; }},
      {entry::exception_set,
       [](B b) {
         auto until = said(b, "until");
         if (until.empty() || until == forever.iso()) until = "somebody ends it";
         return with_reason(fmt::format("{} sets an exception until {}", said(b, "principal"), until), b, "message");
       }},
      {entry::exception_ended, [](B b) { return said(b, "principal") + " ends the exception"; }},
      {entry::exception_voided, [](B b) { return said(b, "reason"); }},
      {entry::exception_reminded,
       [](B b) {
         return fmt::format("its owner is told that the exception ends in {} hours",
                            json::integer(json::at(b, "before_s")) / 3600);
       }},
  };
  return table;
}

std::string verified(const json::Value& body) {
  auto text = with_reason("verified by a fresh read: " + said(body, "compliance"), body, "annotation");
  for (auto more : {"unhealthy", "why_again"})
    if (auto also = said(body, more); !also.empty()) text += "; " + also;
  return text;
}

const Sentences& sentences() {
  using B = const json::Value&;
  static const Sentences table{
      {entry::signal_received,
       [](B b) {
         return fmt::format("signal from {}: {}", said(b, "source"),
                            json::text(json::at(b, {"body", "detail-type"})));
       }},
      {entry::signal_handled, [](B b) { return "handled: " + joined(json::at(b, "trace"), "; "); }},
      {entry::plan_sealed,
       [](B b) { return fmt::format("a plan was shown to {}: {}", said(b, "principal"), plan_of(b)); }},
      {entry::remediation_opened, opened},
      {entry::decided,
       [](B b) { return said(b, "decision") + ", because " + last_of(json::at(b, "reasons")); }},
      {entry::deferred, [](B b) { return with_reason("deferred until " + said(b, "until"), b, "reason"); }},
      {entry::planned, plan_of},
      {entry::planning_failed, [](B b) { return with_reason("no plan could be made", b, "error"); }},
      {entry::plan_voided, [](B b) { return with_reason("the plan is void", b, "reason"); }},
      {entry::outdated, [](B b) { return "to be decided anew: " + said(b, "reason"); }},
      {entry::approval_requested, [](B b) { return asked_of("approval asked for", b); }},
      {entry::approval_escalated, [](B b) { return asked_of("the next group is asked as well", b); }},
      {entry::approval_reminded, [](B b) { return asked_of("asked again", b); }},
      {entry::approved, approved},
      {entry::rejected, [](B b) { return with_reason("rejected by " + said(b, "principal"), b, "comment"); }},
      {entry::approval_expired, [](B) { return std::string("nobody approved in time"); }},
      {entry::execution_started, [](B b) { return "execution " + said(b, "execution") + " started"; }},
      {entry::execution_ended,
       [](B b) { return with_reason("execution ended: " + said(b, "status"), b, "failure"); }},
      {entry::verified, verified},
      {entry::retry_scheduled, [](B b) { return "to be tried again at " + said(b, "due"); }},
      {entry::resolved, [](B) { return std::string("resolved"); }},
      {entry::escalated, [](B b) { return with_reason("escalated to a person", b, "reason"); }},
      {entry::closed, [](B b) { return with_reason("closed", b, "reason"); }},
      {entry::rollback_requested,
       [](B b) { return with_reason("rollback asked for by " + said(b, "principal"), b, "reason"); }},
      {entry::rolled_back, [](B b) { return taken_back_text(b); }},
      {entry::rollback_failed, [](B b) { return with_reason("rollback failed", b, "error"); }},
      {entry::runbook_started, [](B b) { return "runbook " + said(b, "document") + " started"; }},
      {entry::runbook_event, runbook_event},
      {entry::step_waiting,
       [](B b) { return with_reason("step " + said(b, "step") + " waits for a person", b, "message"); }},
      {entry::scanned,
       [](B b) {
         return fmt::format("scanned: {} evaluations, {} not compliant", json::integer(json::at(b, "evaluated")),
                            json::integer(json::at(b, "non_compliant")));
       }},
      {entry::halted, [](B b) { return halt_told(b, "halted"); }},
      {entry::resumed, [](B b) { return halt_told(b, "resumed"); }},
      {entry::policy_adopted,
       [](B b) { return with_reason(said(b, "principal") + " put another policy into force", b, "reason"); }},
      {entry::aws_put, [](B b) { return said(b, "principal") + " called " + said(b, "operation"); }},
      {entry::call_intended, [](B b) { return "about to call " + call_of(b); }},
      {entry::call_returned, return_told},
  };
  return table;
}

// All of them.
std::array<const Sentences*, 4> tables() {
  return {&sentences(), &finding_sentences(), &escalation_sentences(), &bus_sentences()};
}

}  // namespace

std::vector<std::string> kinds_of_entries() {
  std::vector<std::string> out;
  for (const auto* table : tables())
    for (const auto& [kind, sentence] : *table) out.emplace_back(kind);
  std::ranges::sort(out);
  return out;
}

std::string narrate(const ledger::Entry& entry) {
  for (const auto* table : tables())
    if (auto found = table->find(entry.kind); found != table->end()) return found->second(entry.body);
  return entry.kind;
}

bool is_milestone(const ledger::Entry& entry) {
  return entry.kind != entry::runbook_event && entry.kind != entry::call_intended &&
         entry.kind != entry::call_returned && entry.kind != entry::signal_handled &&
         entry.kind != entry::scanned;
}

}  // namespace aright::remediation
