#include "sandbox/cloud.h"

#include "aws/client.h"
#include "base/id.h"
#include "cloud/classify.h"
#include "sandbox/cloud_state.h"
#include "sandbox/emulate.h"
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

}  // namespace

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
  const auto principal = completed(as, call.region);

  std::optional<Invocation> invocation;
  Noted noted;
  Result<json::Object> output;
  {
    std::lock_guard lock(impl_->mutex);
    Scene scene(impl_->world, impl_->ids, impl_->catalog, call, principal, impl_->clock.now(),
                impl_->options.endpoint, impl_->writes);
    if (auto told = impl_->tokens.known(call)) return *told;
    impl_->world.begin();
    output = emulate(scene);
    if (!output) {
      impl_->world.undo();
      return output;
    }
    impl_->world.keep();
    impl_->tokens.keep(call, *output);
    invocation = std::move(scene.invocation);
    if (!invocation) noted = note(principal, call, *output);
  }
  if (invocation) {
    output = run(*invocation, context);
    if (!output) return output;
    std::lock_guard lock(impl_->mutex);
    noted = note(principal, call, *output);
  }
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
  return {{"resources", impl_->world.export_state()}};
}

Result<> Cloud::import_state(const json::Object& state) {
  std::lock_guard lock(impl_->mutex);
  return impl_->world.import_state(json::members(json::at(state, "resources")));
}

}  // namespace aright::sandbox
