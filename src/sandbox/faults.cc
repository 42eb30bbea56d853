#include "sandbox/faults.h"

#include "sandbox/fault_plan.h"

namespace aright::sandbox {

namespace {

Error lost(const aws::Call& call) {
  return {.code = Errc::deadline,
          .message = fmt::format("no answer to {}", call.name()),
          .retry = Retry::unknown_outcome};
}

}  // namespace

Faulty::Faulty(aws::Caller& below, FaultRates rates, std::uint64_t seed,
               std::function<bool(const aws::Call&)> only)
    : below_(below), rates_(rates), only_(std::move(only)), random_(seed) {}

Faulty::Fault Faulty::draw(const aws::Call& call) {
  if (only_ && !only_(call)) return Fault::none;
  std::lock_guard lock(mutex_);
  auto drawn = static_cast<int>(random_.below(thousand));
  auto within = [&](int rate) {
    drawn -= rate;
    return drawn < 0;
  };
  auto fault = within(rates_.throttled)     ? Fault::throttled
               : within(rates_.failed)      ? Fault::failed
               : within(rates_.lost_before) ? Fault::lost_before
               : within(rates_.lost_after)  ? Fault::lost_after
                                            : Fault::none;
  if (fault != Fault::none) ++faults_count_;
  return fault;
}

std::size_t Faulty::faults_count() const {
  std::lock_guard lock(mutex_);
  return faults_count_;
}

Result<json::Object> Faulty::call(const aws::Call& call, const Context& context) {
  switch (draw(call)) {
    case Fault::none:
      return below_.call(call, context);
    case Fault::throttled:
      return fail({.code = Errc::throttled,
                   .message = "Rate exceeded",
                   .retry = Retry::later,
                   .wire_code = "ThrottlingException",
                   .http_status = 400});
    case Fault::failed:
      return fail({.code = Errc::unavailable,
                   .message = "We encountered an internal error.",
                   .retry = Retry::later,
                   .wire_code = "InternalFailure",
                   .http_status = 500});
    case Fault::lost_before:
      return fail(lost(call));
    case Fault::lost_after: {
      auto answered = below_.call(call, context);
      return fail(lost(call));
    }
  }
  return below_.call(call, context);
}

}  // namespace aright::sandbox
