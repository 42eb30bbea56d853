#pragma once
// Makes a fault plan come true, call for call: the same plan and the same calls in the same order, the same
// faults. Counts what it did. Thread-safe.

#include <map>
#include <mutex>
#include <string>

#include "aws/call.h"
#include "base/clock.h"
#include "base/random.h"
#include "model/model.h"
#include "sandbox/fault_plan.h"

namespace aright::sandbox {

inline constexpr std::size_t buckets_max = 100'000;  // token buckets; past this, full ones go

enum class Fault { none, throttled, failed, lost_before, lost_after, reset_before, reset_after, slow };
std::string_view name(Fault fault);

// What shall happen to one call.
struct Fate {
  Fault fault = Fault::none;
  milliseconds slow_by{0};
  milliseconds behind{0};  // a read answers as it was this long ago
};

class FaultInjector {
 public:
  // A new plan starts from its seed, with full buckets and counters at nought.
  void set(FaultPlan plan);
  FaultPlan plan() const;

  // `reads`: whether the call only reads. `now` is the cloud's.
  Fate draw(const aws::Call& call, bool reads, Timestamp now);
  // {"throttled": 3, "limited": 1, "stale": 2, "calls": 40, "by_operation": {"ec2:RunInstances": {…}}}
  json::Object counts() const;
  // The longest that any read may lie behind.
  milliseconds window_max() const;

 private:
  struct Bucket {
    double tokens = 0;
    Timestamp filled;
  };

  bool limited(const aws::Call& call, bool reads, Timestamp now);
  Fate by_rules(const aws::Call& call, bool reads);
  milliseconds behind(const aws::Call& call, bool reads);
  void count(const std::string& call, std::string_view what);

  mutable std::mutex mutex_;  // guards all below
  FaultPlan plan_;
  Random random_{1};
  std::map<std::string, Bucket> buckets_;
  std::map<std::string, std::map<std::string, std::uint64_t>> counts_;  // by call, by what happened
};

// How each service says that it was asked too often.
Error throttling_error(const model::Models& models, const aws::Call& call);
Error server_error(const aws::Call& call);
// No answer: whether the call took effect is not known.
Error lost_answer(const aws::Call& call);
Error reset_connection(const aws::Call& call);

}  // namespace aright::sandbox
