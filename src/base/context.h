#pragma once
// What every blocking call takes along: until when, and who may stop it. Cheap to copy.

#include <chrono>
#include <stop_token>

#include "base/error.h"

namespace aright {

struct Context {
  using SteadyTime = std::chrono::steady_clock::time_point;

  SteadyTime deadline = SteadyTime::max();
  std::stop_token stop;

  static Context within(std::chrono::milliseconds limit, std::stop_token stop = {}) {
    return {std::chrono::steady_clock::now() + limit, std::move(stop)};
  }
  // The same context, ending after `limit` at the latest.
  Context at_most(std::chrono::milliseconds limit) const {
    return {std::min(deadline, std::chrono::steady_clock::now() + limit), stop};
  }
  std::chrono::milliseconds remaining() const;
  // Fails with cancelled or deadline.
  Result<> check() const;
  // Sleeps for `duration`, or until stopped or out of time; then fails as check() does.
  Result<> sleep(std::chrono::milliseconds duration) const;
};

}  // namespace aright
