#pragma once
// The SDKs' standard retry mode. RetryBucket is thread-safe.

#include <mutex>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"

namespace aright::aws {

// Tokens that retries cost and successes earn back: when everything fails, retrying stops.
class RetryBucket {
 public:
  static constexpr int capacity = 500;
  static constexpr int retry_cost = 5;
  static constexpr int timeout_cost = 10;

  // False when there are too few left; then do not retry.
  bool take(int cost);
  // After a success: what its last retry cost, or one token when it needed none.
  void give(int cost);
  int left() const;

 private:
  mutable std::mutex mutex_;
  int tokens_ = capacity;
};

// Whether the same request may succeed when it is sent again.
bool is_passing(const Error& error);
bool is_throttling(const Error& error);
bool is_clock_skew(const Error& error);

// Full jitter: anything up to 2^retry seconds, and `backoff_max` at most. The first retry is number
// 0.
milliseconds backoff(int retry, milliseconds backoff_max, Random& random);

}  // namespace aright::aws
