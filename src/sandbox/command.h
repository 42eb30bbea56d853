#pragma once
// A command of Systems Manager that is to be run on an instance, as the emulated cloud knows it when SendCommand
// is called. The cloud itself runs no code: who stands above it may give it a CommandRunner. Plain data.

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sandbox/principal.h"

namespace aright::sandbox {

inline constexpr int code_of_stopped = 137;  // what the agent tells of a step that it killed

// One step of a command's document, with the parameters put in.
struct CommandStep {
  std::string name;       // the plugin's name, where the document gives none
  std::string script;     // lines of a shell script
  std::string directory;  // "": the agent's own
  seconds timeout{3'600};
  bool exits_on_failure = false;
  std::string skipped;  // why it is not for this instance; "": it is
};

// All that one instance has to do for a command.
struct CommandRun {
  std::string command_id, instance, region;
  Principal agent;  // who its calls are made as: the role of the instance's profile
  std::vector<CommandStep> steps;
  std::string bucket, key_prefix;  // where whole outputs go; "": nowhere
  std::stop_source stop;           // CancelCommand asks here
};

// What came of one step. A step that never began is not among them.
struct StepEnd {
  enum class How { ended, timed_out, cancelled };
  How how = How::ended;
  int code = 0;
  std::string out, err;
  Timestamp began, ended;
};

// The key, in S3, under which the agent keeps what a step printed: in its files stdout and stderr.
std::string command_output_key(const CommandRun& run, std::size_t step);

// Runs it, at once or later, on whatever thread: Cloud::command_begins and Cloud::command_ended say how it goes.
// Called with no lock held.
using CommandRunner = std::function<void(CommandRun)>;

}  // namespace aright::sandbox
