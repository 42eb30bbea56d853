#include "sandbox/cloud.h"

#include "aws/client.h"
#include "base/id.h"
#include "cloud/classify.h"
#include "sandbox/cloud_state.h"
#include "sandbox/config.h"
#include "sandbox/emulate.h"
#include "sandbox/furnish.h"
#include "sandbox/ssm.h"
#include "sandbox/trail.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view default_region = "us-east-1";

Principal completed(Principal principal, std::string_view region) {
  if (principal.arn.empty())
    principal.arn =
        fmt::format("arn:{}:iam::{}:root", aws::partition_of(region), principal.account);
  if (principal.user_id.empty()) principal.user_id = principal.account;
  return principal;
}

// AWS's own address of a queue stands for the one that it has here: https://sqs.us-east-1.amazonaws.com/1111…/jobs.
void lead_home(aws::Call& call, const std::string& endpoint) {
  auto url = call.service == "sqs" ? json::text(call.input, "QueueUrl") : "";
  if (!url.starts_with("https://sqs.")) return;
  auto path = url.find(".amazonaws.com/");
  if (path != std::string::npos) call.input["QueueUrl"] = endpoint + url.substr(url.find('/', path));
}

// Whoever names no user in a call of IAM that may name one is meant.
void name_oneself(aws::Call& call, const std::string& caller, const model::Models& models) {
  auto service = call.service == "iam" ? models.service(call.service) : std::nullopt;
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  auto member = operation && operation->input() ? operation->input().member("UserName") : std::nullopt;
  bool may_be_left_out = member && !member->required() && !call.input.contains("UserName");
  if (may_be_left_out && caller.contains(":user/")) call.input["UserName"] = caller.substr(caller.rfind('/') + 1);
}

}  // namespace

// Before the call takes effect, and whether it does or not.
Result<> Cloud::Impl::furnish(const aws::Call& call) {
  if (!options.furnished) return {};
  auto [place, fresh] = regions_furnished.insert(call.account + "/" + call.region);
  if (!fresh) return {};
  return sandbox::furnish(world, catalog, call.account, call.region, options.seed, clock.now());
}

Cloud::Cloud(CloudOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
Cloud::~Cloud() = default;

const cloud::Catalog& Cloud::catalog() const {
  return impl_->catalog;
}
const model::Models& Cloud::models() const {
  return impl_->models;
}
const Clock& Cloud::clock() const {
  return impl_->clock;
}

Result<json::Object> Cloud::call(const aws::Call& call, const Context& context) {
  return call_as({.account = call.account.empty() ? impl_->options.account : call.account}, call,
                 context);
}

void Cloud::set_endpoint(std::string url) {
  std::lock_guard lock(impl_->mutex);
  impl_->options.endpoint = std::move(url);
}

Result<json::Object> Cloud::call_as(const Principal& as, const aws::Call& asked,
                                    const Context& context) {
  CHECK_OK(context.check());
  aws::Call call = asked;
  if (call.region.empty()) call.region = default_region;
  call.account = as.account;
  bool reads = !cloud::classify(call, impl_->catalog).writes();
  auto fate = impl_->injector.draw(call, reads, impl_->clock.now());
  auto effect = [&] { return take_effect(as, call, fate.behind, context); };
  switch (fate.fault) {
    case Fault::none:
      return effect();
    case Fault::slow:
      CHECK_OK(context.sleep(fate.slow_by));
      return effect();
    case Fault::throttled:
      return fail(throttling_error(impl_->models, call));
    case Fault::failed:
      return fail(server_error(call));
    case Fault::lost_before:
      return fail(lost_answer(call));
    case Fault::reset_before:
      return fail(reset_connection(call));
    case Fault::lost_after:
    case Fault::reset_after: {
      auto answered = effect();
      return fail(fate.fault == Fault::lost_after ? lost_answer(call) : reset_connection(call));
    }
  }
  return effect();
}

Result<json::Object> Cloud::take_effect(const Principal& as, aws::Call call, milliseconds behind,
                                        const Context& context) {
  const auto principal = completed(as, call.region);
  std::optional<Invocation> invocation;
  std::vector<Invocation> events;
  std::string sent;
  Noted noted;
  Result<json::Object> output;
  {
    std::lock_guard lock(impl_->mutex);
    auto now = impl_->clock.now();
    if (impl_->world.whole()) lead_home(call, impl_->options.endpoint);  // in a rehearsal the cloud below knows its own
    name_oneself(call, principal.arn, impl_->catalog.models());
    Scene scene(impl_->world, impl_->ids, impl_->catalog, call, principal, now,
                impl_->options.endpoint, impl_->writes);
    scene.authorization = &impl_->authorization;
    scene.commands = &impl_->commands;
    scene.runs_commands = static_cast<bool>(impl_->runner);
    scene.page_items = impl_->injector.plan().page_items;
    // From here on the call is about the resources of whoever lets it in.
    call.account = TRY(authorize(scene, impl_->authorization));
    if (auto told = impl_->tokens.known(call)) return *told;
    CHECK_OK(impl_->furnish(call));
    impl_->world.begin();
    if (behind > milliseconds(0)) {
      impl_->world.rewind(now - behind, call.service);
      output = emulate(scene);
      impl_->world.undo();
      impl_->world.return_to_present();
      return output;
    }
    output = emulate(scene);
    if (!output) {
      impl_->world.undo();
      return output;
    }
    if (impl_->invoker) tell_rules(scene);
    impl_->world.keep(now);
    impl_->tokens.keep(call, *output);
    invocation = std::move(scene.invocation);
    events = std::move(scene.events);
    sent = std::move(scene.sent_command);
    if (!invocation) noted = note(principal, call, *output);
  }
  if (invocation) {
    output = run(*invocation, context);
    if (!output) return output;
    std::lock_guard lock(impl_->mutex);
    noted = note(principal, call, *output);
  }
  for (const auto& event : events)
    if (impl_->invoker) (void)impl_->invoker(event, context);
  if (!sent.empty()) start_commands(sent);
  if (!noted.write || noted.listeners.empty()) return output;
  auto event = trail_event(impl_->models, principal, *noted.write, noted.event_id);
  for (const auto& listener : noted.listeners)
    listener(event);
  return output;
}

Result<json::Object> Cloud::run(const Invocation& invocation, const Context& context) const {
  if (impl_->invoker) return impl_->invoker(invocation, context);
  constexpr int server_error = 500;
  return fail(service_error("ServiceException", server_error,
                            fmt::format("{} is not invoked: the emulated cloud runs no code",
                                        invocation.name)));
}

Cloud::Noted Cloud::note(const Principal& principal, const aws::Call& call,
                         const json::Object& output) {
  if (!cloud::classify(call, impl_->catalog).writes()) return {};
  auto event_id = uuid_from(fmt::format("event {} {}", impl_->options.seed, impl_->writes_count++));
  WriteRecord write{.time = impl_->clock.now(),
                    .call = call,
                    .output = output,
                    .principal = principal,
                    .event_id = event_id};
  impl_->writes.push_back(write);
  if (impl_->writes.size() > write_records_max) impl_->writes.pop_front();
  return {std::move(write), std::move(event_id), impl_->listeners};
}

void Cloud::run_functions(Invoker invoker) {
  std::lock_guard lock(impl_->mutex);
  impl_->invoker = std::move(invoker);
}

void Cloud::run_commands(CommandRunner runner) {
  std::lock_guard lock(impl_->mutex);
  impl_->runner = std::move(runner);
}

// Outside of the lock: who runs it may call the cloud, on this very thread.
void Cloud::start_commands(const std::string& id) {
  std::vector<CommandRun> due;
  {
    std::lock_guard lock(impl_->mutex);
    due = impl_->commands.due(id, impl_->clock.now());
  }
  for (auto& run : due) impl_->runner(std::move(run));
}

bool Cloud::command_begins(const CommandRun& run) {
  bool begins = false;
  {
    std::lock_guard lock(impl_->mutex);
    auto now = impl_->clock.now();
    const aws::Call call{.service = "ssm", .operation = "SendCommand", .region = run.region,
                         .account = run.agent.account, .input = {}};
    Scene scene(impl_->world, impl_->ids, impl_->catalog, call, run.agent, now, impl_->options.endpoint, impl_->writes);
    begins = impl_->commands.begin(run, now, agent_of(scene, run.instance).has_value());
  }
  if (!begins) start_commands(run.command_id);  // its place is free
  return begins;
}

void Cloud::command_ended(const CommandRun& run, std::vector<StepEnd> ends) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->commands.end(run, std::move(ends));
  }
  start_commands(run.command_id);
}

void Cloud::set_faults(FaultPlan plan) {
  impl_->injector.set(std::move(plan));
  std::lock_guard lock(impl_->mutex);
  impl_->world.hold_past(impl_->injector.window_max());
}

FaultPlan Cloud::faults() const {
  return impl_->injector.plan();
}

json::Object Cloud::fault_counts() const {
  return impl_->injector.counts();
}

std::vector<WriteRecord> Cloud::calls() const {
  std::lock_guard lock(impl_->mutex);
  return {impl_->writes.begin(), impl_->writes.end()};
}

void Cloud::clear_calls() {
  std::lock_guard lock(impl_->mutex);
  impl_->writes.clear();
}

void Cloud::on_call(Listener listener) {
  std::lock_guard lock(impl_->mutex);
  impl_->listeners.push_back(std::move(listener));
}

std::optional<Credential> Cloud::credential(std::string_view access_key_id) const {
  std::lock_guard lock(impl_->mutex);
  auto found = impl_->world.credentials.find(access_key_id);
  if (found == impl_->world.credentials.end()) return std::nullopt;
  const auto& credential = found->second;
  if (credential.expires && *credential.expires <= impl_->clock.now()) return std::nullopt;
  return credential;
}

json::Object Cloud::export_state() const {
  std::lock_guard lock(impl_->mutex);
  json::Array furnished;
  for (const auto& region : impl_->regions_furnished)
    furnished.emplace_back(region);
  json::Object state{{"resources", impl_->world.export_state()}};
  if (!furnished.empty()) state["furnished"] = std::move(furnished);
  return state;
}

json::Object Cloud::export_type(std::string_view type) const {
  std::lock_guard lock(impl_->mutex);
  return impl_->world.export_type(type);
}

Result<> Cloud::import_state(const json::Object& state) {
  std::lock_guard lock(impl_->mutex);
  for (const auto& region : json::texts(json::at(state, "furnished")))
    impl_->regions_furnished.insert(region);
  return impl_->world.import_state(json::members(json::at(state, "resources")));
}

}  // namespace aright::sandbox
