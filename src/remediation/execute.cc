#include "remediation/execute.h"

#include <algorithm>
#include <tuple>

#include "base/id.h"
#include "ledger/timers.h"
#include "remediation/alarm_watch.h"
#include "remediation/execute_run.h"
#include "remediation/notices.h"
#include "remediation/projection.h"
#include "remediation/rehearse.h"

namespace aright::remediation {

namespace {

using namespace runbook;

constexpr std::string_view halted_number = "AR-0002";

Beginning beginning_of(const ExecutionId& id, const json::Value& body, Start start) {
  return {.id = id,
          .remediation = json::text(body, "remediation", ""),
          .parent = json::text(body, "parent", ""),
          .owner = json::text(body, "owner", ""),
          .request = json::text(body, "request", ""),
          .handed = json::members(json::at(body, "handed")),
          .start = std::move(start)};
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

Executor::Executor(const Policy& policy, const Library& library, gateway::Gateway& gateway, ledger::Ledger& ledger,
                   const Clock& clock)
    : policy_(policy), library_(library), gateway_(gateway), ledger_(ledger), clock_(clock) {}

ledger::Draft Executor::begin(Beginning& beginning, const Prepared& prepared) const {
  Secrets secrets(gateway_.redactor());
  return begin(beginning, prepared, secrets);
}

ledger::Draft Executor::begin(Beginning& beginning, const Prepared& prepared, Secrets& secrets) {
  auto start = runbook::to_json(beginning.start);
  start["parameters"] = secrets.lock(beginning.start.parameters);
  json::Object body{{"document", prepared.name},
                    {"document_hash", prepared.hash},
                    {"source", prepared.source},
                    {"remediation", beginning.remediation},
                    {"parent", beginning.parent},
                    {"owner", beginning.owner},
                    {"start", std::move(start)}};
  if (!beginning.request.empty()) body["request"] = beginning.request;
  if (!beginning.handed.empty()) body["handed"] = beginning.handed;
  if (auto status = Machine(prepared.document, beginning.start).status(); runbook::ended(status))
    body["status"] = name(beginning.status = status);
  return {.stream = beginning.id.str(), .kind = entry::runbook_started, .body = std::move(body), .sequence = 1};
}

Result<> Executor::project(store::Transaction& tx, const Beginning& beginning, const Prepared& prepared) {
  CHECK_OK(store_execution_name(tx, beginning.id));
  return store_execution(tx, {.id = beginning.id,
                              .remediation = beginning.remediation,
                              .parent = beginning.parent,
                              .document = prepared.name,
                              .status = std::string(name(beginning.status)),
                              .target = json::text(beginning.start.about, "Target", ""),
                              .started = beginning.start.at,
                              .ended = runbook::ended(beginning.status) ? beginning.start.at : Timestamp{}});
}

bool violates(const std::optional<Error>& refused) { return refused && refused->number == violation_number; }

bool is_held(const std::optional<Error>& stopped) {
  return stopped && (stopped->number == halted_number || stopped->number == ledger::lost_number);
}

Result<Executor::Run> Executor::load(const ExecutionId& id) const {
  return load(id, TRY(ledger_.stream(id.str())));
}

Result<Executor::Run> Executor::load(const ExecutionId& id, const std::vector<ledger::Entry>& entries) const {
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
    if (const auto* returned = std::get_if<Returned>(&event.what); returned && violates(returned->error))
      run.violation = returned->error;
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
                              .parent = run.beginning.parent,
                              .document = run.document,
                              .status = std::string(name(run.machine.status())),
                              .target = json::text(run.beginning.start.about, "Target", ""),
                              .started = run.beginning.start.at,
                              .ended = ended(run.machine.status()) ? now : Timestamp{}});
}

Result<ledger::Draft> Executor::step_on(Run& run, Event& event) const {
  auto body = run.on_record(event, gateway_);  // as the command that it answers says, before it is answered
  CHECK_OK(run.machine.apply(event));
  return ledger::Draft{.stream = run.id().str(),
                       .kind = entry::runbook_event,
                       .body = {{"event", std::move(body)}, {"status", name(run.machine.status())}}};
}

// A read that is not on record may be made again, like one that a crash left without an answer: its answer goes on
// record with the next thing that counts, and many steps that read cost one commit.
bool Executor::only_reads(const runbook::Command& command) const {
  const auto* asked = std::get_if<CallAws>(&command);
  if (!asked) return false;
  const aws::Call said{.service = asked->service, .operation = asked->operation, .input = asked->input};
  auto call = gateway_.normalise(said, "", "");
  return call && cloud::classify(*call, gateway_.catalog()).reads();
}

Result<> Executor::hold(Run& run, Event event) const {
  auto draft = TRY(step_on(run, event));
  if (run.held.empty()) run.held_since = event.at;
  run.held_until = event.at;
  run.held.push_back(std::move(draft));
  return {};
}

bool Executor::may_hold(const Run& run) const {
  return run.held.size() < held_max && clock_.now() - run.held_since < held_for;
}

// Where somebody else wrote meanwhile, what was held is forgotten, and read again.
Result<> Executor::tell_held(Run& run) {
  run.catch_up();
  auto drafts = std::exchange(run.held, {});
  for (auto& draft : drafts) draft.sequence = ++run.sequence;
  auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
    return store_row(tx, run, run.held_until);
  }, store::Runs::repeatably);
  if (!appended) return appended.error().code == Errc::conflict ? reload(run) : fail(appended.error());
  run.projected = run.machine.status();
  return {};
}

// Signals come in from other threads. Where one was first, the append fails, the stream is read again, and what is to
// be told must still fit.
Result<> Executor::record(Run& run, Event event, std::string_view token) {
  if (!run.held.empty()) CHECK_OK(tell_held(run));
  for (int attempt = 0; attempt < record_attempts_max; ++attempt) {
    run.catch_up();
    if (!token.empty() && !run.awaits(token))
      return fail(Errc::conflict, "nothing waits for this answer any more: {} is {}", run.id().str(),
                  name(run.machine.status()));
    std::vector<ledger::Draft> drafts;
    drafts.push_back(TRY(step_on(run, event)));
    drafts[0].sequence = run.sequence + 1;
    auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
      return project(tx, run, event);
    }, store::Runs::repeatably);
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
    run.asked_by = TRY(asked_by(run));  // nothing else is read while it is written
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
  auto waiting = TRY(waiting_of(run));
  for (const auto& person : policy_.principals) {
    if (!waiting || person.tell.empty() || !policy_.approver(person.name) || !may_answer(*waiting, person)) continue;
    AnswerLink link{.remediation = {}, .plan_hash = {}, .person = person.name, .expires = waiting->expires,
                    .execution = run.id(), .step = waiting->step};
    CHECK_OK(queue_notice_for(tx, policy_, {person.tell, notice, std::move(link)}, clock_.now()));
  }
  return {};
}

namespace {

// What a plan does not hold, its execution may not do: neither by us nor by AWS.
std::shared_ptr<const aws::SessionCut> cut_to(const ExecutionId& id, const Plan* plan,
                                              const cloud::Catalog& catalog) {
  if (!plan) return nullptr;
  auto policy = session_policy_of(*plan, catalog);
  if (policy.text.empty()) return nullptr;
  return std::make_shared<const aws::SessionCut>(aws::SessionCut{.name = session_name(id), .policy = policy.text});
}

}  // namespace

Result<Progress> Executor::drive(const ExecutionId& id, const Plan* plan, const Context& context) {
  auto entries = TRY(ledger_.stream(id.str()));
  auto run = TRY(load(id, entries));
  const auto& start = run.beginning.start;
  Doorway door(plan, start, gateway_);
  door.session = TRY(gateway_.open({.stream = id.str(), .account = start.account, .region = start.region,
                                    .control = plan ? plan->control : "", .admit = door.admit(),
                                    .expect = door.expect(), .learn = door.learn(),
                                    .cut = cut_to(id, plan, gateway_.catalog())}, entries));
  door.go_as(run.machine, id);
  auto running = TRY(running_scopes(run));
  CHECK_OK(door.remember(door.session->journal(), running));
  run.follow(door.session->journal());
  if (plan) {
    auto moved = TRY(moved_meanwhile(run, *plan, door.session->journal(), running, context));
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

// After a halt or a long wait, what it has not written yet must still be what people agreed to change; so before a
// script runs again that stood still between its writes, and is told what it read before them. A write that was under
// way is settled first.
Result<std::vector<std::string>> Executor::moved_meanwhile(const Run& run, const Plan& plan,
                                                           const gateway::Journal& made,
                                                           const std::vector<std::string>& running,
                                                           const Context& context) const {
  bool midway = std::ranges::any_of(made.intents(), [&](const auto& intent) {
    return std::ranges::any_of(running, [&](const auto& scope) { return intent->token.starts_with(scope + "/"); });
  });
  bool waited = midway || clock_.now() - run.last >= stall;
  bool looks = waited && !made.has_open_intents() && !ended(run.machine.status());
  if (!looks) return std::vector<std::string>{};
  auto reader = gateway_.reader(run.beginning.start.account, run.beginning.start.region);
  return moved_since(plan, &made, *reader, gateway_.catalog(), context);
}

Result<Progress> Executor::stop_by(Run& run, const Error& refused, Doorway& door, const Context& context) {
  if (!ended(run.machine.status())) CHECK_OK(record(run, {clock_.now(), StopRequested{}}));
  const auto* children = std::get_if<RunChildren>(&run.machine.next());
  if (children) TRY(drive_children(run, RunChildren(*children), door, context));
  return Progress{.ended = true, .status = run.machine.status(), .failure = refused.text(),
                  .violates = violates(refused), .moved = refused.number == moved_number ? refused.message : ""};
}

Result<Progress> Executor::go(Run& run, Doorway& door, const Context& context) {
  if (run.violation) return stop_by(run, *run.violation, door, context);  // it was stopped in an earlier life
  Ground ground{.library = &library_,
                .door = &door,
                .clock = &clock_,
                .scope = [&](const std::string& token) { door.session->scope(scope_of(run.id(), token)); },
                .post = [&](const PostWebhook& webhook, const Context& within) { return post(webhook, within); }};
  if (gateway_.time_is_virtual())
    ground.pass_time = [&](milliseconds time) { std::ignore = gateway_.pause(time, context); };
  const auto& start = run.beginning.start;
  if (clock_.now() < start.at && !ended(run.machine.status()))
    return Progress{.status = run.machine.status(), .due = start.at, .sequence = run.sequence};
  AlarmWatch alarms(start, gateway_.reader(start.account, start.region));
  while (true) {
    CHECK_OK(context.check());
    run.catch_up();
    if (auto stop = alarms.look(clock_.now(), run.machine.status(), context)) {
      auto told = record(run, {clock_.now(), std::move(*stop)});  // whoever stopped it meanwhile was first
      if (!told && told.error().code != Errc::invalid) return fail(told.error());
    }
    const runbook::Command command = run.machine.next();
    const bool reads = only_reads(command);
    if (!run.held.empty() && !(reads && may_hold(run))) {
      CHECK_OK(tell_held(run));
      continue;
    }
    if (const auto* finished = std::get_if<Finished>(&command))
      return Progress{.ended = true, .status = finished->status, .failure = run.secrets.mask(finished->failure),
                      .handed = run.beginning.handed};
    if (const auto* wait = std::get_if<runbook::WaitUntil>(&command)) {
      if (clock_.now() < wait->due)
        return Progress{.status = run.machine.status(), .due = alarms.at_most(wait->due), .sequence = run.sequence};
      CHECK_OK(record(run, {clock_.now(), Woke{wait->token}}));
      continue;
    }
    if (const auto* await = std::get_if<AwaitSignal>(&command)) {
      CHECK_OK(ask(run, *await));
      if (!run.awaits(await->token)) continue;
      if (clock_.now() < await->expires)
        return Progress{.status = run.machine.status(), .due = alarms.at_most(await->expires),
                        .sequence = run.sequence};
      CHECK_OK(record(run, {clock_.now(), Woke{await->token}}));
      continue;
    }
    door.secrets = &run.secrets;
    if (const auto* children = std::get_if<RunChildren>(&command)) {
      auto progress = TRY(go_below(run, *children, door, context));
      if (progress && !progress->ended) progress->due = alarms.at_most(progress->due);
      if (progress) return std::move(*progress);
      continue;
    }
    auto returned = TRY(perform(command, run.beginning.start, ground, context));
    const auto& stopped = door.session->stopped_by();
    if (is_held(stopped)) return Progress{.status = run.machine.status(), .due = clock_.now() + halted_pause};
    // What a script made of the refusal is no answer: it may have passed over it.
    if (stopped && !returned.error) returned.error = *stopped;
    if (stopped) returned.error->number = stopped->number;
    Event event{clock_.now(), std::move(returned)};
    auto told = reads && !stopped ? hold(run, std::move(event)) : record(run, std::move(event));
    // A stop that came in meanwhile ends the step; what the call answered is in the gateway's journal all the same.
    if (!told && told.error().code != Errc::invalid) return fail(told.error());
    if (stopped) return stop_by(run, *stopped, door, context);
  }
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

// The person behind it: who asked for the fix, or started the runbook, whose children are started in the same name.
Result<std::string> Executor::asked_by(const Run& run) const {
  if (run.asked_by) return *run.asked_by;
  if (run.beginning.remediation.empty()) return run.beginning.start.executed_by;
  auto entries = TRY(ledger_.stream(run.beginning.remediation));
  return entries.empty() ? std::string() : json::text(entries[0].body, "requester", "");
}

Result<std::optional<WaitingStep>> Executor::waiting_of(const Run& run) const {
  const auto* await = std::get_if<AwaitSignal>(&run.machine.next());
  if (!await) return std::nullopt;
  auto asked_by = TRY(this->asked_by(run));
  WaitingStep out{.token = await->token, .step = await->step, .kind = kind_of(*await), .document = run.document,
                  .message = run.secrets.mask(await->message), .remediation = run.beginning.remediation,
                  .approvers = await->approvers, .decided = {}, .account = run.beginning.start.account,
                  .asked_by = std::move(asked_by), .expires = await->expires};
  auto [first, last] = run.decided.equal_range(await->token);
  for (auto one = first; one != last; ++one) out.decided.push_back(one->second);
  return std::optional(std::move(out));
}

Result<> Executor::stop(const ExecutionId& id, StopRequested how) {
  auto run = TRY(load(id));
  return record(run, {clock_.now(), std::move(how)});
}

namespace {

// Of one that was started for targets, or in many places.
bool for_many(const Start& start) {
  constexpr const char* members[] = {"Targets", "TargetMaps", "TargetLocations"};
  return std::ranges::any_of(members, [&](const char* member) { return start.about.contains(member); });
}

// What one of TargetMaps is called by: its value of the parameter that targets are, or of its first one where none is
// named. What else it says is no target.
json::Value mapped_target(const json::Value& map, const std::string& by) {
  for (const auto& [parameter, values] : json::members(map)) {
    if (!by.empty() && parameter != by) continue;
    const auto& listed = json::items(values);
    return listed.empty() ? json::Value() : listed.front();
  }
  return {};
}

// The targets that were named, and those that were found so far.
json::Array named_targets(const json::Object& about, const std::vector<json::Value>& begun) {
  json::Array out;
  auto add = [&](const json::Value& target) {
    auto text = json::Value(json::scalar_text(target));
    if (!json::text(text).empty() && std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
  };
  for (const auto& target : json::items(json::at(about, "Targets")))
    if (json::text(target, "Key", "") == "ParameterValues")
      for (const auto& value : json::items(json::at(target, "Values"))) add(value);
  const auto by = json::text(about, "TargetParameterName", "");
  for (const auto& map : json::items(json::at(about, "TargetMaps")))
    add(mapped_target(map, by));
  for (const auto& target : begun) add(target);
  return out;
}

// One of those that it started, as a step: as Systems Manager shows them.
json::Object step_of_child(const json::Value& row) {
  auto id = uuid_from(json::text(row, "id", ""));
  auto target = json::text(row, "target", "");
  json::Object told{{"StepName", target.empty() ? id : target},
                    {"Action", "aws:executeAutomation"},
                    {"StepExecutionId", id},
                    {"StepStatus", json::at(row, "status")},
                    {"Inputs", json::Object{{"DocumentName", json::print(json::at(row, "document"))}}},
                    {"Outputs", json::Object{{"ExecutionId", json::Array{json::Value(id)}}}}};
  if (const auto& began = json::at(row, "started_at"); !began.is_null()) told["ExecutionStartTime"] = began;
  if (const auto& over = json::at(row, "ended_at"); !over.is_null()) told["ExecutionEndTime"] = over;
  return told;
}

// What the runbook itself is given, as lists of texts.
json::Object parameters_of_each(const Start& start) {
  json::Object out;
  for (const auto& [name, value] : json::members(json::at(start.parameters, for_each_parameter))) {
    json::Array texts;
    if (value.is_array())
      for (const auto& item : value.get_array()) texts.push_back(json::Value(json::scalar_text(item)));
    else
      texts.push_back(json::Value(json::scalar_text(value)));
    out[name] = std::move(texts);
  }
  return out;
}

}  // namespace

// Whom it was started for, and how they stand.
Result<> Executor::tell_children(const Run& run, json::Object& told) const {
  const auto& remediation = run.beginning.remediation;
  const auto& above = remediation.empty() ? run.id().str() : remediation;
  auto rows = TRY(list_executions(ledger_, {.status = "", .parent = above}));
  std::vector<json::Value> begun;
  json::Array steps;
  std::map<std::string, std::int64_t> counts;
  std::int64_t total = 0;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (json::text(*row, "parent", "") != run.id().str()) continue;
    ++total;
    ++counts[json::text(*row, "status", "")];
    begun.push_back(json::at(*row, "target"));
    steps.push_back(step_of_child(*row));
  }
  const auto& start = run.beginning.start;
  told["Parameters"] = run.secrets.mask_all(parameters_of_each(start));
  told["StepExecutions"] = std::move(steps);
  told["Outputs"] = json::Object();
  auto targets = named_targets(start.about, begun);
  const auto known = std::max(targets.size(), json::items(json::at(start.about, "TargetMaps")).size());
  total = std::max(total, static_cast<std::int64_t>(known));  // also those that do not run yet
  told["ResolvedTargets"] = json::Object{{"ParameterValues", std::move(targets)}, {"Truncated", false}};
  told["ProgressCounters"] = json::Object{{"TotalSteps", total},
                                          {"SuccessSteps", counts["Success"]},
                                          {"FailedSteps", counts["Failed"]},
                                          {"CancelledSteps", counts["Cancelled"]},
                                          {"TimedOutSteps", counts["TimedOut"]}};
  return {};
}

Result<json::Value> Executor::describe(const ExecutionId& id) const {
  auto run = TRY(load(id));
  auto out = json::members(run.secrets.mask_all(run.machine.execution()));
  out["id"] = id.str();
  out["remediation"] = run.beginning.remediation;
  if (for_many(run.beginning.start)) CHECK_OK(tell_children(run, out));
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
