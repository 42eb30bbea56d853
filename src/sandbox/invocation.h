#pragma once
// A function that is to be run, as the emulated cloud knows it when Invoke is called. The cloud
// itself runs no code: who stands above it may give it an Invoker. Plain data.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/context.h"
#include "json/value.h"
#include "sandbox/principal.h"

namespace aright::sandbox {

// What becomes of an asynchronous invocation: Lambda's defaults, or the function's EventInvokeConfig and
// DeadLetterConfig.
struct Afterwards {
  int retries_max = 2;
  seconds age_max{21'600};
  std::string on_success, on_failure, dead_letter;  // ARNs
  bool never = false;                               // no concurrency is left to it: it fails untried
};

struct Invocation {
  std::string name, arn, region, request_id;
  std::string runtime, handler, zip;  // zip: the package's bytes
  std::vector<std::string> layers;    // zips, too
  std::map<std::string, std::string> environment;
  seconds timeout{3};
  std::size_t memory_mib = 128;
  Principal role;  // who its own calls are made as
  json::Value event;
  bool later = false;  // InvocationType Event: accepted now, run afterwards
  Afterwards afterwards;  // of such a one
  bool tail = false;   // LogType Tail: the end of the log comes with the answer
};

// Gives the members that Invoke answers. Called with no lock held, so that the function may call
// the cloud.
using Invoker = std::function<Result<json::Object>(const Invocation&, const Context&)>;

}  // namespace aright::sandbox
