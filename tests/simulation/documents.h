#pragma once
// Random Automation documents: every control-flow feature, over a small world of buckets, parameters, users, log
// groups and security groups, where steps often fail. The same seed gives the same documents.

#include <map>
#include <string>

#include "aws/call.h"

namespace aright::simulation {

inline constexpr const char* account = "111122223333";
inline constexpr const char* region = "us-east-1";
inline constexpr const char* approver = "arn:aws:iam::111122223333:user/ana";
inline constexpr const char* fleet_prefix = "fleet-";  // of what children that run side by side have for themselves
inline constexpr int things = 4;  // of each kind: bucket-0 … bucket-3

// Name → text. "Main" is the one to start; others are started by it: "Child" alone, "Fleet" for many side by side.
std::map<std::string, std::string> random_documents(std::uint64_t seed);
// The calls that make the world the documents act on.
std::vector<aws::Call> world();

}  // namespace aright::simulation
