#pragma once
// A function that is to be run, as the emulated cloud knows it when Invoke is called. The cloud
// itself runs no code: who stands above it may give it an Invoker. Plain data.

#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/context.h"
#include "json/value.h"
#include "sandbox/principal.h"

namespace aright::sandbox {

struct Invocation {
  std::string name, region, request_id;
  std::string runtime, handler, zip;  // zip: the package's bytes
  std::map<std::string, std::string> environment;
  seconds timeout{3};
  std::size_t memory_mib = 128;
  Principal role;  // who its own calls are made as
  json::Value event;
  bool later = false;  // InvocationType Event: accepted now, run afterwards
  bool tail = false;   // LogType Tail: the end of the log comes with the answer
};

// Gives the members that Invoke answers. Called with no lock held, so that the function may call
// the cloud.
using Invoker = std::function<Result<json::Object>(const Invocation&, const Context&)>;

}  // namespace aright::sandbox
