#include "aws/pace.h"

#include <algorithm>
#include <cmath>

#include "aws/rates.h"
#include "aws/retry.h"

namespace aright::aws {

namespace {

constexpr double second_ms = 1000;
constexpr std::uint64_t jitter_seed = 0x5eed;  // jitter needs to be spread, not to be secret

std::string scope_of(const Call& call) { return fmt::format("{}/{}/{}", call.account, call.region, call.name()); }

double seconds_between(Timestamp from, Timestamp to) {
  return static_cast<double>(std::max<std::int64_t>((to - from).count(), 0)) / second_ms;
}

// LimitExceededException is a throttle to SDKs; most services mean a quota by it, which asking again does not raise.
bool says_slower(const Error& error) {
  return is_throttling(error) && error.wire_code != "LimitExceededException";
}

}  // namespace

Paces Paces::of(const Call& call) const {
  auto published = published_rate(call.service, call.operation);
  if (!published) return *this;
  auto out = *this;
  out.rate_start = out.rate_max = published->per_second;
  out.burst = published->burst;
  return out;
}

void Pace::refill(Timestamp now) {
  tokens_ = std::min(paces_.burst, tokens_ + seconds_between(at_, now) * rate_);
  at_ = std::max(at_, now);
}

milliseconds Pace::take(Timestamp now) {
  refill(now);
  tokens_ -= 1;
  if (tokens_ >= 0) return milliseconds(0);
  return milliseconds(static_cast<std::int64_t>(std::ceil(-tokens_ / rate_ * second_ms)));
}

void Pace::answered(Timestamp now) {
  refill(now);
  // A step for each second; long silence is no proof that more would have been borne.
  double unproven = std::min(seconds_between(std::max(grown_, cut_), now), 1.0);
  rate_ = std::min(paces_.rate_max, rate_ + paces_.increase * paces_.rate_start * unproven);
  grown_ = std::max(grown_, now);
}

void Pace::throttled(Timestamp asked, Timestamp now) {
  refill(now);
  if (asked < cut_) return;  // it was on its way before the rate fell
  rate_ = std::max(paces_.rate_min, rate_ * paces_.decrease);
  tokens_ = std::min(tokens_, 0.0);
  cut_ = now + milliseconds(1);
}

bool Pace::full(Timestamp now) const { return tokens_ + seconds_between(at_, now) * rate_ >= paces_.burst; }

Paced::Paced(Caller& below, const Clock& clock, Paces paces, Pause pause)
    : below_(below), clock_(clock), paces_(paces), pause_(std::move(pause)), random_(jitter_seed) {}

Result<> Paced::pause(milliseconds time, const Context& context) const {
  if (time.count() <= 0) return context.check();
  return pause_ ? pause_(time, context) : context.sleep(time);
}

Pace& Paced::pace_of(const std::string& scope, const Call& call, Timestamp now) {
  if (auto known = scopes_.find(scope); known != scopes_.end()) return known->second;
  if (scopes_.size() >= throttle_scopes_max)
    std::erase_if(scopes_, [&](const auto& one) { return one.second.full(now); });
  return scopes_.emplace(scope, Pace(paces_.of(call), now)).first->second;
}

std::size_t Paced::calls_count() const {
  std::lock_guard lock(mutex_);
  return calls_count_;
}

Result<json::Object> Paced::call(const Call& call, const Context& context) {
  const auto scope = scope_of(call);
  for (int tried = 1;; ++tried) {
    milliseconds wait;
    {
      std::lock_guard lock(mutex_);
      auto now = clock_.now();
      wait = pace_of(scope, call, now).take(now);
    }
    CHECK_OK(pause(wait, context));
    if (call.may_go) CHECK_OK(call.may_go());
    auto asked = clock_.now();
    auto output = below_.call(call, context);
    bool throttled = !output && says_slower(output.error());
    milliseconds rest;
    {
      std::lock_guard lock(mutex_);
      ++calls_count_;
      auto& pace = pace_of(scope, call, asked);
      if (!throttled) {
        pace.answered(clock_.now());
        return output;
      }
      pace.throttled(asked, clock_.now());
      if (tried >= throttled_attempts_max) return output;
      rest = backoff(tried - 1, throttled_pause_max, random_);
    }
    // Out of time or stopped: what the cloud said tells more.
    if (!pause(rest, context)) return output;
  }
}

}  // namespace aright::aws
