#pragma once
// Python scripts and Lambda functions of any runtime in a jailed child process: no network, no files
// but its own, bounded time, memory, processes and output, no credentials. Its AWS calls come out
// through one pipe and are made by the door it was given.
//
// Thread-safe; each run is a process of its own. A machine that cannot jail refuses to run and says
// what is missing.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "aws/call.h"
#include "base/clock.h"
#include "base/context.h"
#include "json/value.h"

namespace aright::script {

// Of an event or a result: Lambda's own limit.
inline constexpr std::size_t payload_bytes_max = 6u << 20;
inline constexpr std::size_t code_bytes_max = 50u << 20;
inline constexpr std::size_t log_bytes_max = 256u << 10;  // kept of what it prints: the end
// At one time, each a Python with boto3 in memory; more wait for their turn, as long as their context lasts. Runs that
// a run's own call starts do not count: they would wait for the one that waits for them.
inline constexpr int runs_max = 8;

// Jails that are kept for a next event: so many, so long without one, and for so many. One whose run failed by its
// time, its memory or its end is not kept.
inline constexpr std::size_t warm_max = 8;
inline constexpr milliseconds warm_idle_max{300'000};
inline constexpr int warm_events_max = 1'000;

// What a function does before its first event has this much time of its own, as Lambda gives it; what it takes longer,
// it takes of the event's.
inline constexpr milliseconds initialisation_max{10'000};

struct Limits {
  milliseconds wall{600'000};
  std::size_t memory_bytes = 512u << 20;
  int processes_max = 32;
  std::size_t disk_bytes = 64u << 20;  // of its private /tmp
  int calls_max = 10'000;              // AWS calls
  std::size_t output_bytes = 16u << 20;  // that it prints, in all: who prints more is stopped there and then
};

struct Program {
  enum class Convention {
    runbook,  // aws:executeScript: handler(events, context)
    lambda,   // handler(event, context) with Lambda's context object; handler is "module.function"
  };
  Convention convention = Convention::runbook;
  // Any python3.x runs on the python3 that is there, any nodejs on the machine's node, and provided… is
  // whatever the file bootstrap is.
  std::string runtime = "python3.11";
  std::map<std::string, std::string> files;   // name → bytes; a runbook's script is script.py
  std::map<std::string, std::string> layers;  // the same, below /opt
  std::set<std::string> executables;          // of them all, by where they are: /var/task/bootstrap
  std::string handler;
  json::Value event;
  std::string account, region = "us-east-1";
  // Of the context object. Runs with the same request id draw the same random numbers and UUIDs.
  std::string function_name, request_id;
  std::map<std::string, std::string> environment;
  // Of a runbook's script: its context is a dict of these as well ("global:REGION").
  json::Object variables = {};
  Limits limits;
  // Not "": the jail stays when the event is done, and the next event of a program that says the same here finds it
  // warm. So this names the code, its surroundings and whoever its calls are made as; for Lambda's convention.
  std::string keep_as = {};
  // Where time is virtual: lets so much of it pass, and time.sleep() returns at once. Otherwise it sleeps.
  std::function<void(milliseconds)> pass_time;
};

struct Outcome {
  bool ok = false;
  json::Value result;      // what the handler returned
  std::string error_type;  // of the exception, or Sandbox.Timedout, Runtime.ExitError …
  std::string error_message;
  std::vector<std::string> stack;
  std::string log;  // stdout and stderr, in order
  milliseconds took{0};
  milliseconds initialised_in{0};  // of that, what came before the event; 0 when it was warm
};

// Whether this machine can jail; the error says what is missing and how to mend it. Remembered
// after the first time.
Result<> can_jail();

// Runs to its end. A script that failed is an Outcome with ok = false; fails itself only when it
// could not be run. `door` answers its AWS calls, one at a time, in the order in which it makes
// them.
Result<Outcome> run(const Program& program, aws::Caller& door, const Context& context);

}  // namespace aright::script
