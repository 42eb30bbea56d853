#pragma once
// An execution of a document, as a machine without I/O. It is built from the document, how it was started and the
// events since; the same three give the same machine, so the ledger needs only the events. next() says the one thing to
// do now; whoever does it tells what came of it with apply().
//
// Plain data with value semantics; one thread at a time.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "runbook/document.h"

namespace aright::runbook {

inline constexpr milliseconds api_timeout{25'000};     // Systems Manager's own cap for one API call
inline constexpr milliseconds poll_pause{5'000};       // between looks of waitForAwsResourceProperty and its like
inline constexpr milliseconds start_wait_max{7 * 24 * 3'600'000};  // for StartStep, in an interactive execution
inline constexpr std::size_t events_max = 100'000;     // of one execution

// Systems Manager's words.
enum class Status {
  pending, in_progress, waiting, success, timed_out, cancelling, cancelled, failed,
  exited,  // of a loop that was left from within
};
std::string_view name(Status status);  // Pending, InProgress …
bool ended(Status status);
bool ended(std::string_view status);  // by its name

struct Start {
  std::string execution_id;   // {{automation:EXECUTION_ID}}
  std::string account, region, partition = "aws";
  json::Object parameters;    // resolved
  std::string executed_by;    // ARN
  std::string parent;         // execution id, or ""
  int depth = 0;              // of nesting
  Timestamp at;
  Timestamp run_at;           // {{global:DATE_TIME}}: when the outermost execution began; 0: this is it
  bool interactive = false;   // each step waits until somebody sends StartStep
  std::string seed;           // what scripts take their random numbers from: a rehearsal's and its execution's are one
  json::Object about;         // what else GetAutomationExecution tells of it: Target, Targets, Tags …
};
json::Object to_json(const Start& start);
inline Timestamp run_at(const Start& start) { return start.run_at.ms == 0 ? start.at : start.run_at; }
// {{global:DATE_TIME}} and {{global:DATE}}.
std::string date_time(Timestamp run_at);
std::string date(Timestamp run_at);
Result<Start> start_from_json(const json::Value& value);
// {"global:REGION": …, "automation:EXECUTION_ID": …}: what {{ }} knows of the execution, and a script's context holds.
json::Object execution_globals(const Start& start);

// What to do. `token` names the attempt: the same after a restart, different for each attempt and each look.
struct CallAws {
  std::string token, step;
  std::string service, operation;  // as boto3 names its client; in PascalCase or snake_case
  std::string account, region;     // "": the execution's own
  json::Object input;
  milliseconds timeout{api_timeout};
};
struct RunScript {
  std::string token, step, runtime, handler;
  std::string script;      // its text; "": the attachment is the script
  std::string attachment;  // the name of the document's attachment; beside a text, what that may import
  std::string attached;    // what it holds; "" when nobody had it
  json::Value payload;
  milliseconds timeout{600'000};
};
struct WaitUntil {         // then apply Woke
  std::string token, step;
  Timestamp due;
};
struct AwaitSignal {       // a person, or the clock: apply Signalled, or Woke when it expires
  enum class Kind { approve, pause, start };
  std::string token, step;
  Kind kind = Kind::approve;
  std::vector<std::string> approvers;
  int approvals_min = 1;
  std::string message, notification_arn;
  Timestamp expires;
};
struct Child {             // an execution that this one waits for
  int number = 0;          // of the attempt's looks: what its token ends in
  std::string token, document, version;
  json::Object parameters; // as given: StartAutomationExecution's lists, or natural values
  std::string account, region;  // where it runs; "": where its parent does
  json::Object about;      // as Start has it
};
// All that run side by side: those that are new are started. Apply Returned with a child's token and {"ExecutionId",
// "Status", "Output"} when it ended, or with an error when it could not be started; Woke with the command's own token
// once they are due. `stopping`: end them, and apply Returned with the command's own token when all have ended.
struct RunChildren {
  std::string token, step;
  std::vector<Child> children;  // in the order in which they started
  bool stopping = false;
  Timestamp due;
};
struct PostWebhook {
  std::string token, step, integration, body;
};
struct Finished {
  Status status = Status::success;
  std::string failure;     // why, when it did not succeed
};
using Command = std::variant<CallAws, RunScript, WaitUntil, AwaitSignal, RunChildren, PostWebhook, Finished>;
std::string_view token(const Command& command);  // "" for Finished

// What came of it.
struct Returned {
  std::string token;
  json::Value output;            // of the call, the script ({"Payload": …}), the child or the webhook
  std::optional<Error> error;    // when it failed; wire_code and message as the service gave them
  int http_status = 200;         // of a call that did not
};
struct Woke { std::string token; };
struct Signalled {
  std::string type;              // Approve, Reject, Resume, StartStep, StopStep
  std::string principal;         // ARN of who sent it
  std::string comment, step;
};
struct StopRequested {
  bool complete = false;               // Cancel, or Complete
  std::string principal = {}, reason = {};  // of who asked; "": aright itself
};
using Happening = std::variant<Returned, Woke, Signalled, StopRequested>;
struct Event {
  Timestamp at;
  Happening what;
};
json::Object to_json(const Event& event);
Result<Event> event_from_json(const json::Value& value);

class Machine {
 public:
  Machine(std::shared_ptr<const Document> document, Start start);
  ~Machine();
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;

  // Fails with invalid, and changes nothing, when the event fits nothing that is under way: a token that is not
  // next()'s, an approval by somebody who is no approver or has decided already, a signal that nobody waits for.
  Result<> apply(const Event& event);
  const Command& next() const;

  Status status() const;
  const Document& document() const;
  const Start& start() const;
  // Of a step that ran; null when it did not.
  json::Value output(std::string_view step, std::string_view name) const;
  // The document's assumeRole with the parameters put in; "": the caller's own identity.
  std::string assume_role() const;
  // As GetAutomationExecution answers: {"AutomationExecutionId", "AutomationExecutionStatus", "StepExecutions", …}.
  json::Object execution() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The one-step document by which a function is run as a remediation: aws:invokeLambdaFunction with this payload.
Document function_document(std::string_view function, const json::Value& payload);

// The one-step document by which a runbook is started for many targets: aws:executeAutomation with what
// StartAutomationExecution was given. Its text, so that it can be kept as any other; its one parameter, Parameters, is
// the runbook's own parameters.
inline constexpr std::string_view for_each_parameter = "Parameters";
inline constexpr std::string_view for_each_members[] = {"DocumentVersion", "TargetParameterName", "Targets",
                                                        "TargetMaps", "TargetLocations", "MaxConcurrency",
                                                        "MaxErrors"};
std::string for_each_document(std::string_view document, const json::Object& for_each);

}  // namespace aright::runbook
