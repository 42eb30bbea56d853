#pragma once
// Asks no faster than a cloud will answer. One token bucket for each throttle scope (account × region × operation),
// shared by all who call through it; its rate falls by a factor when the cloud says "too fast", and rises by a step
// while it does not. A call that was throttled did nothing, and is made again after a jittered pause.

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "aws/call.h"
#include "base/clock.h"
#include "base/random.h"

namespace aright::aws {

// Calls and seconds. Where AWS publishes nothing, the rate starts low enough for the strictest of the common read APIs,
// and finds out the rest.
struct Paces {
  double rate_start = 10;   // calls per second
  double rate_min = 0.2;
  double rate_max = 50;
  double burst = 10;        // calls that may come at once after a rest
  double increase = 0.05;   // share of rate_start, gained in each second that is used without being throttled
  double decrease = 0.7;    // factor, when throttled; once for all calls that were on their way together

  // The same where it is published what this operation bears: that fast at once, and never faster.
  Paces of(const Call& call) const;
};

inline constexpr int throttled_attempts_max = 200;       // of one call; its context ends it earlier
inline constexpr milliseconds throttled_pause_max{2'000};  // the pace slows all down; this only spreads them
inline constexpr std::size_t throttle_scopes_max = 20'000;  // buckets that have refilled are forgotten first

// One bucket. Not thread-safe. Tokens may be owed: who takes one in advance waits until it is there.
class Pace {
 public:
  Pace(const Paces& paces, Timestamp now) : paces_(paces), rate_(paces.rate_start), tokens_(paces.burst), at_(now) {}

  // How long to wait before the call.
  milliseconds take(Timestamp now);
  void answered(Timestamp now);
  // `asked`: when the call that was throttled began.
  void throttled(Timestamp asked, Timestamp now);

  double rate() const { return rate_; }
  bool full(Timestamp now) const;

 private:
  void refill(Timestamp now);

  Paces paces_;
  double rate_, tokens_;
  Timestamp at_;                 // when tokens_ was true
  Timestamp cut_{0}, grown_{0};  // when the rate last fell, and last rose
};

// Thread-safe; `below` and `clock` must outlive it. `below` should not retry throttled calls itself.
class Paced final : public Caller {
 public:
  // Lets time pass; empty: as Context::sleep does.
  using Pause = std::function<Result<>(milliseconds, const Context&)>;

  Paced(Caller& below, const Clock& clock, Paces paces = {}, Pause pause = {});
  Result<json::Object> call(const Call& call, const Context& context) override;

  // What has been asked of the cloud, retries included.
  std::size_t calls_count() const;

 private:
  Result<> pause(milliseconds time, const Context& context) const;
  Pace& pace_of(const std::string& scope, const Call& call, Timestamp now);

  Caller& below_;
  const Clock& clock_;
  const Paces paces_;
  const Pause pause_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Pace> scopes_;
  Random random_;
  std::size_t calls_count_ = 0;
};

}  // namespace aright::aws
