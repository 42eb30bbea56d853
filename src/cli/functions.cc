#include "cli/functions.h"

#include <algorithm>

#include "script/answer.h"
#include "script/archive.h"

namespace aright::cli {

namespace {

constexpr milliseconds look_every{50};  // whether one that waits is due
constexpr int accepted_status = 202, bad_request = 400, server_error = 500, too_many_status = 429;

std::unexpected<Error> service_error(const char* code, int status, std::string message) {
  return fail({.code = status == too_many_status ? Errc::throttled : Errc::unsupported,
               .message = std::move(message),
               .wire_code = code,
               .http_status = status});
}

// How many functions the one on this thread was invoked by, one through the other.
thread_local int depth = 0;

// The function's own calls.
class AsRole final : public aws::Caller {
 public:
  AsRole(sandbox::Cloud& cloud, const sandbox::Principal& role) : cloud_(cloud), role_(role) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    return cloud_.call_as(role_, call, context);
  }

 private:
  sandbox::Cloud& cloud_;
  const sandbox::Principal& role_;
};

Result<script::Program> program_of(const sandbox::Invocation& invocation) {
  if (invocation.zip.empty())
    return service_error(
        "ServiceException", server_error,
        invocation.name + " is not run: its code is not here; create it with a ZipFile");
  auto package = script::unzip(invocation.zip);
  if (!package) return service_error("InvalidZipFileException", 502, package.error().message);
  script::Program program{
      .convention = script::Program::Convention::lambda,
      .runtime = invocation.runtime,
      .handler = invocation.handler,
      .event = invocation.event,
      .account = invocation.role.account,
      .region = invocation.region,
      .function_name = invocation.name,
      .request_id = invocation.request_id,
      .environment = invocation.environment,
      .limits = {.wall = invocation.timeout, .memory_bytes = invocation.memory_mib << 20}};
  put_files(program, std::move(*package));
  return program;
}

}  // namespace

Functions::Functions(sandbox::Cloud& cloud) : cloud_(cloud) {}

Functions::~Functions() {
  for (auto& thread : threads_)
    thread.request_stop();
}

void Functions::serve() {
  cloud_.run_functions([this](const sandbox::Invocation& invocation, const Context& context) {
    return invoke(invocation, context);
  });
}

Result<json::Object> Functions::invoke(const sandbox::Invocation& invocation,
                                       const Context& context) {
  return invocation.later ? accept(invocation) : run(invocation, context);
}

Result<json::Object> Functions::run(const sandbox::Invocation& invocation, const Context& context) {
  if (depth >= invocation_depth_max)
    return service_error(
        "RecursiveInvocationException", bad_request,
        fmt::format("Lambda has detected {} being invoked in a recursive loop", invocation.name));
  auto program = TRY(program_of(invocation));
  AsRole door(cloud_, invocation.role);
  ++depth;
  auto outcome = script::run(program, door, context);
  --depth;
  if (outcome) return script::invoke_answer(program, *outcome, invocation.tail);
  return service_error("ServiceException", server_error,
                       invocation.name + " is not run: " + outcome.error().message);
}

Result<json::Object> Functions::accept(const sandbox::Invocation& invocation) {
  std::lock_guard lock(mutex_);
  if (waiting_.size() >= invocations_waiting_max)
    return service_error("TooManyRequestsException", too_many_status, "Rate Exceeded.");
  waiting_.push_back({.invocation = invocation, .due = cloud_.clock().now(), .depth = depth});
  while (threads_.size() < invocation_threads)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  wake_.notify_one();
  return json::Object{{"StatusCode", accepted_status}};
}

void Functions::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto now = cloud_.clock().now();
    auto due = std::ranges::find_if(waiting_, [&](const Waiting& one) { return one.due <= now; });
    if (due == waiting_.end()) {
      wake_.wait_for(lock, stop, look_every, [] { return false; });
      continue;
    }
    auto next = std::move(*due);
    waiting_.erase(due);
    lock.unlock();
    depth = next.depth;
    auto answer = run(next.invocation, {.stop = stop});
    lock.lock();
    bool failed = !answer || answer->contains("FunctionError");
    if (!failed || ++next.failures > invocation_retries_max) continue;
    next.due = cloud_.clock().now() + invocation_retry_pause * next.failures;
    waiting_.push_back(std::move(next));
  }
}

}  // namespace aright::cli
