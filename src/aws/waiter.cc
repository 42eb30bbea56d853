#include <algorithm>

#include "aws/client.h"
#include "aws/jmespath.h"

namespace aright::aws {

namespace {

enum class Verdict { success, failure, retry, silent };

Result<bool> matches(const model::Acceptor& acceptor, const Result<json::Object>& outcome) {
  auto expected = json::parse(acceptor.expected);
  // Error codes may stand there bare.
  if (!expected) expected = json::Value(json::String(acceptor.expected));
  if (acceptor.matcher == "error") {
    if (expected->is_bool()) return expected->as_bool() != outcome.has_value();
    return !outcome && outcome.error().wire_code == json::text(*expected);
  }
  if (acceptor.matcher == "status") {
    constexpr int success = 200;
    int status = outcome ? success : outcome.error().http_status;
    return status == json::integer(*expected);
  }
  if (!outcome) return false;
  auto found = TRY(search(acceptor.argument, *outcome));
  if (acceptor.matcher == "path") return json::equal(found, *expected);
  const json::Array& items = json::items(found);
  auto same = [&](const json::Value& item) { return json::equal(item, *expected); };
  if (acceptor.matcher == "pathAll") return !items.empty() && std::ranges::all_of(items, same);
  if (acceptor.matcher == "pathAny") return std::ranges::any_of(items, same);
  return fail(Errc::unsupported, "the matcher {} is unknown", acceptor.matcher);
}

// The first acceptor that matches decides, as in the SDKs.
Result<Verdict> judge(const model::Waiter& waiter, const Result<json::Object>& outcome) {
  for (const model::Acceptor& acceptor : waiter.acceptors) {
    bool matched = TRY(matches(acceptor, outcome));
    if (!matched) continue;
    if (acceptor.state == "success") return Verdict::success;
    if (acceptor.state == "failure") return Verdict::failure;
    return Verdict::retry;
  }
  return Verdict::silent;
}

}  // namespace

Result<> wait_until(Caller& caller, const model::Models& models, std::string_view waiter_name,
                    Call call, const Context& context) {
  auto service = models.service(call.service);
  if (!service) return fail(Errc::invalid, "there is no service {}", call.service);
  auto waiter = service->waiter(waiter_name);
  if (!waiter) return fail(Errc::invalid, "{} has no waiter {}", call.service, waiter_name);
  call.operation = waiter->operation;
  for (int attempt = 1;; ++attempt) {
    auto outcome = caller.call(call, context);
    auto verdict = TRY(judge(*waiter, outcome));
    switch (verdict) {
      case Verdict::success:
        return {};
      case Verdict::failure:
        return fail(Errc::invalid, "waiting for {}: its failure state was reached", waiter_name);
      case Verdict::silent:
        if (!outcome) return wrap(std::move(outcome.error()), "waiting for {}", waiter_name);
        break;
      case Verdict::retry:
        break;
    }
    if (attempt >= waiter->attempts_max) {
      return fail(Errc::deadline, "waiting for {}: not reached in {} attempts", waiter_name,
                  attempt);
    }
    CHECK_OK(context.sleep(seconds(waiter->delay_s)));
  }
}

}  // namespace aright::aws
