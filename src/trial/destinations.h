#pragma once
// Who hears how an asynchronous invocation ended: the function's destinations, and its dead-letter queue or topic.

#include <string>

#include "aws/call.h"
#include "base/clock.h"
#include "sandbox/invocation.h"

namespace aright::trial {

inline constexpr int too_many_status = 429;  // of one that was never tried: no concurrency was left to it

struct Ending {
  std::string condition;  // Success, RetriesExhausted or EventAgeExceeded
  int attempts = 0;
  json::Object answer;    // what Invoke answered last; empty when it was never tried
};

// `function` makes calls as the function, `lambda` as Lambda, which knows the URL of every queue. Whatever cannot be
// delivered is lost, as in Lambda.
struct Doors {
  aws::Caller &function, &lambda;
};
void tell_ending(const sandbox::Invocation& invocation, const Ending& ending, Timestamp now, const Doors& doors,
                 const Context& context);

}  // namespace aright::trial
