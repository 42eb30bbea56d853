#pragma once
// What a test expects of the world afterwards. Internal to trial.

#include <string>
#include <vector>

#include "aws/call.h"
#include "json/value.h"

namespace aright::trial {

// Of a list of reads, {call, input, at: JSONPath, is: value} or {call, input, fails: code}: what is not so, one
// sentence each.
std::vector<std::string> unmet_state(aws::Caller& cloud, const json::Value& looks, const json::Object& kept,
                                     const std::string& account, const std::string& region);

}  // namespace aright::trial
