#pragma once
// The book of the commands that were sent: what each instance has to do, and what came of it. It is no part of the
// exported state, and no call takes it back. Guarded by the lock of the cloud that holds it.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "sandbox/command.h"

namespace aright::sandbox {

inline constexpr std::size_t commands_max = 1'000;            // kept; the oldest that have ended go first
inline constexpr std::size_t stdout_characters_max = 24'000;  // that GetCommandInvocation shows
inline constexpr std::size_t stderr_characters_max = 8'000;
inline constexpr std::size_t output_characters_max = 2'500;  // of ListCommandInvocations, both together

// Systems Manager's words: Status, and StatusDetails.
struct CommandStatus {
  std::string status = "Pending", details = "Pending";
  bool ended() const { return status != "Pending" && status != "InProgress" && status != "Cancelling"; }
};

struct CommandInvocation {
  CommandRun run;
  CommandStatus status;
  bool handed_over = false;   // to whoever runs it
  std::vector<StepEnd> ends;  // as many steps as have ended
};

struct SentCommand {
  std::string id, account, region;
  Timestamp at, expires;  // of what has not begun by then
  json::Object request;   // SendCommand's members
  std::string document, version;
  std::vector<CommandInvocation> invocations;
  std::size_t at_once = 50, errors_max = 0;

  CommandInvocation* find(std::string_view instance);
  std::size_t errors() const;  // invocations that failed or timed out
  std::size_t completed() const;
  CommandStatus status() const;
};

class Commands {
 public:
  void add(SentCommand command);
  // Null when there is none in this account and region. What was not delivered in time is over from now on.
  SentCommand* find(std::string_view id, std::string_view account, std::string_view region, Timestamp now);
  // Newest first.
  std::vector<SentCommand*> all(std::string_view account, std::string_view region, Timestamp now);

  // What is to be run now, as MaxConcurrency and MaxErrors have it; each is given once.
  std::vector<CommandRun> due(std::string_view id, Timestamp now);
  // False when there is nothing to run any more.
  bool begin(const CommandRun& run, Timestamp now, bool reachable);
  void end(const CommandRun& run, std::vector<StepEnd> ends);
  // What waits is over, what runs is asked to stop.
  static void cancel(CommandInvocation& invocation);

 private:
  SentCommand* named(std::string_view id);
  static void expire(SentCommand& command, Timestamp now);

  std::deque<SentCommand> commands_;  // oldest first
};

}  // namespace aright::sandbox
