#include "trial/functions.h"

#include <algorithm>

#include "base/digest.h"
#include "trial/destinations.h"
#include "script/answer.h"
#include "script/archive.h"

namespace aright::trial {

namespace {

constexpr milliseconds waiting_look_every{50};  // whether one that waits is due
constexpr int accepted_status = 202, bad_request = 400, server_error = 500;

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

// An invocation that never came to the function, as its failure.
json::Object refused(const Error& error) {
  json::Object payload{{"errorType", error.wire_code}, {"errorMessage", error.message}};
  return {{"StatusCode", error.http_status}, {"FunctionError", "Unhandled"}, {"Payload", to_base64(json::print(payload))}};
}

// Whose warm jail it may have: the same code, in the same surroundings, as the same role.
std::string kept_as(const sandbox::Invocation& invocation) {
  json::Array layers;
  for (const auto& layer : invocation.layers) layers.push_back(json::Value(to_hex(sha256(layer))));
  json::Object said{{"function", invocation.arn},       {"name", invocation.name},
                    {"role", invocation.role.arn},
                    {"account", invocation.role.account}, {"runtime", invocation.runtime},
                    {"handler", invocation.handler},    {"code", to_hex(sha256(invocation.zip))},
                    {"layers", std::move(layers)},      {"timeout", invocation.timeout.count()},
                    {"memory", invocation.memory_mib}};
  for (const auto& [name, value] : invocation.environment) said["environment " + name] = value;
  return to_hex(sha256(json::canonical(said)));
}

Result<script::Program> invoked_program(const sandbox::Invocation& invocation) {
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
      .limits = {.wall = invocation.timeout, .memory_bytes = invocation.memory_mib << 20},
      .keep_as = kept_as(invocation)};
  put_files(program, std::move(*package));
  for (const auto& zip : invocation.layers) {
    auto layer = script::unzip(zip);
    if (!layer) return service_error("InvalidZipFileException", 502, layer.error().message);
    put_layer(program, std::move(*layer));
  }
  return program;
}

}  // namespace

Functions::Functions(sandbox::Cloud& cloud, Surroundings surroundings)
    : cloud_(cloud), surroundings_(std::move(surroundings)) {}

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
  return invocation.later ? accept(invocation, context) : run(invocation, context);
}

Result<json::Object> Functions::run(const sandbox::Invocation& invocation, const Context& context) {
  if (depth >= invocation_depth_max)
    return service_error(
        "RecursiveInvocationException", bad_request,
        fmt::format("Lambda has detected {} being invoked in a recursive loop", invocation.name));
  auto program = TRY(invoked_program(invocation));
  program.pass_time = surroundings_.pass_time;
  AsRole door(cloud_, invocation.role);
  std::stop_source either;
  auto stop = [&] { either.request_stop(); };
  std::stop_callback ended(context.stop, stop), stopping(surroundings_.stopped, stop);
  ++depth;
  auto outcome = script::run(program, door, {.deadline = context.deadline, .stop = either.get_token()});
  --depth;
  if (outcome) return script::invoke_answer(program, *outcome, invocation.tail);
  return service_error("ServiceException", server_error,
                       invocation.name + " is not run: " + outcome.error().message);
}

Result<json::Object> Functions::accept(const sandbox::Invocation& invocation, const Context& context) {
  if (surroundings_.pass_time) {
    auto now = cloud_.clock().now();
    Waiting alone{.invocation = invocation, .accepted = now, .due = now, .depth = depth};
    auto callers = depth;
    while (!attempt(alone, context)) {
    }
    depth = callers;
    return json::Object{{"StatusCode", accepted_status}};
  }
  std::lock_guard lock(mutex_);
  if (waiting_.size() >= invocations_waiting_max)
    return service_error("TooManyRequestsException", too_many_status, "Rate Exceeded.");
  auto now = cloud_.clock().now();
  waiting_.push_back({.invocation = invocation, .accepted = now, .due = now, .depth = depth});
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
      wake_.wait_for(lock, stop, waiting_look_every, [] { return false; });
      continue;
    }
    auto next = std::move(*due);
    waiting_.erase(due);
    lock.unlock();
    bool ended = attempt(next, {.stop = stop});
    lock.lock();
    if (!ended) waiting_.push_back(std::move(next));
  }
}

// Runs it once. True when it has ended, one way or the other, and whoever is to hear of it was told.
bool Functions::attempt(Waiting& waiting, const Context& context) {
  const auto& invocation = waiting.invocation;
  const auto& afterwards = invocation.afterwards;
  depth = waiting.depth;
  Ending ending{.attempts = waiting.attempts};
  if (!afterwards.never) {
    auto answer = run(invocation, context);
    ending.attempts = ++waiting.attempts;
    if (answer && !answer->contains("FunctionError")) ending.condition = "Success";
    ending.answer = answer ? std::move(*answer) : refused(answer.error());
  }
  auto now = cloud_.clock().now();
  if (ending.condition.empty()) {
    auto due = now + invocation_retry_pause * waiting.attempts;
    bool aged = due > waiting.accepted + afterwards.age_max;
    bool again = !afterwards.never && waiting.attempts <= afterwards.retries_max && !aged;
    if (again) {
      waiting.due = due;
      return false;
    }
    ending.condition = aged && waiting.attempts <= afterwards.retries_max ? "EventAgeExceeded" : "RetriesExhausted";
  }
  const sandbox::Principal lambda{.account = invocation.role.account};
  AsRole as_function(cloud_, invocation.role), as_lambda(cloud_, lambda);
  tell_ending(invocation, ending, now, {as_function, as_lambda}, context);
  return true;
}

}  // namespace aright::trial
