#include "sandbox/fault_injector.h"

#include <algorithm>

#include "sandbox/emulate.h"

namespace aright::sandbox {

namespace {

constexpr int too_many_requests = 429, unavailable = 503, internal_error = 500;
constexpr double ms_per_s = 1000;

struct Words {
  std::string code;
  int status;
  std::string message;
};

Words throttling_words(model::Protocol protocol, const aws::Call& call) {
  if (call.service == "s3" || call.service == "s3control")
    return {"SlowDown", unavailable, "Please reduce your request rate."};
  if (call.service == "lambda" || call.service.starts_with("apigateway"))
    return {"TooManyRequestsException", too_many_requests, "Rate exceeded"};
  if (call.service == "organizations")
    return {"TooManyRequestsException", bad_request, "Rate exceeded"};
  if (call.service == "dynamodb" || call.service == "kinesis")
    return {"ProvisionedThroughputExceededException", bad_request,
            "The level of configured provisioned throughput for the table was exceeded. Consider "
            "increasing your "
            "provisioning level with the UpdateTable API."};
  switch (protocol) {
    case model::Protocol::ec2:
      return {"RequestLimitExceeded", unavailable, "Request limit exceeded."};
    case model::Protocol::query:
    case model::Protocol::rest_xml:
      return {"Throttling", bad_request, "Rate exceeded"};
    case model::Protocol::json:
      return {"ThrottlingException", bad_request, "Rate exceeded"};
    case model::Protocol::rest_json:
      return {"ThrottlingException", too_many_requests, "Rate exceeded"};
  }
  return {"ThrottlingException", bad_request, "Rate exceeded"};
}

}  // namespace

std::string_view name(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::throttled:
      return "throttled";
    case Fault::failed:
      return "failed";
    case Fault::lost_before:
      return "lost_before";
    case Fault::lost_after:
      return "lost_after";
    case Fault::reset_before:
      return "reset_before";
    case Fault::reset_after:
      return "reset_after";
    case Fault::slow:
      return "slow";
  }
  return "none";
}

void FaultInjector::set(FaultPlan plan) {
  std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
  random_ = Random(plan_.seed);
  buckets_.clear();
  counts_.clear();
}

FaultPlan FaultInjector::plan() const {
  std::lock_guard lock(mutex_);
  return plan_;
}

milliseconds FaultInjector::window_max() const {
  std::lock_guard lock(mutex_);
  milliseconds out{0};
  for (const auto& rule : plan_.stale)
    out = std::max(out, rule.window);
  return out;
}

void FaultInjector::count(const std::string& call, std::string_view what) {
  ++counts_[call][std::string(what)];
}

Fate FaultInjector::draw(const aws::Call& call, bool reads, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (plan_.empty()) return {};
  count(call.name(), "calls");
  if (limited(call, reads, now)) {
    count(call.name(), "limited");
    return {.fault = Fault::throttled};
  }
  auto fate = by_rules(call, reads);
  if (fate.fault != Fault::none) count(call.name(), name(fate.fault));
  fate.behind = behind(call, reads);
  if (fate.behind > milliseconds(0)) count(call.name(), "stale");
  return fate;
}

// The first rule that matches decides; a call takes one token.
bool FaultInjector::limited(const aws::Call& call, bool reads, Timestamp now) {
  auto rule = std::ranges::find_if(plan_.limits, [&](const LimitRule& one) {
    return one.which.matches(call.service, call.operation, reads);
  });
  if (rule == plan_.limits.end()) return false;
  auto key = fmt::format("{}/{}/{}/{}", call.account, call.region, call.service,
                         rule->share.empty() ? call.operation : "share " + rule->share);
  if (buckets_.size() >= buckets_max)
    std::erase_if(buckets_, [&](const auto& one) { return one.second.filled < now; });
  auto [found, fresh] = buckets_.try_emplace(key, Bucket{rule->burst, now});
  auto& bucket = found->second;
  auto passed_s =
      static_cast<double>(std::max<std::int64_t>((now - bucket.filled).count(), 0)) / ms_per_s;
  bucket.tokens = std::min(rule->burst, bucket.tokens + passed_s * rule->per_second);
  bucket.filled = std::max(bucket.filled, now);
  if (bucket.tokens < 1) return true;
  bucket.tokens -= 1;
  return false;
}

Fate FaultInjector::by_rules(const aws::Call& call, bool reads) {
  auto rule = std::ranges::find_if(plan_.faults, [&](const FaultRule& one) {
    return one.which.matches(call.service, call.operation, reads);
  });
  if (rule == plan_.faults.end()) return {};
  auto drawn = static_cast<int>(random_.below(thousand));
  auto within = [&](int rate) {
    drawn -= rate;
    return drawn < 0;
  };
  Fate fate;
  fate.fault = within(rule->throttled)      ? Fault::throttled
               : within(rule->failed)       ? Fault::failed
               : within(rule->lost_before)  ? Fault::lost_before
               : within(rule->lost_after)   ? Fault::lost_after
               : within(rule->reset_before) ? Fault::reset_before
               : within(rule->reset_after)  ? Fault::reset_after
               : within(rule->slow)         ? Fault::slow
                                            : Fault::none;
  if (fate.fault == Fault::slow) fate.slow_by = rule->by;
  return fate;
}

milliseconds FaultInjector::behind(const aws::Call& call, bool reads) {
  if (!reads) return milliseconds(0);
  auto rule = std::ranges::find_if(plan_.stale, [&](const StaleRule& one) {
    return one.which.matches(call.service, call.operation, reads);
  });
  if (rule == plan_.stale.end()) return milliseconds(0);
  if (static_cast<int>(random_.below(thousand)) >= rule->often) return milliseconds(0);
  if (rule->always_whole) return rule->window;
  return milliseconds(static_cast<std::int64_t>(
      random_.below(static_cast<std::uint64_t>(rule->window.count()) + 1)));
}

json::Object FaultInjector::counts() const {
  std::lock_guard lock(mutex_);
  json::Object sums, by_operation;
  for (const auto& [call, counted] : counts_) {
    json::Object here;
    for (const auto& [what, times] : counted) {
      here[what] = times;
      sums[what] = json::integer(json::at(sums, what)) + static_cast<std::int64_t>(times);
    }
    by_operation[call] = std::move(here);
  }
  sums["by_operation"] = std::move(by_operation);
  return sums;
}

Error throttling_error(const model::Models& models, const aws::Call& call) {
  auto service = models.service(call.service);
  auto words = throttling_words(service ? service->protocol() : model::Protocol::json, call);
  return {.code = Errc::throttled,
          .message = std::move(words.message),
          .retry = Retry::later,
          .wire_code = std::move(words.code),
          .http_status = words.status};
}

Error server_error(const aws::Call& call) {
  return {.code = Errc::unavailable,
          .message = "We encountered an internal error. Please try again.",
          .retry = Retry::later,
          .wire_code = call.service == "s3" ? "InternalError" : "InternalFailure",
          .http_status = internal_error};
}

Error lost_answer(const aws::Call& call) {
  return {.code = Errc::deadline,
          .message = fmt::format("no answer to {}", call.name()),
          .retry = Retry::unknown_outcome};
}

Error reset_connection(const aws::Call& call) {
  return {.code = Errc::unavailable,
          .message = fmt::format("the connection was reset during {}", call.name()),
          .retry = Retry::unknown_outcome};
}

}  // namespace aright::sandbox
