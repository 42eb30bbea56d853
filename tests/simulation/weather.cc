#include "weather.h"

#include "cloud/classify.h"

namespace aright::simulation {

namespace {

Error lost(const aws::Call& call) {
  return {.code = Errc::deadline, .message = "no answer to " + call.name(), .retry = Retry::unknown_outcome};
}

std::string key_of(const aws::Call& call) {
  return call.name() + " " + call.account + " " + call.region + " " + json::print(call.input);
}

bool same(const Result<json::Object>& one, const Result<json::Object>& other) {
  return one && other ? *one == *other : one.has_value() == other.has_value();
}

}  // namespace

Result<json::Object> Weather::call(const aws::Call& call, const Context& context) {
  if (calm_) return below_.call(call, context);
  auto drawn = static_cast<int>(random_.below(1'000));
  auto within = [&](int rate) {
    drawn -= rate;
    if (drawn < 0) ++faults_;
    return drawn < 0;
  };
  if (within(climate_.throttled))
    return fail({.code = Errc::throttled, .message = "Rate exceeded", .retry = Retry::later,
                 .wire_code = "ThrottlingException", .http_status = 400});
  if (within(climate_.failed))
    return fail({.code = Errc::unavailable, .message = "We encountered an internal error.", .retry = Retry::later,
                 .wire_code = "InternalFailure", .http_status = 500});
  if (within(climate_.lost_before)) return fail(lost(call));
  bool deaf = within(climate_.lost_after);
  bool reads = cloud::classify(call, cloud::Catalog::embedded()).reads();
  auto answer = reads ? read(call, context) : write(call, context);
  if (deaf) return fail(lost(call));
  return answer;
}

Result<json::Object> Weather::read(const aws::Call& call, const Context& context) {
  if (climate_.stale == 0) return below_.call(call, context);
  auto answer = below_.call(call, context);
  auto key = key_of(call);
  auto old = old_until_.find(call.service);
  auto seen = seen_.find(key);
  if (old != old_until_.end() && clock_.now() < old->second && seen != seen_.end() &&
      clock_.now() - seen->second.at <= stale_max) {
    if (!same(seen->second.answer, answer)) {
      ++faults_;
      if (on_mirage) on_mirage();
    }
    return seen->second.answer;
  }
  seen_.insert_or_assign(key, Seen{answer, clock_.now()});
  return answer;
}

Result<json::Object> Weather::write(const aws::Call& call, const Context& context) {
  if (!denied_.empty() && call.service == denied_) {
    ++faults_;
    return fail({.code = Errc::denied, .message = "not authorized to perform " + call.name(),
                 .wire_code = "AccessDenied", .http_status = 403});
  }
  auto answer = below_.call(call, context);
  if (answer && random_.below(1'000) < static_cast<std::uint64_t>(climate_.stale))
    old_until_[call.service] =
        clock_.now() + milliseconds(random_.below(static_cast<std::uint64_t>(stale_max.count())));
  return answer;
}

}  // namespace aright::simulation
