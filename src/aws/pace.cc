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

void Caprice::add(const std::string& scope, bool refused, Timestamp now) {
  auto of_it = [&](const Vote& vote) { return vote.scope == scope; };
  if (std::ranges::count_if(votes_, of_it) >= static_cast<std::ptrdiff_t>(votes_of_scope_max))
    votes_.erase(std::ranges::find_if(votes_, of_it));
  votes_.push_back({scope, refused, now});
  while (votes_.size() > votes_max || now - votes_.front().at > votes_last) votes_.pop_front();
}

double Caprice::share() const {
  if (!is_known()) return 0;
  auto refused = static_cast<double>(std::ranges::count_if(votes_, &Vote::refused));
  auto out = refused / static_cast<double>(votes_.size());
  return out < caprice_min || out > caprice_max ? 0 : out;
}

void Pace::refill(Timestamp now) {
  tokens_ = std::min(paces_.burst, tokens_ + seconds_between(at_, now) * rate_);
  at_ = std::max(at_, now);
}

void Pace::note(bool refused) {
  refused_.push_back(refused);
  if (refused_.size() > answers_judged) refused_.pop_front();
}

double Pace::refused_share() const {
  if (refused_.size() < answers_judged) return 0;
  return static_cast<double>(std::ranges::count(refused_, true)) / static_cast<double>(refused_.size());
}

double Pace::take(Timestamp now) {
  refill(now);
  tokens_ -= 1;
  return ++taken_;
}

milliseconds Pace::wait(double place, Timestamp now) {
  refill(now);
  auto missing = place - taken_ - tokens_;
  return milliseconds(missing <= 0 ? 0 : static_cast<std::int64_t>(std::ceil(missing / rate_ * second_ms)));
}

milliseconds Pace::rests(Timestamp now, const Caprice& caprice) const {
  auto into = milliseconds(now.ms) % (caprice.is_well_known() ? rest_seldom : rest_every);
  return into < rest && refused_share() >= often ? rest : milliseconds(0);
}

bool Pace::ask(Timestamp now) {
  auto before = asked_ ? now - *asked_ : idle;
  asked_ = now;
  return before >= idle || (before >= rest && milliseconds(now.ms) % rest_every < 2 * rest);
}

void Pace::answered(Timestamp now, const Caprice& caprice) {
  refill(now);
  note(false);
  // A step for each second; long silence is no proof that more would have been borne.
  double unproven = std::min(seconds_between(std::max(grown_, cut_), now), 1.0);
  // Among refusals that come anyway, those for the rate would not be seen.
  bool anyway = caprice.share() > 0;
  double most = anyway ? std::max(rate_, paces_.rate_start) : paces_.rate_max;
  double step = anyway ? paces_.rate_start : std::min(paces_.rate_start, 2 * rate_);
  rate_ = std::min(most, rate_ + paces_.increase * step * unproven);
  grown_ = std::max(grown_, now);
}

void Pace::throttled(Timestamp asked, Timestamp now, const Caprice& caprice) {
  refill(now);
  note(true);
  auto anyway = caprice.share();
  if (anyway > 0 && refused_share() <= anyway + often) return;
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

Result<> Paced::stand_in_line(const std::string& scope, const Call& call, const Context& context) {
  auto ask = [&](const auto& what) {
    std::lock_guard lock(mutex_);
    auto now = clock_.now();
    return what(pace_of(scope, call, now), now);
  };
  auto place = ask([](Pace& pace, Timestamp now) { return pace.take(now); });
  while (true) {
    auto wait = ask([&](Pace& pace, Timestamp now) { return pace.wait(place, now); });
    CHECK_OK(pause(std::min(wait, look_again), context));
    if (wait <= look_again) break;
  }
  return pause(ask([&](Pace& pace, Timestamp now) { return pace.rests(now, caprice_); }), context);
}

Result<json::Object> Paced::call(const Call& call, const Context& context) {
  const auto scope = scope_of(call);
  for (int tried = 1;; ++tried) {
    CHECK_OK(stand_in_line(scope, call, context));
    if (call.may_go) CHECK_OK(call.may_go());
    auto asked = clock_.now();
    bool rested;
    {
      std::lock_guard lock(mutex_);
      rested = pace_of(scope, call, asked).ask(asked);
    }
    auto output = below_.call(call, context);
    bool throttled = !output && says_slower(output.error());
    milliseconds rest;
    {
      std::lock_guard lock(mutex_);
      ++calls_count_;
      auto& pace = pace_of(scope, call, asked);
      if (rested) caprice_.add(scope, throttled, asked);
      if (!throttled) {
        pace.answered(clock_.now(), caprice_);
        return output;
      }
      pace.throttled(asked, clock_.now(), caprice_);
      if (tried >= throttled_attempts_max) return output;
      rest = backoff(tried - 1, caprice_.share() > 0 ? caprice_pause_max : throttled_pause_max, random_);
    }
    // Out of time or stopped: what the cloud said tells more.
    if (!pause(rest, context)) return output;
  }
}

}  // namespace aright::aws
