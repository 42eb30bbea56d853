#pragma once
// Drives executions: performs what the machine asks for, appends what came of it, and stops where
// somebody has to wait. An execution is its ledger stream and nothing else; driving it again after
// a crash goes on where the stream ends.
//
// Thread-safe. One execution must not be driven by two threads at a time; signals may come in from
// any thread meanwhile.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/gateway.h"
#include "notify/channel.h"
#include "remediation/library.h"
#include "remediation/plan.h"
#include "remediation/runner.h"
#include "remediation/waiting_step.h"

namespace aright::remediation {

inline constexpr int record_attempts_max = 16;          // against signals that come in between
inline constexpr std::size_t held_max = 64;             // answers of steps that read, before they go on record together
inline constexpr milliseconds held_for{100};            // after it they go on record before the next call
inline constexpr milliseconds stall{30'000};  // without an entry: then the plan's precondition is looked at again
inline constexpr milliseconds halted_pause{2'000};      // between looks whether writes may go on
inline constexpr std::size_t children_threads_max = 16;  // of one execution; what waits holds none

// Where an execution stands after it was driven as far as it goes.
struct Progress {
  bool ended = false;
  runbook::Status status = runbook::Status::in_progress;
  std::string failure;
  bool violates = false;         // it asked for what its plan does not hold, which ended it
  std::string moved;             // what others changed under it, which ended it; "": nothing
  Timestamp due;                 // when not ended: to be driven again at the latest then
  std::uint64_t sequence = 0;    // the execution's last entry that was looked at; 0: driven again soon in any case
  json::Object handed = {};      // when it ended: as Beginning has it
  std::vector<std::pair<std::string, std::uint64_t>> below = {};  // the same of the children that it waits for
};

struct Beginning {
  ExecutionId id;
  std::string remediation;       // "" when a person started the runbook by itself
  std::string parent;            // execution, or ""
  std::string owner;             // the stream whose turns drive it: the remediation, or the execution itself
  std::string request = {};      // a digest of what was asked for, where a client's token may ask for it again
  json::Object handed = {};      // HandedEvent, where it is a function's attempt to deal with one; else empty
  runbook::Start start;          // where that is still to come, it begins then
  runbook::Status status = runbook::Status::in_progress;  // one whose targets cannot be told has ended before it began
};

// Of the execution that goes by these words: the same for the same ones.
ExecutionId execution_named_by(std::string_view words);

class Secrets;

// A write that was refused since the plan does not hold it.
bool violates(const std::optional<Error>& refused);
// Halted, or another worker's by now: it goes on later.
bool is_held(const std::optional<Error>& stopped);

class Executor {
 public:
  Executor(const Policy& policy, const Library& library, gateway::Gateway& gateway, ledger::Ledger& ledger,
           const Clock& clock);

  // The entry that begins an execution's stream, for whoever appends it together with others.
  ledger::Draft begin(Beginning& beginning, const Prepared& prepared) const;
  static Result<> project(store::Transaction& tx, const Beginning& beginning, const Prepared& prepared);

  // With a plan only its writes are admitted; without one, as for a runbook that a person started, all are.
  Result<Progress> drive(const ExecutionId& id, const Plan* plan, const Context& context);

  // Approve, Reject, Resume … Fails with invalid when nobody waits for it, and with denied when the principal is no
  // approver of the step. `token`: what must still wait, or it fails with conflict; "": whatever does.
  Result<> signal(const ExecutionId& id, const runbook::Signalled& signalled, std::string_view token = {});
  Result<> stop(const ExecutionId& id, runbook::StopRequested how);

  // Nothing: it waits for nobody.
  Result<std::optional<WaitingStep>> waiting_step(const ExecutionId& id) const;
  // As GetAutomationExecution answers.
  Result<json::Value> describe(const ExecutionId& id) const;
  // Steps that ask a person now, in the shape of the API's Approval.
  Result<json::Array> waiting_for_people() const;

  const Library& library() const { return library_; }

 private:
  struct Run;
  struct Doorway;
  Result<Run> load(const ExecutionId& id) const;
  Result<Run> load(const ExecutionId& id, const std::vector<ledger::Entry>& entries) const;
  Result<std::vector<std::string>> running_scopes(const Run& run) const;
  Result<> reload(Run& run) const;
  static Result<> project(store::Transaction& tx, const Run& run, const runbook::Event& event);
  static Result<> store_row(store::Transaction& tx, const Run& run, Timestamp now);
  // Lets the machine take the event; what is returned is to go on record.
  Result<ledger::Draft> step_on(Run& run, runbook::Event& event) const;
  Result<> record(Run& run, runbook::Event event, std::string_view token = {});
  bool only_reads(const runbook::Command& command) const;
  Result<> hold(Run& run, runbook::Event event) const;
  bool may_hold(const Run& run) const;
  Result<> tell_held(Run& run);
  Result<> ask(Run& run, const runbook::AwaitSignal& await);
  Result<> queue_links(store::Transaction& tx, const Run& run, const notify::Notice& notice) const;
  Result<std::optional<WaitingStep>> waiting_of(const Run& run) const;
  Result<std::string> asked_by(const Run& run) const;
  Result<std::vector<std::string>> moved_meanwhile(const Run& run, const Plan& plan, const gateway::Journal& made,
                                                   const std::vector<std::string>& running,
                                                   const Context& context) const;
  static ledger::Draft begin(Beginning& beginning, const Prepared& prepared, Secrets& secrets);
  // A write was refused: whatever the execution made of that, it goes no further.
  Result<Progress> stop_by(Run& run, const Error& refused, Doorway& door, const Context& context);
  Result<Progress> go(Run& run, Doorway& door, const Context& context);
  // Children (execute_children.cc). How one of them stands after it was driven as far as it goes.
  struct Driven {
    Progress progress;
    json::Object output;           // once it has ended
    std::optional<Error> refused;  // why it was not started
    std::optional<Error> stopped;  // a write that was refused, or is held
  };
  // Nothing when something was told, so that there is another command.
  Result<std::optional<Progress>> go_below(Run& run, const runbook::RunChildren& children, Doorway& door,
                                           const Context& context);
  Result<std::vector<Driven>> drive_children(Run& parent, const runbook::RunChildren& children, Doorway& door,
                                             const Context& context);
  Result<std::optional<Error>> start_child(Run& parent, const runbook::Child& child, Doorway& door,
                                           const Context& context);
  Result<Driven> drive_child(const ExecutionId& id, bool stopping, Doorway& door, const Context& context);
  Result<> post(const runbook::PostWebhook& webhook, const Context& context);
  Result<> tell_children(const Run& run, json::Object& told) const;

  const Policy& policy_;
  const Library& library_;
  gateway::Gateway& gateway_;
  ledger::Ledger& ledger_;
  const Clock& clock_;
  mutable DocumentCache documents_;
};

}  // namespace aright::remediation
