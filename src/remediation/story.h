#pragma once
// The words of the story as types, and the entries that tell it. Everything here is plain data with one JSON form: what
// the ledger holds, what the API answers and what the console shows are the same members.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "json/value.h"

namespace aright::remediation {

// Nothing where no time stands.
std::optional<Timestamp> time_at(const json::Value& value, std::string_view member);

// One resource, as findings name it. `id` is what Config calls resourceId.
struct Resource {
  std::string account, region, type, id;

  std::string arn;  // when known
  std::string key() const { return account + "/" + region + "/" + type + "/" + id; }
};
json::Object to_json(const Resource& resource);
Result<Resource> resource_from_json(const json::Value& value);

enum class Severity { informational, low, medium, high, critical };
std::string_view name(Severity severity);
Result<Severity> parse_severity(std::string_view text);

// What sets a resource right: a Systems Manager Automation document, or a function, with its
// parameters. Parameter values may be RESOURCE_ID, as in Config's RemediationConfiguration.
struct Action {
  enum class Kind { runbook, function };
  Kind kind = Kind::runbook;
  std::string target;       // document name, or function name
  json::Object parameters;  // runbook: name → value; function: merged into the event
};
json::Object to_json(const Action& action);
Result<Action> action_from_json(const json::Value& value);

enum class Decision { automatic, approval, manual, deferred, suppressed, refused };
std::string_view name(Decision decision);
Result<Decision> parse_decision(std::string_view text);

// What arrived. `body` is an EventBridge envelope for events.
struct Signal {
  enum class Kind { event, schedule, command };
  SignalId id;
  Kind kind = Kind::event;
  std::string source;  // aws.config, aws.securityhub, schedule, the principal of a command …
  json::Object body;
  Timestamp received;
};

// Why an execution was stopped, and the fix is none: it asked for a write that the sealed plan does not hold.
inline constexpr const char* plan_violation = "plan_violation";

// Kinds of entries, by stream. A kind is never renamed: ledgers outlive versions.
namespace entry {
inline constexpr const char* signal_received = "signal_received";
inline constexpr const char* signal_handled = "signal_handled";
inline constexpr const char* scanned = "scanned";  // on the stream of the scans

inline constexpr const char* schedule_set = "schedule_set";  // on the stream of a scheduled rule
inline constexpr const char* schedule_ran = "schedule_ran";
inline constexpr const char* schedule_ended = "schedule_ended";

inline constexpr const char* replay_started = "replay_started";  // on the stream of a replay
inline constexpr const char* replay_progressed = "replay_progressed";
inline constexpr const char* replay_ended = "replay_ended";

inline constexpr const char* source_read = "source_read";  // on the stream of a source
inline constexpr const char* source_refused = "source_refused";

inline constexpr const char* finding_opened = "finding_opened";
inline constexpr const char* finding_reopened = "finding_reopened";
inline constexpr const char* finding_resolved = "finding_resolved";
inline constexpr const char* finding_told = "finding_told";          // another tool has it, too
inline constexpr const char* exception_set = "exception_set";        // nothing is done by itself until it ends
inline constexpr const char* exception_ended = "exception_ended";
inline constexpr const char* exception_voided = "exception_voided";  // what was to make up for it is not met
inline constexpr const char* exception_reminded = "exception_reminded";

inline constexpr const char* plan_sealed = "plan_sealed";  // on a plan's stream: made to be shown to a person

inline constexpr const char* remediation_opened = "remediation_opened";
inline constexpr const char* decided = "decided";
inline constexpr const char* outdated = "outdated";  // the policy changed before it began: decided anew
inline constexpr const char* deferred = "deferred";
inline constexpr const char* planned = "planned";
inline constexpr const char* planning_failed = "planning_failed";
inline constexpr const char* plan_voided = "plan_voided";
inline constexpr const char* approval_requested = "approval_requested";
inline constexpr const char* approval_escalated = "approval_escalated";  // the next group is asked as well
inline constexpr const char* approval_reminded = "approval_reminded";
inline constexpr const char* approved = "approved";
inline constexpr const char* rejected = "rejected";
inline constexpr const char* approval_expired = "approval_expired";
inline constexpr const char* execution_started = "execution_started";
inline constexpr const char* execution_ended = "execution_ended";
inline constexpr const char* verified = "verified";
inline constexpr const char* retry_scheduled = "retry_scheduled";
inline constexpr const char* resolved = "resolved";
inline constexpr const char* escalated = "escalated";
inline constexpr const char* closed = "closed";
inline constexpr const char* rollback_requested = "rollback_requested";
inline constexpr const char* rolled_back = "rolled_back";
inline constexpr const char* rollback_failed = "rollback_failed";

inline constexpr const char* escalation_raised = "escalation_raised";  // on an escalation's stream
inline constexpr const char* escalation_told = "escalation_told";
inline constexpr const char* escalation_acknowledged = "escalation_acknowledged";
inline constexpr const char* escalation_settled = "escalation_settled";

inline constexpr const char* halted = "halted";                    // on the engine's stream
inline constexpr const char* resumed = "resumed";
inline constexpr const char* policy_adopted = "policy_adopted";

inline constexpr const char* signed_in = "signed_in";    // on the stream of people: through the identity provider
inline constexpr const char* signed_out = "signed_out";
inline constexpr const char* request_refused = "request_refused";

inline constexpr const char* aws_put = "aws_put";  // on the stream of what is put over AWS's API

inline constexpr const char* runbook_started = "runbook_started";  // on an execution's stream
inline constexpr const char* runbook_event = "runbook_event";
inline constexpr const char* step_waiting = "step_waiting";
inline constexpr const char* call_intended = "call_intended";
inline constexpr const char* call_returned = "call_returned";
}  // namespace entry

}  // namespace aright::remediation
