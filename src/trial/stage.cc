#include "trial/stage.h"

#include "ledger/timers.h"
#include "trial/agent.h"

namespace aright::trial {

namespace {

// Whoever is asked answers: the stage speaks for each approver in turn.
constexpr milliseconds command_time_max{60'000};  // of real time
constexpr const char* everybody = "arn:aws:iam::111122223333:user/everybody";

}  // namespace

Stage::Stage()
    : cloud({.account = account, .authorize = true}, clock),
      functions(cloud, {.pass_time = [this](milliseconds time) { clock.advance(time); }}),
      sessions(cloud),
      door(sessions),
      patient(door, clock) {
  functions.serve();
  cloud.run_commands([this](sandbox::CommandRun run) {
    perform(cloud, std::move(run), Context::within(command_time_max));
  });
}

Result<std::unique_ptr<Stage>> Stage::open(StageOptions options) {
  std::unique_ptr<Stage> stage(new Stage());
  if (options.begin) options.policy += TRY(options.begin(*stage));
  auto text = fmt::format("targets: [{{account: \"{}\", regions: [{}]}}]\n{}", account, region, options.policy);
  stage->policy = TRY(remediation::parse_policy(text, ".", *options.controls));
  stage->policy.runbooks = std::move(options.runbooks);
  stage->answers_ = std::move(options.answers);
  stage->library = TRY(remediation::Library::open(stage->policy));
  ledger::Options ledger{.clock = &stage->clock};
  stage->ledger = TRY(ledger::Ledger::open(std::move(ledger)));
  auto& clock = stage->clock;
  stage->engine = TRY(remediation::Engine::open({.policy = &stage->policy,
                                                 .controls = options.controls,
                                                 .catalog = &cloud::Catalog::embedded(),
                                                 .models = &model::Models::embedded(),
                                                 .cloud = &stage->patient,
                                                 .ledger = stage->ledger.get(),
                                                 .clock = &clock,
                                                 .library = &*stage->library,
                                                 .pause = [&clock](milliseconds time, const Context&) -> Result<> {
                                                   clock.advance(time);
                                                   return {};
                                                 }}));
  return stage;
}

Result<> Stage::carry_on(const std::function<Result<bool>()>& done) {
  for (int look = 0; look < looks_max; ++look) {
    CHECK_OK(engine->settle({}));
    auto finished = TRY(done());
    if (finished) return {};
    auto answered = TRY(somebody_answers());
    if (answered) continue;
    auto passed = TRY(time_passes());
    if (!passed) return fail(Errc::deadline, "it waits, and nothing is left to wait for");
  }
  return fail(Errc::deadline, "it did not come to an end within {} looks", looks_max);
}

Result<bool> Stage::somebody_answers() {
  auto waiting = TRY(engine->executor().waiting_for_people());
  for (const auto& one : waiting) {
    auto step = json::text(one, "step", "");
    auto answer = answers_.find(step);
    std::string type = answer == answers_.end() ? "" : answer->second;
    if (type == "Never") continue;
    auto approvers = json::texts(json::at(one, "approvers"));
    if (type.empty()) type = approvers.empty() ? "Resume" : "Approve";
    if (approvers.empty()) approvers.push_back(everybody);
    auto id = TRY(ExecutionId::parse(json::text(one, "execution", "")));
    for (const auto& approver : approvers) {
      auto sent = engine->signal_execution(id, type, step, {approver, approver}, "a test");
      if (sent) return true;
      if (sent.error().code == Errc::internal) return fail(sent.error());
    }
  }
  return false;
}

Result<bool> Stage::time_passes() {
  std::optional<Timestamp> due;
  CHECK_OK(ledger->database().read([&](store::Transaction& tx) -> Result<> {
    due = TRY(ledger::timers::next(tx));
    return {};
  }));
  if (!due) return false;
  clock.set(std::max(*due, clock.now() + milliseconds(1)));
  return true;
}

Result<json::Value> Stage::run(const std::string& runbook, const json::Object& parameters) {
  execution_ = TRY(engine->start_runbook(runbook, parameters, account, region, {"test", everybody}, {}));
  CHECK_OK(carry_on([&]() -> Result<bool> {
    auto told = TRY(engine->executor().describe(*execution_));
    return told.as_object().contains("ExecutionEndTime");
  }));
  return engine->executor().describe(*execution_);
}

Result<std::vector<std::string>> Stage::writes() {
  std::vector<std::string> out;
  if (!execution_) return out;
  auto journal = TRY(gateway::Journal::read(*ledger, engine->gateway().redactor(), execution_->str()));
  for (const auto& intent : journal.intents())
    if (intent->returned && intent->returned->ok) out.push_back(intent->call.name());
  return out;
}

Result<remediation::TakenBack> Stage::take_back() {
  if (!execution_) return fail(Errc::invalid, "nothing was run");
  remediation::State state{.id = RemediationId::make(clock.now()),
                           .resource = {.account = account, .region = region, .type = "", .id = "", .arn = ""},
                           .executions = {*execution_}};
  return remediation::take_back(state, engine->gateway(), *ledger, {});
}

}  // namespace aright::trial
