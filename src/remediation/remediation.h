#pragma once
// One remediation as a state machine without I/O. fold() takes an entry of its stream; next() says what to do now. The
// engine performs that one thing and appends one entry about it, so a crash anywhere costs at most doing it again, and
// every thing that may be asked for is safe to do again.

#include <map>
#include <variant>

#include "ledger/ledger.h"
#include "remediation/approvals.h"
#include "remediation/plan.h"
#include "remediation/story.h"

namespace aright::remediation {

inline constexpr int plan_attempts_max = 3;  // a plan whose precondition moved is made anew this often
inline constexpr int looks_max = 5;          // at a resource whose fix seems not to have worked: reads may be stale
inline constexpr int looks_before_rollback = 7;  // 126 s: what was set right is not taken back over a stale read
inline constexpr milliseconds first_look_pause{2'000};  // doubled before each further look

// Where a remediation stands. Each state holds what only it knows.
struct Opened {};
struct Deferred { Timestamp until; bool ready = false; };  // ready: only the start has to wait
struct Planning {};
struct NeedingApproval {};                           // planned, not yet asked
struct AwaitingApproval { Request request; };
struct Ready {};                                     // may execute
struct Executing { ExecutionId execution; };
struct Verifying { ExecutionId execution; Timestamp due = {}; };  // due: of the next look
struct Retrying { Timestamp due; };
struct Resolved { Timestamp at; };
struct RollingBack { std::string requested_by, reason; };
struct RolledBack { Timestamp at; };
struct Escalated { std::string reason; };
struct Closed { std::string reason; };               // manual, suppressed, rejected, expired

using Stage = std::variant<Opened, Deferred, Planning, NeedingApproval, AwaitingApproval, Ready, Executing, Verifying,
                           Retrying, Resolved, RollingBack, RolledBack, Escalated, Closed>;
std::string_view name(const Stage& stage);
std::vector<std::string> stage_names();

struct State {
  RemediationId id;
  FindingId finding;
  std::string control;
  Resource resource;
  Action action;
  std::string title, severity;  // of the control when it was opened; "" in ledgers that did not say so yet
  std::string source;      // of the finding: aright, aws.securityhub, aws.guardduty …
  std::map<std::string, std::string> tags;  // of the resource, when the finding was opened
  std::string tags_unknown;                 // why its own could not be read, where the policy asks for tags
  std::string opened_by;   // the signal or the person it came from
  std::string requester;   // a person who asked for it, or "" for the engine itself
  bool forced = false;     // a person asked for it: the decision is theirs, approvals still hold
  std::string agreed;      // hash of the plan that person saw and agreed to: that one is carried out, or none
  Timestamp opened_at;

  Decision decision = Decision::manual;
  std::vector<std::string> reasons;
  std::string policy;      // hash of the policy that decided
  std::string basis;       // of what of it decides about the control (Policy::hash_for); "" in older ledgers
  std::string ladder;      // of approvers, where it is for certain people to approve
  bool provisional = false;  // it is decided again with what the rehearsal shows
  bool canary = false;       // it was decided that few resources come first
  std::string suppressed;  // why nothing is to be done, as the tool that told of it has it
  bool excepted = false;   // it waits for nothing but the end of an exception
  std::optional<Plan> plan;
  json::Object others;     // how the other enabled controls judged the resource when the plan was made
  std::vector<Approval> approvals;
  std::vector<ExecutionId> executions;
  int attempts = 0;        // executions started
  std::vector<Timestamp> attempted_at;
  int attempts_max = 1;
  milliseconds retry_after{0};
  int plans_made = 0;
  std::string last_error;
  bool succeeded = false;  // the last execution
  bool violated = false;   // it asked for what the plan does not hold
  int looks = 0;           // at the resource since it ended that showed no good fix
  Timestamp good_since;    // so all looks until now say
  bool was_good = false;   // some look said so
  json::Value verification;
  json::Value rollback;
  int rollbacks_asked = 0;
  std::uint64_t sequence = 0;  // of the last entry, for fencing
  Timestamp updated_at;        // when that was

  Stage stage = Opened{};
};

std::string what(const State& state);  // it is about, in sentences: AWS::S3::Bucket logs

// Folds one entry; unknown kinds are left alone, so that an older engine can read a newer ledger's streams.
void fold(State& state, const ledger::Entry& entry);
State fold_all(const std::vector<ledger::Entry>& entries);

// What to do now. Exactly one thing, or nothing.
struct Decide {};
struct MakePlan {};
struct AskApproval {};
struct ExpireApproval {};
struct EscalateApproval {};
struct RemindApprovers {};
struct StartExecution {};
struct DriveExecution { ExecutionId execution; };
struct Verify { ExecutionId execution; };
struct RollBack {};
struct WaitUntil { Timestamp due; };
struct Nothing {};
using Command = std::variant<Nothing, Decide, MakePlan, AskApproval, ExpireApproval, EscalateApproval,
                             RemindApprovers, StartExecution, DriveExecution, Verify, RollBack, WaitUntil>;
Command next(const State& state, Timestamp now);

// Whether the remediation can still act by itself, or waits for a person or a clock to.
bool open(const State& state);
// Whether it is at the resource: executes, verifies or takes back.
bool is_at_work(const State& state);
// Whether nothing is under way yet, and it only waits for the policy, or for an exception, to say otherwise: then it is
// no obstacle to what a person asks for, and ends when the resource is found compliant.
bool gives_way(const State& state);

}  // namespace aright::remediation
