#pragma once
// Asks no faster than a cloud will answer. One token bucket for each throttle scope (account × region × operation),
// shared by all who call through it; its rate falls by a factor when the cloud says "too fast", and rises by a step
// while it does not. A call that was throttled did nothing, and is made again after a jittered pause.
//
// Some clouds refuse at random, or for what others ask of them; slowing down does not help there. They are known by
// refusing what is asked after a rest, too. A bucket that is refused often rests now and then to find out, at times of
// the clock that are the same for all workers: what the others ask must not be in the way.

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
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
  double increase = 0.05;   // share of rate_start, gained in each second that is used without being throttled;
                            // a low rate gains twice as much of itself
  double decrease = 0.7;    // factor, when throttled; once for all calls that were on their way together

  // The same where it is published what this operation bears: that fast at once, and never faster.
  Paces of(const Call& call) const;
};

inline constexpr int throttled_attempts_max = 200;       // of one call; its context ends it earlier
inline constexpr milliseconds look_again{1'000};         // by who waits: the rate may have risen
inline constexpr milliseconds throttled_pause_max{2'000};  // the pace slows all down; this only spreads them
inline constexpr milliseconds caprice_pause_max{200};      // where waiting does not help
inline constexpr std::size_t throttle_scopes_max = 20'000;  // buckets that have refilled are forgotten first

// A bucket that is refused often rests so long, each `rest_every`; and seldom where there are votes enough.
inline constexpr milliseconds rest{4'000}, rest_every{16'000}, rest_seldom{64'000};
inline constexpr std::size_t votes_enough = 16;
inline constexpr milliseconds idle{30'000};        // as good as a rest, whatever others ask
inline constexpr std::size_t votes_min = 6, votes_max = 64, votes_of_scope_max = 16;
inline constexpr milliseconds votes_last{5 * 60'000};
inline constexpr std::size_t answers_judged = 24;  // of one bucket, the latest
inline constexpr double often = 0.25;              // share of the answers that are refusals
inline constexpr double caprice_min = 0.3, caprice_max = 0.7;  // less is no matter, more looks like a limit far below

// What share of calls the cloud refuses whatever their rate: what became of those that were asked after a rest. Not
// thread-safe.
class Caprice {
 public:
  void add(const std::string& scope, bool refused, Timestamp now);
  bool is_known() const { return votes_.size() >= votes_min; }
  bool is_well_known() const { return votes_.size() >= votes_enough && share() > 0; }
  // Nought while it is not known, seldom, or too often to be told from a limit.
  double share() const;

 private:
  struct Vote {
    std::string scope;
    bool refused;
    Timestamp at;
  };
  std::deque<Vote> votes_;  // the latest last
};

// One bucket. Not thread-safe. Tokens may be owed: who takes one in advance waits until it is there.
class Pace {
 public:
  Pace(const Paces& paces, Timestamp now) : paces_(paces), rate_(paces.rate_start), tokens_(paces.burst), at_(now) {}

  // A place in the line, and how long to wait there as things stand.
  double take(Timestamp now);
  milliseconds wait(double place, Timestamp now);
  // How much longer, when this is over.
  milliseconds rests(Timestamp now, const Caprice& caprice) const;
  // The call goes out now. Whether it comes after a rest.
  bool ask(Timestamp now);
  void answered(Timestamp now, const Caprice& caprice = {});
  // `asked`: when the call that was throttled began.
  void throttled(Timestamp asked, Timestamp now, const Caprice& caprice = {});

  double rate() const { return rate_; }
  bool full(Timestamp now) const;

 private:
  void refill(Timestamp now);
  void note(bool refused);
  double refused_share() const;

  Paces paces_;
  double rate_, tokens_;
  double taken_ = 0;             // places
  std::deque<bool> refused_;     // of the latest answers
  Timestamp at_;                 // when tokens_ was true
  std::optional<Timestamp> asked_;
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
  // Until the call may go out.
  Result<> stand_in_line(const std::string& scope, const Call& call, const Context& context);
  Pace& pace_of(const std::string& scope, const Call& call, Timestamp now);

  Caller& below_;
  const Clock& clock_;
  const Paces paces_;
  const Pause pause_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Pace> scopes_;
  Caprice caprice_;
  Random random_;
  std::size_t calls_count_ = 0;
};

}  // namespace aright::aws
