#include "observe/spans.h"

#include <array>

#include "base/text.h"
#include "remediation/story.h"

namespace aright::observe {

namespace entry = remediation::entry;

namespace {

using telemetry::Span;
using telemetry::span_id_of;
using telemetry::trace_id_of;

std::string said(const ledger::Entry& one, std::string_view member) {
  return json::text(one.body, member, "");
}

// Which entry ends which stage.
struct Stage {
  const char *ended_by, *name;
  bool bad = false;
};
constexpr std::array stages{Stage{entry::decided, "decide"},
                            Stage{entry::planned, "plan"},
                            Stage{entry::planning_failed, "plan", true},
                            Stage{entry::plan_voided, "wait", true},
                            Stage{entry::approved, "approve"},
                            Stage{entry::rejected, "approve", true},
                            Stage{entry::approval_expired, "approve", true},
                            Stage{entry::execution_started, "start"},
                            Stage{entry::verified, "verify"},
                            Stage{entry::rolled_back, "roll back"},
                            Stage{entry::rollback_failed, "roll back", true}};
constexpr std::array ends{entry::resolved,    entry::escalated,       entry::closed,          entry::rejected,
                          entry::rolled_back, entry::planning_failed, entry::approval_expired};

std::string reason(const ledger::Entry& one) {
  for (const auto* member : {"error", "reason", "comment"})
    if (auto text = said(one, member); !text.empty()) return text;
  return one.kind;
}

// execution/2-CloseBucket/1.1 → CloseBucket
std::string step_of(std::string_view token) {
  auto parts = split(token, '/');
  if (parts.size() < 2) return std::string(token);
  auto dash = parts[1].find('-');
  return dash == std::string::npos ? parts[1] : parts[1].substr(dash + 1);
}

// A write's token is exec_…#, its step's token, the call's fingerprint, and a number.
std::string_view scope_of(std::string_view token) {
  if (auto mark = token.find('#'); mark != std::string_view::npos) token.remove_prefix(mark + 1);
  auto last = token.rfind('/');
  auto before = last == std::string_view::npos ? last : token.rfind('/', last - 1);
  return before == std::string_view::npos ? token : token.substr(0, before);
}

}  // namespace

std::string Spans::remediation_of(std::string_view stream) const {
  if (stream.starts_with("rem_")) return std::string(stream);
  auto found = executions_.find(stream);
  return found == executions_.end() ? "" : found->second.remediation;
}

void Spans::tell(Span span) const {
  if (fresh_ && offer_) offer_(std::move(span));
}

void Spans::add(const ledger::Entry& one, bool fresh) {
  fresh_ = fresh;
  if (one.stream.starts_with("rem_")) add_to_remediation(one);
  if (one.stream.starts_with("exec_")) add_to_execution(one);
}

void Spans::stage(const ledger::Entry& one, Remediation& of, std::string name, std::string error) {
  tell({.trace_id = trace_id_of(one.stream),
        .span_id = span_id_of(fmt::format("{}/{}", one.stream, one.sequence)),
        .parent_id = span_id_of(one.stream),
        .name = std::move(name),
        .from = of.since,
        .until = one.time,
        .attributes = {{"aright.remediation", one.stream}, {"aright.entry", one.position}},
        .error = std::move(error),
        .link = {}});
  of.since = one.time;
}

// Once, when it first comes to rest; what follows, such as a rollback, is a child that comes later.
void Spans::whole(const ledger::Entry& one, Remediation& of) {
  if (std::exchange(of.told, true)) return;
  bool good = one.kind == entry::resolved || one.kind == entry::closed || one.kind == entry::rolled_back;
  tell({.trace_id = trace_id_of(one.stream),
        .span_id = span_id_of(one.stream),
        .parent_id = "",
        .name = "remediation " + of.control,
        .from = of.opened,
        .until = one.time,
        .attributes = {{"aright.remediation", one.stream},
                       {"aright.control", of.control},
                       {"aright.resource", of.resource},
                       {"aright.outcome", one.kind}},
        .error = good ? "" : reason(one),
        .link = {}});
}

void Spans::end_execution(const ledger::Entry& one, Remediation& of) {
  auto id = said(one, "execution");
  auto started = of.executing.find(id);
  if (started == of.executing.end()) return;
  auto status = said(one, "status");
  tell({.trace_id = trace_id_of(one.stream),
        .span_id = span_id_of(id),
        .parent_id = span_id_of(one.stream),
        .name = "execute " + executions_[id].document,
        .from = started->second,
        .until = one.time,
        .attributes = {{"aright.execution", id}, {"aright.status", status}},
        .error = status == "Success" ? "" : reason(one),
        .link = {}});
  of.executing.erase(started);
  of.since = one.time;
}

void Spans::add_to_remediation(const ledger::Entry& one) {
  auto& of = remediations_[one.stream];
  if (one.kind == entry::remediation_opened) {
    of = {.control = said(one, "control"),
          .resource = json::text(json::at(one.body, "resource"), "id", ""),
          .opened = one.time,
          .since = one.time,
          .executing = {}};
    return;
  }
  for (const auto& known : stages)
    if (one.kind == known.ended_by) stage(one, of, known.name, known.bad ? reason(one) : "");
  if (one.kind == entry::execution_started) of.executing[said(one, "execution")] = one.time;
  if (one.kind == entry::execution_ended) end_execution(one, of);
  if (one.kind == entry::rollback_requested) of.since = one.time;
  for (const auto* end : ends)
    if (one.kind == end) whole(one, of);
}

void Spans::add_to_execution(const ledger::Entry& one) {
  auto& of = executions_[one.stream];
  if (one.kind == entry::runbook_started) {
    of.remediation = said(one, "remediation");
    of.document = said(one, "document");
    of.since = one.time;
  } else if (one.kind == entry::runbook_event) {
    step(one, of);
  } else if (one.kind == entry::call_intended) {
    const auto& asked = json::at(one.body, "call");
    of.calls[said(one, "token")] = {json::text(asked, "service", "") + ":" + json::text(asked, "operation", ""),
                                    one.time};
  } else if (one.kind == entry::call_returned) {
    call(one, of);
  }
}

void Spans::step(const ledger::Entry& one, Execution& of) {
  const auto& event = json::at(one.body, "event");
  auto token = json::text(event, "token", "");
  const auto& owner = of.remediation.empty() ? one.stream : of.remediation;
  if (!token.empty())
    tell({.trace_id = trace_id_of(owner),
          .span_id = span_id_of(token),
          .parent_id = of.remediation.empty() ? "" : span_id_of(one.stream),
          .name = "step " + step_of(token),
          .from = of.since,
          .until = one.time,
          .attributes = {{"aright.execution", one.stream}, {"aright.document", of.document}},
          .error = json::text(json::at(event, "error"), "message", ""),
          .link = {}});
  of.since = one.time;
}

void Spans::call(const ledger::Entry& one, Execution& of) {
  auto token = said(one, "token");
  auto found = of.calls.find(token);
  if (found == of.calls.end()) return;
  const auto& [name, since] = found->second;
  const auto& owner = of.remediation.empty() ? one.stream : of.remediation;
  tell({.trace_id = trace_id_of(owner),
        .span_id = span_id_of(token),
        .parent_id = span_id_of(scope_of(token)),
        .name = name,
        .kind = Span::Kind::client,
        .from = since,
        .until = one.time,
        .attributes = {{"rpc.system", "aws-api"}, {"rpc.method", name}, {"aright.execution", one.stream}},
        .error = json::text(json::at(one.body, "error"), "message", ""),
        .link = {}});
  of.calls.erase(found);
}

}  // namespace aright::observe
