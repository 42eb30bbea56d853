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

  std::optional<WriteRecord> write;
  std::vector<Listener> listeners;
  std::string event_id;
  Result<json::Object> output;
  {
    std::lock_guard lock(impl_->mutex);
    auto now = impl_->clock.now();
    Scene scene(impl_->world, impl_->ids, impl_->catalog, call, principal, now,
                impl_->options.endpoint);
    if (auto told = impl_->tokens.known(call)) return *told;
    impl_->world.begin();
    output = emulate(scene);
    if (!output) {
      impl_->world.undo();
      return output;
    }
    impl_->world.keep();
    impl_->tokens.keep(call, *output);
    if (!cloud::classify(call, impl_->catalog).writes()) return output;
    write = WriteRecord{.time = now, .call = call, .output = *output};
    impl_->writes.push_back(*write);
    if (impl_->writes.size() > write_records_max) impl_->writes.pop_front();
    event_id = uuid_from(fmt::format("event {} {}", impl_->options.seed, impl_->writes_count++));
    listeners = impl_->listeners;
  }
  if (!listeners.empty()) {
    auto event = trail_event(impl_->models, principal, *write, event_id);
    for (const auto& listener : listeners)
      listener(event);
  }
  return output;
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
