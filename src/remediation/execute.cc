#include "remediation/execute.h"

#include <map>
#include <tuple>

#include "base/digest.h"
#include "base/id.h"
#include "ledger/timers.h"
#include "remediation/notices.h"
#include "remediation/projection.h"
#include "remediation/rehearse.h"
#include "remediation/secrets.h"

namespace aright::remediation {

namespace {

using namespace runbook;

constexpr std::size_t child_id_digits = 26;

Beginning beginning_of(const ExecutionId& id, const json::Value& body, Start start) {
  return {.id = id,
          .remediation = json::text(body, "remediation", ""),
          .parent = json::text(body, "parent", ""),
          .owner = json::text(body, "owner", ""),
          .start = std::move(start)};
}

// Whose calls they are: of one attempt of one step of one execution.
std::string scope_of(const ExecutionId& id, std::string_view token) {
  return fmt::format("{}#{}", id.str(), token);
}

ExecutionId child_id(const ExecutionId& parent, std::string_view token) {
  return ExecutionId::derived(to_hex(sha256(scope_of(parent, token))).substr(0, child_id_digits));
}

const char* kind_of(const AwaitSignal& await) {
  switch (await.kind) {
    case AwaitSignal::Kind::approve: return "approve";
    case AwaitSignal::Kind::pause: return "pause";
    case AwaitSignal::Kind::start: return "start";
  }
  return "pause";
}

}  // namespace

// One execution in memory: what its stream says, up to `sequence`.
struct Executor::Run {
  Beginning beginning;
  std::string document;
  Machine machine;
  Secrets secrets;
  std::uint64_t sequence = 0;
  Timestamp last;                          // when its stream's last entry was written
  std::optional<Status> projected;         // what lists show; nothing: that is not known
  std::map<std::string, Timestamp> asked;  // waits that people were told of, by token
  std::multimap<std::string, std::string> decided;  // and who answered them, each as the signal named them
  const gateway::Journal* journal = nullptr;  // whose entries go to the same stream; null: nobody's
  std::size_t journaled = 0;                  // of its appends, those that `sequence` counts already

  const ExecutionId& id() const { return beginning.id; }
  bool awaits(std::string_view token) const {
    const auto* await = std::get_if<AwaitSignal>(&machine.next());
    return await && await->token == token;
  }
  // The event with its secrets locked.
  json::Value on_record(Event& event, const gateway::Gateway& gateway) {
    auto* returned = std::get_if<Returned>(&event.what);
    if (!returned) return runbook::to_json(event);
    if (const auto* asked = std::get_if<CallAws>(&machine.next()))
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

// The calls of an execution and its children: admitted against the plan, and back into the plan's
// count when they failed.
struct Executor::Doorway final : aws::Caller {
  Doorway(const Plan* plan, const std::string& execution_name, const gateway::Gateway& gateway)
      : plan(plan),
        gateway(gateway),
        redactor(gateway.redactor()),
        admission(plan ? std::optional<Admission>(std::in_place, *plan, execution_name, redactor, gateway.catalog())
                       : std::nullopt) {}

  gateway::Admit admit() {
    return [this](const aws::Call& call, const cloud::Classification&) -> Result<> {
      if (!admission) return {};
      taken = TRY(admission->admit(redactor.call(call)));
      return {};
    };
  }
  // Each write finds what it is about to change as the rehearsal found it, or the plan is void.
  gateway::Expect expect() {
    return [this](const aws::Call& call, const cloud::Image& before) -> Result<> {
      if (!admission || !taken) return {};
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
      if (admission && taken) admission->learn(*taken, output);
    };
  }
  // What was written before a crash counts as written, except for the command that runs again: that asks again.
  Result<> remember(const gateway::Journal& journal, const std::vector<std::string>& running) {
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
    auto answer = session->call(call, context);
    if (!answer && admission && taken) admission->release(*taken);
    if (answer && secrets) secrets->notice(call, *answer);
    return answer;
  }

  const Plan* plan;  // null: none, and all writes are admitted
  const gateway::Gateway& gateway;
  const gateway::Redactor& redactor;
  std::optional<Admission> admission;
  std::optional<std::size_t> taken;  // of the plan's writes, by the call under way
  std::unique_ptr<gateway::Session> session;
  Secrets* secrets = nullptr;  // of the execution whose command is performed
};

Executor::Executor(const Policy& policy, const Library& library, gateway::Gateway& gateway, ledger::Ledger& ledger,
                   const Clock& clock)
    : policy_(policy), library_(library), gateway_(gateway), ledger_(ledger), clock_(clock) {}

namespace {

ledger::Draft began(const Beginning& beginning, const Prepared& prepared, Secrets& secrets) {
  auto start = runbook::to_json(beginning.start);
  start["parameters"] = secrets.lock(beginning.start.parameters);
  json::Object body{{"document", prepared.name},
                    {"document_hash", prepared.hash},
                    {"source", prepared.source},
                    {"remediation", beginning.remediation},
                    {"parent", beginning.parent},
                    {"owner", beginning.owner},
                    {"start", std::move(start)}};
  return {.stream = beginning.id.str(), .kind = entry::runbook_started, .body = std::move(body), .sequence = 1};
}

}  // namespace

ledger::Draft Executor::begin(const Beginning& beginning, const Prepared& prepared) const {
  Secrets secrets(gateway_.redactor());
  return began(beginning, prepared, secrets);
}

Result<> Executor::project(store::Transaction& tx, const Beginning& beginning, const Prepared& prepared) {
  return store_execution(tx, {.id = beginning.id,
                              .remediation = beginning.remediation,
                              .document = prepared.name,
                              .status = std::string(name(Status::in_progress)),
                              .started = beginning.start.at});
}

Result<Executor::Run> Executor::load(const ExecutionId& id) const {
  auto entries = TRY(ledger_.stream(id.str()));
  if (entries.empty() || entries[0].kind != entry::runbook_started)
    return fail({.code = Errc::not_found, .message = "there is no execution " + id.str(), .number = "AR-0010"});
  const auto& first = entries[0].body;
  Secrets secrets(gateway_.redactor());
  auto start = TRY(start_from_json(TRY(secrets.unlock(json::at(first, "start")))));
  auto hash = json::text(first, "document_hash", "");
  auto document = TRY(documents_.load(hash, json::members(json::at(first, "source"))));
  Run run{.beginning = beginning_of(id, first, start),
          .document = json::text(first, "document", ""),
          .machine = Machine(document, start),
          .secrets = std::move(secrets)};
  for (const auto& entry : entries) {
    run.sequence = entry.sequence;
    run.last = entry.time;
    if (entry.kind == entry::step_waiting) run.asked[json::text(entry.body, "token", "")] = entry.time;
    if (entry.kind != entry::runbook_event) continue;
    auto event = TRY(event_from_json(TRY(run.secrets.unlock(json::at(entry.body, "event")))));
    const auto* signalled = std::get_if<Signalled>(&event.what);
    if (const auto* await = std::get_if<AwaitSignal>(&run.machine.next()); await && signalled)
      run.decided.emplace(await->token, signalled->principal);
    if (auto applied = run.machine.apply(event); !applied)
      return fail(Errc::corrupt, "{}: entry {} does not fit: {}", id.str(), entry.position, applied.error().message);
    run.projected = run.machine.status();
  }
  return run;
}

Result<> Executor::reload(Run& run) const {
  const auto* journal = run.journal;
  run = TRY(load(run.id()));
  if (journal) run.follow(*journal);
  return {};
}

// Whoever drives the execution is woken in the transaction of what a person said: there is no instant between the two.
Result<> Executor::project(store::Transaction& tx, const Run& run, const Event& event) {
  bool from_outside = std::holds_alternative<Signalled>(event.what) ||
                      std::holds_alternative<StopRequested>(event.what);
  if (from_outside && !run.beginning.owner.empty())
    CHECK_OK(ledger::timers::set(
        tx, {.id = run.beginning.owner, .stream = run.beginning.owner, .due = event.at}));
  return store_row(tx, run, event.at);
}

Result<> Executor::store_row(store::Transaction& tx, const Run& run, Timestamp now) {
  if (run.projected == run.machine.status()) return {};
  return store_execution(tx, {.id = run.id(),
                              .remediation = run.beginning.remediation,
                              .document = run.document,
                              .status = std::string(name(run.machine.status())),
                              .started = run.beginning.start.at,
                              .ended = ended(run.machine.status()) ? now : Timestamp{}});
}

// Signals come in from other threads. Where one was first, the append fails, the stream is read again, and what is to
// be told must still fit.
Result<> Executor::record(Run& run, Event event, std::string_view token) {
  for (int attempt = 0; attempt < record_attempts_max; ++attempt) {
    run.catch_up();
    if (!token.empty() && !run.awaits(token))
      return fail(Errc::conflict, "nothing waits for this answer any more: {} is {}", run.id().str(),
                  name(run.machine.status()));
    auto body = run.on_record(event, gateway_);  // as the command that it answers says, before it is answered
    CHECK_OK(run.machine.apply(event));
    std::vector<ledger::Draft> drafts;
    drafts.push_back({.stream = run.id().str(),
                      .kind = entry::runbook_event,
                      .body = {{"event", std::move(body)}, {"status", name(run.machine.status())}},
                      .sequence = run.sequence + 1});
    auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
      return project(tx, run, event);
    });
    if (appended) {
      ++run.sequence;
      run.projected = run.machine.status();
      return {};
    }
    if (appended.error().code != Errc::conflict) return fail(appended.error());
    CHECK_OK(reload(run));  // the machine took what the ledger did not
  }
  return fail(Errc::conflict, "{}: others kept writing to it", run.id().str());
}

// Bound to the sequence: somebody who answered meanwhile is not asked again, and what the lists say stays true.
Result<> Executor::ask(Run& run, const AwaitSignal& await) {
  auto message = run.secrets.mask(await.message);
  json::Object body{{"token", await.token},
                    {"step", await.step},
                    {"kind", kind_of(await)},
                    {"message", message},
                    {"approvers", json::Array(await.approvers.begin(), await.approvers.end())},
                    {"remediation", run.beginning.remediation},
                    {"expires", await.expires.iso()}};
  notify::Notice notice{.id = await.token + "@" + run.id().str(),
                        .kind = "approval_requested",
                        .subject = fmt::format("{}: {} asks: {}", run.document, await.step, message),
                        .body = body};
  notice.body["execution"] = run.id().str();
  for (int attempt = 0; attempt < record_attempts_max; ++attempt) {
    run.catch_up();
    if (run.asked.contains(await.token) || !run.awaits(await.token)) return {};
    std::vector<ledger::Draft> drafts;
    auto told = body;
    told["status"] = name(run.machine.status());
    drafts.push_back({.stream = run.id().str(), .kind = entry::step_waiting, .body = std::move(told),
                      .sequence = run.sequence + 1});
    // A first step that asks comes before any event: the lists learn here that the execution waits.
    auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) -> Result<> {
      CHECK_OK(store_row(tx, run, clock_.now()));
      CHECK_OK(queue_links(tx, run, notice));
      return queue_notice(tx, policy_, notice, clock_.now());
    });
    if (appended) {
      ++run.sequence;
      run.projected = run.machine.status();
      run.asked[await.token] = appended->front().time;
      return {};
    }
    if (appended.error().code != Errc::conflict) return fail(appended.error());
    CHECK_OK(reload(run));
  }
  return fail(Errc::conflict, "{}: others kept writing to it", run.id().str());
}

// Whoever may answer is told in a channel of their own, with a link that answers.
Result<> Executor::queue_links(store::Transaction& tx, const Run& run, const notify::Notice& notice) const {
  auto waiting = waiting_of(run);
  for (const auto& person : policy_.principals) {
    if (!waiting || person.tell.empty() || !policy_.approver(person.name) || !may_answer(*waiting, person)) continue;
    AnswerLink link{.remediation = {}, .plan_hash = {}, .person = person.name, .expires = waiting->expires,
                    .execution = run.id(), .step = waiting->step};
    CHECK_OK(queue_notice_for(tx, policy_, {person.tell, notice, std::move(link)}, clock_.now()));
  }
  return {};
}

// What is performed now, and so is performed again after a crash: the command, and those of the children it waits for.
Result<std::vector<std::string>> Executor::running_scopes(const Run& run) const {
  const auto& command = run.machine.next();
  std::vector<std::string> out{scope_of(run.id(), token(command))};
  const auto* child = std::get_if<StartChild>(&command);
  if (!child) return out;
  auto id = child_id(run.id(), child->token);
  auto started = TRY(ledger_.stream(id.str()));
  if (started.empty()) return out;
  auto below = TRY(load(id));
  auto more = TRY(running_scopes(below));
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

namespace {

// What a plan does not hold, its execution may not do: neither by us nor by AWS.
std::shared_ptr<const aws::SessionCut> cut_to(const ExecutionId& id, const Plan* plan,
                                              const cloud::Catalog& catalog) {
  if (!plan) return nullptr;
  auto policy = session_policy_of(*plan, catalog);
  if (policy.text.empty()) return nullptr;
  return std::make_shared<const aws::SessionCut>(aws::SessionCut{.name = "aright-" + id.str(), .policy = policy.text});
}

}  // namespace

Result<Progress> Executor::drive(const ExecutionId& id, const Plan* plan, const Context& context) {
  auto run = TRY(load(id));
  const auto& start = run.beginning.start;
  Doorway door(plan, start.execution_id, gateway_);
  door.session = TRY(gateway_.open({.stream = id.str(), .account = start.account, .region = start.region,
                                    .control = plan ? plan->control : "", .admit = door.admit(),
                                    .expect = door.expect(), .learn = door.learn(),
                                    .cut = cut_to(id, plan, gateway_.catalog())}));
  auto running = TRY(running_scopes(run));
  CHECK_OK(door.remember(door.session->journal(), running));
  run.follow(door.session->journal());
  if (plan) {
    auto moved = TRY(moved_meanwhile(run, *plan, door.session->journal(), context));
    if (!moved.empty()) {
      CHECK_OK(record(run, {clock_.now(), StopRequested{}}));
      auto what = fmt::format("{}", fmt::join(moved, ", "));
      return Progress{.ended = true, .status = run.machine.status(),
                      .failure = fmt::format("[{}] others changed it while it waited: {}", moved_number, what),
                      .moved = what};
    }
  }
  return go(run, door, context);
}

// After a halt or a long wait, what it has not written yet must still be what people agreed to change. A write that was
// under way is settled first.
Result<std::vector<std::string>> Executor::moved_meanwhile(const Run& run, const Plan& plan,
                                                           const gateway::Journal& made, const Context& context) const {
  bool looks = clock_.now() - run.last >= stall && !made.has_open_intents() && !ended(run.machine.status());
  if (!looks) return std::vector<std::string>{};
  auto reader = gateway_.reader(run.beginning.start.account, run.beginning.start.region);
  return moved_since(plan, &made, *reader, gateway_.catalog(), context);
}

Result<Progress> Executor::go(Run& run, Doorway& door, const Context& context) {
  Timestamp child_due;
  Ground ground{.library = &library_,
                .door = &door,
                .clock = &clock_,
                .scope = [&](const std::string& token) { door.session->scope(scope_of(run.id(), token)); },
                .post = [&](const PostWebhook& webhook, const Context& within) { return post(webhook, within); },
                .child = [&](const StartChild& child, const Context& within) {
                  return drive_child(run, child, door, within);
                }};
  if (gateway_.time_is_virtual())
    ground.pass_time = [&](milliseconds time) { std::ignore = gateway_.pause(time, context); };
  while (true) {
    CHECK_OK(context.check());
    run.catch_up();
    const runbook::Command command = run.machine.next();
    if (const auto* finished = std::get_if<Finished>(&command))
      return Progress{.ended = true, .status = finished->status, .failure = run.secrets.mask(finished->failure)};
    if (const auto* wait = std::get_if<runbook::WaitUntil>(&command)) {
      if (clock_.now() < wait->due)
        return Progress{.status = run.machine.status(), .due = wait->due, .sequence = run.sequence};
      CHECK_OK(record(run, {clock_.now(), Woke{wait->token}}));
      continue;
    }
    if (const auto* await = std::get_if<AwaitSignal>(&command)) {
      CHECK_OK(ask(run, *await));
      if (!run.awaits(await->token)) continue;
      if (clock_.now() < await->expires)
        return Progress{.status = run.machine.status(), .due = await->expires, .sequence = run.sequence};
      CHECK_OK(record(run, {clock_.now(), Woke{await->token}}));
      continue;
    }
    door.secrets = &run.secrets;
    auto returned = TRY(perform(command, run.beginning.start, ground, context));
    const auto& stopped = door.session->stopped_by();
    bool halted = stopped && (stopped->number == "AR-0002" || stopped->number == ledger::lost_number);
    if (halted || !returned) return Progress{.status = run.machine.status(), .due = clock_.now() + halted_pause};
    auto told = record(run, {clock_.now(), std::move(*returned)});
    // A stop that came in meanwhile ends the step; what the call answered is in the gateway's journal all the same.
    if (!told && told.error().code != Errc::invalid) return fail(told.error());
    if (stopped && !ended(run.machine.status())) CHECK_OK(record(run, {clock_.now(), StopRequested{}}));
    if (stopped)
      return Progress{.ended = true, .status = run.machine.status(), .failure = stopped->text(),
                      .moved = stopped->number == moved_number ? stopped->message : ""};
  }
}

Result<std::optional<Returned>> Executor::drive_child(Run& parent, const StartChild& child, Doorway& door,
                                                      const Context& context) {
  auto id = child_id(parent.id(), child.token);
  auto existing = TRY(ledger_.stream(id.str()));
  if (existing.empty()) {
    auto prepared = prepare_child(library_, child, parent.beginning.start, door, context);
    if (!prepared) return Returned{child.token, {}, prepared.error()};
    Beginning beginning{.id = id, .remediation = parent.beginning.remediation, .parent = parent.id().str(),
                        .owner = parent.beginning.owner, .start = parent.beginning.start};
    beginning.start.execution_id = uuid_from(id.str());
    beginning.start.parent = parent.beginning.start.execution_id;
    beginning.start.depth += 1;
    beginning.start.interactive = false;
    if (!child.account.empty()) beginning.start.account = child.account;
    if (!child.region.empty()) beginning.start.region = child.region;
    beginning.start.parameters = prepared->parameters;
    beginning.start.at = clock_.now();
    std::vector<ledger::Draft> drafts;
    drafts.push_back(began(beginning, *prepared, parent.secrets));
    CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
      return project(tx, beginning, *prepared);
    }));
  }
  auto run = TRY(load(id));
  auto progress = TRY(go(run, door, context));
  if (!progress.ended) return std::nullopt;
  return Returned{child.token, child_output(run.machine), std::nullopt};
}

Result<> Executor::post(const PostWebhook& webhook, const Context& context) {
  for (const auto& channel : policy_.channels) {
    if (channel.name != webhook.integration) continue;
    notify::Courier courier(gateway_.cloud());
    notify::Notice notice{.id = webhook.token, .kind = "webhook", .subject = webhook.step,
                          .body = {{"body", webhook.body}}};
    return courier.deliver(channel, notice, context);
  }
  return fail(Errc::not_found, "the policy has no channel '{}' for the step's IntegrationName", webhook.integration);
}

Result<> Executor::signal(const ExecutionId& id, const Signalled& signalled, std::string_view token) {
  auto run = TRY(load(id));
  return record(run, {clock_.now(), signalled}, token);
}

Result<std::optional<WaitingStep>> Executor::waiting_step(const ExecutionId& id) const {
  auto run = TRY(load(id));
  return waiting_of(run);
}

std::optional<WaitingStep> Executor::waiting_of(const Run& run) {
  const auto* await = std::get_if<AwaitSignal>(&run.machine.next());
  if (!await) return std::nullopt;
  WaitingStep out{.token = await->token, .step = await->step, .kind = kind_of(*await), .document = run.document,
                  .message = run.secrets.mask(await->message), .remediation = run.beginning.remediation,
                  .approvers = await->approvers, .decided = {}, .account = run.beginning.start.account,
                  .expires = await->expires};
  auto [first, last] = run.decided.equal_range(await->token);
  for (auto one = first; one != last; ++one) out.decided.push_back(one->second);
  return out;
}

Result<> Executor::stop(const ExecutionId& id, StopRequested how) {
  auto run = TRY(load(id));
  return record(run, {clock_.now(), std::move(how)});
}

Result<json::Value> Executor::describe(const ExecutionId& id) const {
  auto run = TRY(load(id));
  auto out = json::members(run.secrets.mask_all(run.machine.execution()));
  out["id"] = id.str();
  out["remediation"] = run.beginning.remediation;
  return out;
}

Result<json::Array> Executor::waiting_for_people() const {
  json::Array out;
  auto list = TRY(list_executions(ledger_, {.status = std::string(name(Status::waiting)), .parent = ""}));
  for (const auto& item : list) {
    auto id = TRY(ExecutionId::parse(json::text(item, "id", "")));
    auto run = TRY(load(id));
    const auto* await = std::get_if<AwaitSignal>(&run.machine.next());
    if (!await) continue;
    out.push_back(json::Object{{"kind", "step"},
                               {"remediation", run.beginning.remediation},
                               {"execution", id.str()},
                               {"step", await->step},
                               {"plan_hash", nullptr},
                               {"title", run.document},
                               {"message", run.secrets.mask(await->message)},
                               {"severity", "high"},
                               {"approvers", json::Array(await->approvers.begin(), await->approvers.end())},
                               {"requested_at", run.asked.contains(await->token)
                                                  ? json::Value(run.asked[await->token].iso())
                                                  : json::at(item, "started_at")},
                               {"expires_at", await->expires.iso()}});
  }
  return out;
}

}  // namespace aright::remediation
