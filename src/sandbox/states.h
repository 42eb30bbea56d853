#pragma once
// How an execution of a state machine ends whose states do nothing but pass on what they are given: Pass, Wait, Succeed
// and Fail, in JSONPath. Pure.

#include <optional>
#include <string>

#include "json/value.h"

namespace aright::sandbox {

inline constexpr int states_max = 1'000;  // that one execution goes through

struct StatesEnd {
  bool failed = false;
  json::Value output;        // of one that did not fail
  std::string error, cause;  // of one that did
};
// Nothing where the definition holds more than that.
std::optional<StatesEnd> run_states(const json::Value& definition, json::Value input);

}  // namespace aright::sandbox
