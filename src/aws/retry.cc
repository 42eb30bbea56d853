#include "aws/retry.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace aright::aws {

namespace {

constexpr std::array<std::string_view, 14> throttling_codes = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException"};
constexpr std::array<std::string_view, 2> passing_codes = {"RequestTimeout",
                                                           "RequestTimeoutException"};
constexpr std::array<std::string_view, 6> skew_codes = {
    "RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
    "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"};

constexpr int doublings_max = 20;

}  // namespace

bool RetryBucket::take(int cost) {
  std::lock_guard lock(mutex_);
  if (tokens_ < cost) return false;
  tokens_ -= cost;
  return true;
}

void RetryBucket::give(int cost) {
  std::lock_guard lock(mutex_);
  tokens_ = std::min(capacity, tokens_ + std::max(cost, 1));
}

int RetryBucket::left() const {
  std::lock_guard lock(mutex_);
  return tokens_;
}

bool is_throttling(const Error& error) {
  return error.http_status == 429 || std::ranges::count(throttling_codes, error.wire_code) > 0;
}

bool is_clock_skew(const Error& error) {
  return std::ranges::count(skew_codes, error.wire_code) > 0;
}

bool is_passing(const Error& error) {
  bool server_fault = error.http_status == 500 || error.http_status == 502 ||
                      error.http_status == 503 || error.http_status == 504;
  bool connection_fault = error.http_status == 0 && error.code == Errc::unavailable;
  return server_fault || connection_fault || is_throttling(error) ||
         std::ranges::count(passing_codes, error.wire_code) > 0;
}

milliseconds backoff(int retry, milliseconds backoff_max, Random& random) {
  std::int64_t longest = 1000ll << std::clamp(retry, 0, doublings_max);
  longest = std::min<std::int64_t>(longest, backoff_max.count());
  return milliseconds(static_cast<std::int64_t>(random.unit() * static_cast<double>(longest)));
}

}  // namespace aright::aws
