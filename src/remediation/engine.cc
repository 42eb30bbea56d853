// The shell itself: workers, timers, the outbox, and what people ask for. engine_signals.cc and
// engine_story.cc hold the turns.

#include "remediation/engine.h"

#include <algorithm>

#include "base/digest.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "ledger/outbox.h"
#include "ledger/timers.h"
#include "remediation/assume_role.h"
#include "remediation/first_look.h"
#include "remediation/for_many.h"
#include "remediation/notices.h"
#include "remediation/passing.h"
#include "remediation/refold.h"
#include "remediation/rehearse.h"
#include "runbook/approvers.h"
#include "telemetry/instruments.h"
#include "telemetry/pulse.h"

namespace aright::remediation {

namespace {

constexpr std::size_t due_batch = 64;

Error unknown(std::string_view what, const std::string& id) {
  return {.code = Errc::not_found, .message = fmt::format("there is no {} {}", what, id), .number = "AR-0010"};
}

// A turn, on the record of monitoring: how long it took, and how it came out.
template <typename Turn>
Result<> timed(const std::string& stream, const Turn& turn) {
  static auto& process = telemetry::Registry::process();
  static auto& turns = process.counter("aright_engine_turns_total", "Turns of the engine.", {"of", "outcome"});
  static auto& times = process.histogram("aright_engine_turn_seconds", "How long turns of the engine took.",
                                         telemetry::machine_seconds, {"of"});
  static auto& running = process.gauge("aright_engine_turns_running", "Turns of the engine that are under way.").with();
  auto of = std::string_view(stream).substr(0, stream.find_first_of("_/"));
  Stopwatch watch;
  running.add(1);
  auto turned = turn();
  running.add(-1);
  times.with({of}).observe(watch.seconds());
  turns.with({of, turned ? "ok" : name(turned.error().code)}).add();
  return turned;
}

// What stands in the way of another plan: an agreement is to one plan, and this is not it.
Error already_under_way(const State& current) {
  auto own = current.plan ? fmt::format(", with the plan {}", current.plan->hash) : "";
  return {.code = Errc::conflict,
          .message = fmt::format("{} is under way already{}, and it is {}; nothing else was started", current.id.str(),
                                 own, name(current.stage)),
          .number = "AR-0018"};
}

}  // namespace

json::Object by(const Actor& actor) { return {{"principal", actor.name}, {"principal_arn", actor.arn}}; }

Engine::Engine(EngineOptions options)
    : catalog_(*options.catalog),
      models_(*options.models),
      cloud_(*options.cloud),
      ledger_(*options.ledger),
      clock_(*options.clock),
      links_(options.links),
      gateway_(cloud_, catalog_, models_, ledger_, std::move(options.pause)),
      edition_(edition_of({std::shared_ptr<void>(), options.policy}, {std::shared_ptr<void>(), options.library},
                          *options.controls)),
      bursts_(options.policy->burst_window),
      courier_(cloud_),
      workers_(options.workers),
      log_(std::move(options.log)),
      lanes_(workers_, clock_, [this](const std::string& stream) {
        if (auto woken = wake_at(stream, clock_.now()); !woken) log(woken.error().text());
        nudge();
      }) {}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
  auto fleet = std::move(options.fleet);
  std::unique_ptr<Engine> engine(new Engine(std::move(options)));
  if (fleet) engine->fleet_ = std::make_unique<Fleet>(engine->ledger_, std::move(*fleet));
  CHECK_OK(engine->halt_again());
  auto renewed = TRY(renew_projections(engine->ledger_, engine->controls()));
  if (renewed && engine->ledger_.size() > 0) engine->log("the documents of another version were made anew");
  CHECK_OK(engine->fleet_ ? engine->join_fleet() : engine->begin_edition());
  return engine;
}

Engine::~Engine() { stop(); }

void Engine::run() {
  {
    std::lock_guard lock(mutex_);
    leaving_ = false;
  }
  for (unsigned i = 0; i < workers_; ++i) threads_.emplace_back([this](std::stop_token stop) { work(stop); });
  threads_.emplace_back([this](std::stop_token stop) { keep_time(stop); });
}

void Engine::stop(milliseconds grace) {
  auto under_way = [this] {
    std::lock_guard lock(mutex_);
    leaving_ = true;
    return !busy_.empty();
  };
  auto limit = Context::within(grace);
  while (under_way() && !threads_.empty() && limit.sleep(leaving_look)) {
  }
  stopping_.request_stop();
  for (auto& thread : threads_) thread.request_stop();
  awake_.notify_all();
  threads_.clear();
  if (rings_) ledger_.unsubscribe(*rings_);
  rings_.reset();
  bell_.reset();
  if (fleet_) fleet_->stop();
}

void Engine::log(const std::string& line) const {
  if (log_) log_(line);
}

void Engine::work(std::stop_token stop) {
  auto leaving = [this] {
    std::lock_guard lock(mutex_);
    return leaving_;
  };
  while (!stop.stop_requested() && !leaving()) {
    auto did = step({.stop = stop});
    if (!did && !stop.stop_requested()) log(did.error().text());
    if (did && *did) continue;
    std::unique_lock lock(mutex_);
    awake_.wait(lock, stop, [this] { return work_due_ || leaving_; });
    work_due_ = false;
  }
}

// Looks at the clock for everybody: one that waits for the next timer can't know when it was set anew.
void Engine::keep_time(std::stop_token stop) {
  Context context{.stop = stop};
  Timestamp prune_at;
  while (context.sleep(poll_interval)) {
    telemetry::beat(telemetry::Pulse::engine);
    if (clock_.now() >= prune_at) {
      if (auto pruned = prune_messages(ledger_, clock_.now()); !pruned) log(pruned.error().text());
      prune_at = clock_.now() + prune_every;
    }
    if (fleet_)
      if (auto followed = follow_others(); !followed) log(followed.error().text());
    bool due = false;
    auto looked = ledger_.database().read([&](store::Transaction& tx) -> Result<> {
      auto timer = TRY(ledger::timers::next(tx));
      auto notice = TRY(ledger::outbox::next(tx, outbox_channel));
      auto delivery = TRY(ledger::outbox::next(tx, deliveries_channel));
      auto errand = TRY(ledger::outbox::next(tx, tools_channel));
      for (const auto& one : {timer, notice, delivery, errand}) due = due || (one && *one <= clock_.now());
      return {};
    });
    if (!looked) log(looked.error().text());
    if (due) nudge();
  }
}

void Engine::nudge() {
  {
    std::lock_guard lock(mutex_);
    work_due_ = true;
  }
  awake_.notify_one();
}

std::string Engine::pop_ready() {
  if (ready_.empty()) return "";
  auto stream = std::move(ready_.front());
  ready_.pop_front();
  queued_.erase(stream);
  busy_.insert(stream);
  // One that finds more than it can do wakes another one, who does the same.
  work_due_ = !ready_.empty();
  if (work_due_) awake_.notify_one();
  return stream;
}

// Nothing: no stream is due that nobody is at.
Result<std::string> Engine::take_due() {
  std::size_t under_way = 0;
  {
    std::lock_guard lock(mutex_);
    if (auto stream = pop_ready(); !stream.empty()) return stream;
    under_way = busy_.size();
  }
  if (fleet_) return claim_due();
  std::vector<ledger::Timer> due;
  // Streams under way are due as well, until their turn ends; those that nobody is at may stand behind all of them.
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    due = TRY(ledger::timers::due(tx, clock_.now(), under_way + due_batch));
    return {};
  }));
  std::lock_guard lock(mutex_);
  for (auto& timer : due)
    if (!busy_.contains(timer.stream) && queued_.insert(timer.stream).second) ready_.push_back(std::move(timer.stream));
  return pop_ready();
}

Result<bool> Engine::step(const Context& context) {
  Pin pin(*this);
  auto stream = TRY(take_due());
  if (stream.empty()) return send_one(context);
  ledger::Fence::Around fence(grip_of(stream));
  auto turned = timed(stream, [&] { return turn(stream, context.at_most(turn_timeout)); });
  Result<> ended;
  bool lost = !turned && turned.error().number == ledger::lost_number;
  if (!turned && !lost && !context.stop.stop_requested()) ended = after_fault(stream, turned.error());
  put_back(stream, turned.has_value());
  CHECK_OK(ended);
  return true;
}

void Engine::put_back(const std::string& stream, bool turned) {
  {
    std::lock_guard lock(mutex_);
    if (turned) faults_.erase(stream);
    busy_.erase(stream);
    if (auto grip = grips_.extract(stream)) fleet_->done(*grip.mapped());
    work_due_ = true;
  }
  awake_.notify_one();
}

Result<> Engine::after_fault(const std::string& stream, const Error& error) {
  // Somebody else told something meanwhile, such as that the same finding was opened: look again at once. Anything else
  // is a fault, and may pass.
  if (error.code == Errc::conflict) return wake_at(stream, clock_.now());
  log(stream + ": " + error.text());
  int in_a_row = 0;
  if (!passing(error)) {
    std::lock_guard lock(mutex_);
    in_a_row = ++faults_[stream];
  }
  if (in_a_row >= faults_max) {
    bool aside = TRY(set_aside(stream, error));
    if (aside) return {};
  }
  return wake_at(stream, clock_.now() + fault_pause);
}

Result<bool> Engine::set_aside(const std::string& stream, const Error& error) {
  auto reason = fmt::format("it failed {} times in a row: {}", faults_max, error.text());
  if (stream.starts_with(RemediationTag::prefix)) {
    auto id = TRY(RemediationId::parse(stream));
    auto state = TRY(remediation(id));
    auto told = telling();
    told.about(state, entry::escalated, {{"reason", reason}});
    told.notify(notice(state, "escalated", what(state) + " is set aside", {{"reason", reason}}));
    CHECK_OK(told.commit());
    return true;
  }
  if (!stream.starts_with(SignalTag::prefix)) return false;
  auto last = TRY(ledger_.stream(stream));
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = stream, .kind = entry::signal_handled,
                    .body = {{"trace", json::Array{json::Value("set aside: " + reason)}}},
                    .sequence = last.size() + 1});
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) -> Result<> {
    CHECK_OK(ledger::timers::cancel(tx, stream));
    return {};
  }));
  return true;
}

Result<> Engine::settle(const Context& context) {
  while (true) {
    CHECK_OK(context.check());
    auto did = TRY(step(context));
    if (!did) return {};
  }
}

Result<> Engine::turn(const std::string& stream, const Context& context) {
  if (stream.starts_with(SignalTag::prefix)) return turn_signal(stream, context);
  if (stream.starts_with(ExecutionTag::prefix)) return turn_execution(stream, context);
  if (stream.starts_with(FindingTag::prefix)) return turn_finding(stream, context);
  if (stream.starts_with(replay_prefix)) return turn_replay(stream, context);
  if (stream.starts_with(schedule_prefix)) return turn_schedule(stream, context);
  if (stream.starts_with(EscalationTag::prefix)) return turn_escalation(stream);
  if (stream.starts_with(watch_prefix)) return turn_watch(stream);
  if (stream.starts_with(first_look_prefix)) {
    if (fleet_) CHECK_OK(follow_others());  // whoever put the rule may be another worker
    return look_first(*this, stream, context);
  }
  return turn_remediation(stream, context);
}

Telling::Work Engine::wake(const std::string& stream, Timestamp due) {
  return [stream, due](store::Transaction& tx) {
    return ledger::timers::set(tx, {.id = stream, .stream = stream, .due = due});
  };
}

Result<> Engine::wake_at(const std::string& stream, Timestamp due) {
  return ledger_.transact(wake(stream, due), store::Runs::repeatably);
}

Result<> Engine::rest(const std::string& stream, const std::vector<Seen>& seen, std::optional<Timestamp> due) {
  return ledger_.transact([&](store::Transaction& tx) -> Result<> {
    auto wake = due;
    for (const auto& looked_at : seen) {
      auto last = TRY(ledger::last_sequence(tx, looked_at.stream));
      if (looked_at.sequence != 0 && last != looked_at.sequence) wake = clock_.now();
    }
    if (wake) return ledger::timers::set(tx, {.id = stream, .stream = stream, .due = *wake});
    return ledger::timers::cancel(tx, stream);
  }, store::Runs::repeatably);
}

Result<> Engine::stand_in_line(const std::string& account, const std::string& region, const Seen& seen) {
  CHECK_OK(rest(seen.stream, {seen}, clock_.now() + lane_look));
  return lanes_.has_called(account, region, seen.stream) ? wake_at(seen.stream, clock_.now()) : Result<>{};
}

Result<std::pair<SignalId, ledger::Draft>> Engine::received_signal(json::Object event, const Arrival& arrival) const {
  Pin pin(*this);
  auto account = policy().targets.empty() ? "" : policy().targets[0].account;
  auto whole = TRY(bus::complete(std::move(event), account, "us-east-1", clock_.now()));
  auto named = json::text(whole, "account") + "|" + json::text(whole, "source") + "|" + json::text(whole, "id");
  if (arrival.bus != bus::default_bus) named += "|" + arrival.bus;  // once on each bus
  if (!arrival.replay.empty()) named += "|replay|" + arrival.replay;  // and once in each replay
  auto id = SignalId::derived(to_hex(sha256(named)).substr(0, 26));
  json::Object body{{"kind", "event"}, {"source", json::at(whole, "source")}, {"body", std::move(whole)}};
  add_to(body, arrival);
  return std::pair(id, ledger::Draft{.stream = id.str(), .kind = entry::signal_received, .body = std::move(body),
                                     .sequence = 1});
}

Result<SignalId> Engine::accept_event(json::Object event, const Arrival& arrival) {
  auto received = TRY(received_signal(std::move(event), arrival));
  auto& id = received.first;
  std::vector<ledger::Draft> drafts;
  drafts.push_back(std::move(received.second));
  auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto& entries) {
    return ledger::timers::set(tx, {.id = id.str(), .stream = id.str(), .due = entries[0].time});
  }, store::Runs::repeatably);
  if (!appended && appended.error().code != Errc::conflict) return fail(appended.error());
  nudge();
  return id;
}

Result<> Engine::accept_events(const std::vector<json::Object>& events, const Arrival& arrival) {
  std::vector<std::pair<SignalId, ledger::Draft>> received;
  std::set<std::string> seen;
  for (const auto& event : events) {
    auto one = TRY(received_signal(event, arrival));
    if (seen.insert(one.first.str()).second) received.push_back(std::move(one));
  }
  for (std::size_t from = 0; from < received.size(); from += accept_batch) {
    const auto to = std::min(from + accept_batch, received.size());
    std::vector<ledger::Draft> drafts;
    // Somebody may tell the same at this moment; then those that are new are others, and are looked for again.
    for (int attempt = 0; attempt < tell_attempts_max; ++attempt) {
      drafts.clear();
      CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
        for (auto i = from; i < to; ++i) {
          auto last = TRY(ledger::last_sequence(tx, received[i].first.str()));
          if (last == 0) drafts.push_back(received[i].second);
        }
        return {};
      }));
      if (drafts.empty()) break;
      auto appended = ledger_.append(drafts, [](store::Transaction& tx, const auto& entries) -> Result<> {
        for (const auto& entry : entries)
          CHECK_OK(ledger::timers::set(tx, {.id = entry.stream, .stream = entry.stream, .due = entry.time}));
        return {};
      }, store::Runs::repeatably);
      if (appended) break;
      if (appended.error().code != Errc::conflict || attempt + 1 == tell_attempts_max) return fail(appended.error());
    }
    nudge();
  }
  return {};
}

Result<Finding> Engine::finding(const FindingId& id) const {
  auto entries = TRY(ledger_.stream(id.str()));
  if (entries.empty()) return fail(unknown("finding", id.str()));
  Finding finding;
  for (const auto& entry : entries) fold(finding, entry);
  return finding;
}

Result<State> Engine::remediation(const RemediationId& id) const {
  auto entries = TRY(ledger_.stream(id.str()));
  if (entries.empty()) return fail(unknown("remediation", id.str()));
  return fold_all(entries);
}

Result<> Engine::tell(const State& state, const char* kind, json::Object body) {
  auto told = telling();
  told.about(state, kind, std::move(body));
  CHECK_OK(told.commit());
  nudge();
  return {};
}

Result<Judged> Engine::judged_again(const Finding& finding) const {
  Judged judged{.resource = finding.resource, .control = finding.control,
                .evaluation = {rules::Compliance::non_compliant, finding.annotation}, .source = finding.source,
                .title = finding.title, .other_id = finding.other_id, .sightings = finding.sightings};
  if (const auto* control = controls().find(finding.control))
    if (auto action = action_from_json(control->remediation)) judged.action = std::move(*action);
  if (!judged.action && !finding.remediation.empty()) {
    auto last = TRY(remediation(finding.remediation));
    judged.action = last.action;
  }
  return judged;
}

Result<RemediationId> Engine::fix(const FindingId& id, std::string_view plan_hash, const Actor& actor) {
  for (int attempt = 0; attempt < tell_attempts_max; ++attempt) {
    auto found = TRY(finding(id));
    if (!found.open) return fail(Errc::conflict, "{} is resolved already", id.str());
    if (!found.remediation.empty()) {
      auto current = TRY(remediation(found.remediation));
      bool same = current.agreed == plan_hash || (current.plan && current.plan->hash == plan_hash);
      if (aright::remediation::open(current) && same && !gives_way(current)) return found.remediation;
      if (aright::remediation::open(current) && !gives_way(current)) return fail(already_under_way(current));
    }
    CHECK_OK(sealed_plan(id, plan_hash));
    auto judged = TRY(judged_again(found));
    auto told = telling();
    if (!found.remediation.empty())
      if (auto current = TRY(remediation(found.remediation)); gives_way(current))
        told.about(current, entry::closed, {{"reason", actor.name + " asked for a fix"}});
    open_remediation(found, judged, actor.name, {.person = actor.name, .plan_hash = std::string(plan_hash)}, told);
    auto done = told.commit();
    if (done) {
      nudge();
      auto now = TRY(finding(id));
      return now.remediation;
    }
    if (done.error().code != Errc::conflict) return fail(done.error());
  }
  return fail(Errc::conflict, "{}: others kept changing it", id.str());
}

Result<Plan> Engine::plan(const FindingId& id, const Actor& actor, const Context& context) {
  auto found = TRY(finding(id));
  auto judged = TRY(judged_again(found));
  int attempts = 0;
  milliseconds pause{0};
  auto action = action_for(judged, attempts, pause);
  if (action.target.empty()) return fail(Errc::unsupported, "control {} has no remediation", found.control);
  auto plan = TRY(make_plan(id, found.control, found.resource, action, context));
  auto body = by(actor);
  body["plan"] = to_json(plan);
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = plan.id.str(), .kind = entry::plan_sealed, .body = std::move(body), .sequence = 1});
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
    return store_plan(tx, plan);
  }));
  return plan;
}

Result<Plan> Engine::sealed_plan(const FindingId& finding, std::string_view hash) const {
  auto id = TRY(plan_by_hash(ledger_, hash));
  if (id) {
    auto entries = TRY(ledger_.stream(id->str()));
    if (entries.empty()) return fail(Errc::corrupt, "plan {} is not on record", id->str());
    auto plan = TRY(plan_from_json(json::at(entries[0].body, "plan")));
    if (plan.hash == hash && plan.finding == finding) return plan;
  }
  return fail({.code = Errc::not_found,
               .message = fmt::format("no plan of {} has the hash {}; make one and look at it first", finding.str(),
                                      hash),
               .number = "AR-0018"});
}

Result<> Engine::roll_back(const RemediationId& id, const Actor& actor, std::string reason) {
  auto state = TRY(remediation(id));
  bool done = std::holds_alternative<Resolved>(state.stage) || std::holds_alternative<Escalated>(state.stage);
  if (!done || state.executions.empty())
    return fail(Errc::conflict, "{} can't be rolled back: it is {}", id.str(), name(state.stage));
  auto body = by(actor);
  body["reason"] = reason;
  return tell(state, entry::rollback_requested, std::move(body));
}

Result<> Engine::signal_execution(const ExecutionId& id, std::string_view type, std::string_view step,
                                  const Actor& actor, std::string comment) {
  const auto& principal = actor.arn.empty() ? actor.name : actor.arn;
  if (type == "Reject") CHECK_OK(check_reason(comment));
  if (type == "Approve")
    if (auto waiting = TRY(executor().waiting_step(id)))
      if (!runbook::approvers_meant(waiting->approvers, principal, waiting->account).empty())
        CHECK_OK(check_not_own(*waiting, actor.name));
  runbook::Signalled signalled{.type = std::string(type), .principal = principal,
                               .comment = std::move(comment), .step = std::string(step)};
  CHECK_OK(executor().signal(id, signalled));
  nudge();
  return {};
}

Result<> Engine::stop_execution(const ExecutionId& id, const Actor& actor, std::string reason, bool complete) {
  CHECK_OK(executor().stop(id, {.complete = complete, .principal = actor.name, .reason = std::move(reason)}));
  nudge();
  return {};
}

namespace {

// What a client asked for: with the same token it is to be the same.
std::string request_of(std::string_view name, const json::Object& parameters, const Manner& manner) {
  json::Object asked{{"name", name},          {"parameters", parameters},           {"for_each", manner.for_each},
                     {"tags", manner.tags},   {"interactive", manner.interactive},  {"version", manner.version}};
  return to_hex(sha256(json::canonical(asked)));
}

// Of the execution that a client's token stands for.
ExecutionId execution_of_token(const Resource& here, const std::string& token) {
  return execution_named_by(fmt::format("{}|{}|{}", here.account, here.region, token));
}

}  // namespace

Result<ExecutionId> Engine::start_runbook(std::string_view name, const json::Object& parameters,
                                          const std::string& account, const std::string& region, const Actor& actor,
                                          const Context& context, const Manner& manner) {
  Pin pin(*this);
  auto request = manner.token.empty() ? "" : request_of(name, parameters, manner);
  Resource here{.account = account, .region = region, .type = "", .id = "", .arn = ""};
  if (!request.empty())
    if (auto begun = TRY(begun_already(execution_of_token(here, manner.token), request))) return *begun;
  Action action{.kind = Action::Kind::runbook, .target = std::string(name), .parameters = parameters};
  auto reader = gateway_.reader(account, region);
  const auto many = for_whom(manner.for_each);
  if (!many.empty()) CHECK_OK(look_at_one(library(), name, manner.version, parameters, many, *reader, context));
  auto prepare_it = [&] {
    if (!many.empty()) return prepare_for_each(name, parameters, many);
    if (!manner.version.empty()) return prepare_version(library(), name, manner.version, parameters, *reader, context);
    return prepare(library(), action, here, "", *reader, context);
  };
  auto whole = prepare_it();
  auto prepared = TRY(std::move(whole));
  const runbook::Start where{.account = account, .region = region, .at = clock_.now()};
  CHECK_OK(check_role(gateway_.cloud(), prepared, where, context));
  return begin(prepared, here, actor, manner, request);
}

Result<std::optional<ExecutionId>> Engine::begun_already(const ExecutionId& id, const std::string& request) const {
  auto entries = TRY(ledger_.stream(id.str()));
  if (entries.empty()) return std::nullopt;
  if (json::text(entries[0].body, "request", "") == request) return id;
  return fail({.code = Errc::conflict,
               .message = "an execution was started with this ClientToken already, and for something else",
               .wire_code = "IdempotentParameterMismatch"});
}

Result<ExecutionId> Engine::begin(const Prepared& prepared, const Resource& here, const Actor& actor,
                                  const Manner& manner, const std::string& request) {
  auto id = manner.token.empty() ? ExecutionId::make(clock_.now()) : execution_of_token(here, manner.token);
  Beginning beginning{.id = id, .remediation = "", .parent = "", .owner = id.str(), .request = request,
                      .handed = manner.handed,
                      .start = {.execution_id = uuid_from(id.str()), .account = here.account, .region = here.region,
                                .parameters = prepared.parameters, .executed_by = actor.name,
                                .at = std::max(manner.at, clock_.now())}};
  auto& start = beginning.start;
  if (auto& handed = beginning.handed; !handed.empty()) {
    handed.emplace("first", start.execution_id);
    start.seed = json::text(handed, "first", "");  // one request, whichever attempt it is
  }
  start.interactive = manner.interactive && for_whom(manner.for_each).empty();
  start.about = about_of(manner.for_each);
  if (!manner.version.empty()) start.about["DocumentVersion"] = manner.version;
  if (!manner.tags.empty()) start.about["Tags"] = manner.tags;
  std::vector<ledger::Draft> drafts;
  drafts.push_back(executor().begin(beginning, prepared));
  auto begun = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto& entries) -> Result<> {
    CHECK_OK(Executor::project(tx, beginning, prepared));
    return ledger::timers::set(tx, {.id = id.str(), .stream = id.str(), .due = entries[0].time});
  }, store::Runs::repeatably);
  // Somebody else came with the same token at this moment.
  if (!begun && begun.error().code == Errc::conflict && !request.empty())
    if (auto other = TRY(begun_already(id, request))) return *other;
  if (!begun) return fail(begun.error());
  nudge();
  return id;
}

}  // namespace aright::remediation
