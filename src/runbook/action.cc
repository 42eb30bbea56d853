#include "runbook/action.h"

namespace aright::runbook {

namespace {

bool is_permission(const Error& error) {
  return error.code == Errc::denied || error.wire_code.contains("AccessDenied") ||
         error.wire_code.contains("Unauthorized") || error.wire_code.contains("NotAuthorized");
}

bool is_throttling(const Error& error) {
  return error.code == Errc::throttled || error.wire_code.contains("Throttl") ||
         error.wire_code == "RequestLimitExceeded" || error.wire_code == "TooManyRequestsException";
}

}  // namespace

Fault fault(const Error& error) {
  Fault fault{.message = error.message, .timed_out = error.code == Errc::deadline};
  if (error.code == Errc::unsupported && !error.message.starts_with("unsupported"))
    fault.message = "unsupported: " + error.message;
  if (is_permission(error)) fault.type = "Permission";
  if (is_throttling(error)) fault.type = "Throttling";
  if (error.code == Errc::internal) fault.type = "Internal";
  return fault;
}

Fault bad_input(std::string message) {
  return {.stage = "InputValidation", .message = std::move(message), .final = true};
}

Move Action::returned(const Scene& scene, const json::Value& output) {
  auto then = std::exchange(then_, nullptr);
  otherwise_ = nullptr;
  if (!then) return Fault{.type = "Internal", .message = "an answer that nobody asked for"};
  return then(scene, output);
}

Move Action::failed(const Scene& scene, const Error& error) {
  auto otherwise = std::exchange(otherwise_, nullptr);
  then_ = nullptr;
  if (!otherwise) return fault(error);
  return otherwise(scene, error);
}

Move Action::woke(const Scene& scene) {
  auto later = std::exchange(later_, nullptr);
  if (!later) return Fault{.message = "the time ran out", .timed_out = true};
  return later(scene);
}

Move Action::child_ended(const Scene&, const Child&, const Returned&) {
  return Fault{.type = "Internal", .message = "a child that nobody started"};
}

Result<Move> Action::signalled(const Scene& scene, const Signalled& signal) {
  return fail(Errc::invalid, "{} waits for no signal {}", scene.step.name, signal.type);
}

Move Action::call(std::string service, std::string operation, json::Object input, Then then,
                  Otherwise otherwise) {
  CallAws call;
  call.service = std::move(service);
  call.operation = std::move(operation);
  call.input = std::move(input);
  return after(std::move(call), std::move(then), std::move(otherwise));
}

Move Action::after(Move move, Then then, Otherwise otherwise) {
  then_ = std::move(then);
  otherwise_ = std::move(otherwise);
  return move;
}

Move Action::again_in(const Scene& scene, milliseconds pause, Later later) {
  later_ = std::move(later);
  WaitUntil wait;
  wait.due = scene.now + pause;
  return wait;
}

}  // namespace aright::runbook
