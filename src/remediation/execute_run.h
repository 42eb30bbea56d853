#pragma once
// The inside of an Executor: one execution in memory, and the door that its calls go through. Internal to remediation.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "aws/role_session.h"
#include "remediation/execute.h"
#include "remediation/rehearse.h"
#include "remediation/secrets.h"

namespace aright::remediation {

// Whose calls they are: of one attempt of one step of one execution.
std::string scope_of(const ExecutionId& id, std::string_view token);
// By which CloudTrail knows them.
inline std::string session_name(const ExecutionId& id) { return "aright-" + id.str(); }

// One execution in memory: what its stream says, up to `sequence`.
struct Executor::Run {
  Beginning beginning;
  std::string document;
  runbook::Machine machine;
  Secrets secrets;
  std::uint64_t sequence = 0;
  Timestamp last;                          // when its stream's last entry was written
  std::optional<runbook::Status> projected;         // what lists show; nothing: that is not known
  std::map<std::string, Timestamp> asked;  // waits that people were told of, by token
  std::multimap<std::string, std::string> decided;  // and who answered them, each as the signal named them
  std::optional<std::string> asked_by;     // the person behind it, "" for none; nothing: not looked for yet
  std::optional<Error> violation;          // a write that its plan does not hold, as a command answered
  std::vector<ledger::Draft> held;  // what the machine took and the ledger does not have yet: answers of reads
  Timestamp held_since, held_until;  // when the first of them came, and the last
  const gateway::Journal* journal = nullptr;  // whose entries go to the same stream; null: nobody's
  std::size_t journaled = 0;                  // of its appends, those that `sequence` counts already

  const ExecutionId& id() const { return beginning.id; }
  bool awaits(std::string_view token) const {
    const auto* await = std::get_if<runbook::AwaitSignal>(&machine.next());
    return await && await->token == token;
  }
  // The event with its secrets locked.
  json::Value on_record(runbook::Event& event, const gateway::Gateway& gateway) {
    auto* returned = std::get_if<runbook::Returned>(&event.what);
    if (!returned) return runbook::to_json(event);
    if (const auto* asked = std::get_if<runbook::CallAws>(&machine.next()))
      if (auto call = gateway.normalise({.service = asked->service, .operation = asked->operation}, "", ""))
        secrets.notice(*call, returned->output);
    auto output = secrets.lock(returned->output);
    if (returned->error) returned->error->message = secrets.mask(std::move(returned->error->message));
    auto body = runbook::to_json(event);
    body["output"] = std::move(output);
    return body;
  }
  void follow(const gateway::Journal& of) {
    journal = &of;
    journaled = of.appended();
  }
  // Counts what the gateway wrote meanwhile. Where somebody else wrote too, this is not the stream's end, and the next
  // append fails with conflict.
  void catch_up() {
    if (!journal) return;
    sequence += journal->appended() - journaled;
    journaled = journal->appended();
  }
};

// What a plan admits, to an execution and all that it starts.
struct Gate {
  std::mutex mutex;  // guards what follows
  std::optional<Admission> admission;  // nothing: every write is admitted
};

// The calls of one execution: admitted against the plan, and back into the plan's count when they failed. Children that
// run side by side have a door each, to the same gate and the same journal.
struct Executor::Doorway final : aws::Caller {
  Doorway(const Plan* plan, const runbook::Start& start, const gateway::Gateway& gateway)
      : plan(plan), gateway(gateway), redactor(gateway.redactor()), gate(std::make_shared<Gate>()) {
    if (plan) gate->admission.emplace(*plan, start.execution_id, run_at(start), redactor, gateway.catalog());
  }
  struct Below {};
  Doorway(Below, const Doorway& above)
      : plan(above.plan), gateway(above.gateway), redactor(above.redactor), gate(above.gate), below(true) {
    session = above.session->beside(admit(), expect(), learn());
    as = above.as;
  }

  // Without a plan, what a document's assumeRole says is who its calls are made as; where it says nothing, whoever
  // started it.
  void go_as(const runbook::Machine& machine, const ExecutionId& id) {
    auto role = machine.assume_role();
    if (plan || role.empty()) return;
    as = std::make_shared<const aws::SessionCut>(aws::session_of({.role = role, .name = session_name(id)}));
  }

  static aws::Call made_as(aws::Call call, std::shared_ptr<const aws::SessionCut> who) {
    call.session = std::move(who);
    return call;
  }

  gateway::Admit admit() {
    return [this](const aws::Call& call, const cloud::Classification&) -> Result<> {
      std::lock_guard lock(gate->mutex);
      if (!gate->admission) return {};
      taken = TRY(gate->admission->admit(redactor.call(call)));
      return {};
    };
  }
  // Each write finds what it is about to change as the rehearsal found it, or the plan is void.
  gateway::Expect expect() {
    return [this](const aws::Call& call, const cloud::Image& before) -> Result<> {
      if (!plan || !taken) return {};
      auto moved = TRY(moved_under(plan->writes[*taken], *plan, before, session->journal(), gateway.catalog()));
      if (moved.empty()) return {};
      return fail({.code = Errc::drifted,
                   .message = fmt::format("{} is about to change what others changed since: {}", call.name(),
                                          fmt::join(moved, ", ")),
                   .number = moved_number});
    };
  }
  gateway::Learn learn() {
    return [this](const aws::Call&, const json::Value& output) {
      std::lock_guard lock(gate->mutex);
      if (gate->admission && taken) gate->admission->learn(*taken, output);
    };
  }
  // What was written before a crash counts as written, except for the command that runs again: that asks again.
  Result<> remember(const gateway::Journal& journal, const std::vector<std::string>& running) {
    std::lock_guard lock(gate->mutex);
    auto& admission = gate->admission;
    for (const auto& intent : journal.intents()) {
      bool asks_again = std::ranges::any_of(
          running, [&](const auto& scope) { return intent->token.starts_with(scope + "/"); });
      if (!admission || asks_again || (intent->returned && !intent->returned->ok)) continue;
      auto slot = TRY(admission->admit(redactor.call(intent->call)));
      if (intent->returned) admission->learn(slot, intent->returned->output);
    }
    return {};
  }
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    taken.reset();
    auto answer = as ? session->call(made_as(call, as), context) : session->call(call, context);
    if (!answer && taken) {
      std::lock_guard lock(gate->mutex);
      gate->admission->release(*taken);
    }
    if (answer && secrets) secrets->notice(call, *answer);
    return answer;
  }

  const Plan* plan;  // null: none, and all writes are admitted
  const gateway::Gateway& gateway;
  const gateway::Redactor& redactor;
  std::shared_ptr<Gate> gate;
  bool below = false;  // of a child
  std::shared_ptr<const aws::SessionCut> as;  // whose calls they are, where the document names a role
  std::optional<std::size_t> taken;  // of the plan's writes, by the call under way
  std::unique_ptr<gateway::Session> session;
  std::optional<Error> stopped_below;  // by which a child's calls were stopped
  Secrets* secrets = nullptr;  // of the execution whose command is performed
};

}  // namespace aright::remediation
