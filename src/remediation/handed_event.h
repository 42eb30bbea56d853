#pragma once
// An event that a function was handed to deal with later, as by Lambda's Invoke of the type Event: it is tried again
// where it failed, and who is named for it hears of its end. Plain data and pure functions.

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "remediation/runner.h"
#include "sandbox/invocation.h"

namespace aright::remediation {

inline constexpr seconds retry_pause{60};  // after the first attempt; twice as long after the second
inline constexpr int handed_on_max = 16;   // from function to function: Lambda's own bound of a loop

struct HandedEvent {
  sandbox::Afterwards afterwards;
  std::string function_arn;  // with its version
  std::string first;         // the execution of its first attempt, by whose id the function knows the request
  Timestamp accepted;
  int attempts = 1;   // with the one under way
  int handed_on = 0;  // how many functions had it before, as what came of theirs
};
json::Object to_json(const HandedEvent& handed);
HandedEvent handed_event_from_json(const json::Value& value);

// By what GetFunctionEventInvokeConfig and GetFunctionConfiguration answer; Lambda's defaults for what they do not say.
sandbox::Afterwards afterwards_of(const json::Value& invoke_config, const json::Value& configuration);

// What the one step of a function's execution said. A step that failed without a word of the function is the
// function's failure as well.
struct FunctionAnswer {
  bool good = false;
  std::string payload, error, log;  // error: Lambda's FunctionError, "" where it is good
};
FunctionAnswer function_answer(const json::Value& execution);

// What comes after an attempt. One that a person stopped is not tried again.
struct TryLater {
  Timestamp due;
};
struct Over {
  std::string condition;  // Success, RetriesExhausted or EventAgeExceeded
};
std::variant<TryLater, Over> after_attempt(const HandedEvent& handed, bool good, bool stopped, Timestamp now);

// Who hears of the end.
struct Tidings {
  std::string to;    // ARN
  std::string name;  // OnSuccess, OnFailure or DeadLetter
  json::Object parameters;  // of the document that tells it; Body is what is told
};
std::vector<Tidings> tidings_of(const HandedEvent& handed, const std::string& condition, const json::Value& event,
                           const FunctionAnswer& answer, Timestamp now);
// The document of the steps that tell it. Fails with unsupported when nothing here tells such a destination.
Result<Prepared> prepare_tidings(const Tidings& tidings, const HandedEvent& handed);

// Fails with unsupported, and says why, for what no event's end can be told to; a dead letter goes to a queue or a
// topic. An ARN, or "" for none.
Result<> check_destination(const std::string& arn);
Result<> check_dead_letter(const std::string& arn);

}  // namespace aright::remediation
