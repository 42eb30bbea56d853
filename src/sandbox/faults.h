#pragma once
// A cloud on a bad day: calls that are throttled, fail, or whose answers get lost before or after
// they took effect. Seeded, so that a failing run can be run again. Thread-safe.

#include <cstdint>
#include <functional>
#include <mutex>

#include "aws/call.h"
#include "base/random.h"

namespace aright::sandbox {

// How often of a thousand calls; what is left goes through.
struct FaultRates {
  int throttled = 0;    // ThrottlingException: nothing happened
  int failed = 0;       // 500 InternalFailure: nothing happened
  int lost_before = 0;  // time-out: nothing happened, but nobody knows
  int lost_after = 0;   // time-out: it took effect, but nobody knows
};

class Faulty final : public aws::Caller {
 public:
  // `below` must outlive it. `only` chooses the calls that may fail; none given: all.
  Faulty(aws::Caller& below, FaultRates rates, std::uint64_t seed,
         std::function<bool(const aws::Call&)> only = {});

  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  std::size_t faults_count() const;

 private:
  enum class Fault { none, throttled, failed, lost_before, lost_after };
  Fault draw(const aws::Call& call);

  aws::Caller& below_;
  const FaultRates rates_;
  const std::function<bool(const aws::Call&)> only_;
  mutable std::mutex mutex_;  // guards what follows
  Random random_;
  std::size_t faults_count_ = 0;
};

}  // namespace aright::sandbox
