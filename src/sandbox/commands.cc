#include "sandbox/commands.h"

#include <algorithm>
#include <ranges>

namespace aright::sandbox {

namespace {

bool is_error(const CommandInvocation& one) {
  return one.status.status == "Failed" || one.status.status == "TimedOut";
}

CommandStatus status_of(const CommandRun& run, const std::vector<StepEnd>& ends) {
  using How = StepEnd::How;
  auto any = [&](How how) {
    return std::ranges::any_of(ends, [how](const StepEnd& one) { return one.how == how; });
  };
  if (any(How::cancelled) || (run.stop.stop_requested() && ends.size() < run.steps.size()))
    return {"Cancelled", "Cancelled"};
  if (any(How::timed_out)) return {"TimedOut", "ExecutionTimedOut"};
  bool failed = std::ranges::any_of(ends, [](const StepEnd& one) { return one.code != 0; });
  return failed ? CommandStatus{"Failed", "Failed"} : CommandStatus{"Success", "Success"};
}

}  // namespace

CommandInvocation* SentCommand::find(std::string_view instance) {
  auto found =
      std::ranges::find(invocations, instance, [](const CommandInvocation& one) { return one.run.instance; });
  return found == invocations.end() ? nullptr : &*found;
}

std::size_t SentCommand::errors() const {
  return static_cast<std::size_t>(std::ranges::count_if(invocations, is_error));
}

std::size_t SentCommand::completed() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(invocations, [](const CommandInvocation& one) { return one.status.ended(); }));
}

// One status for all instances is the command's; else the errors decide.
CommandStatus SentCommand::status() const {
  if (invocations.empty()) return {"Success", "NoInstancesInTag"};
  const auto& first = invocations.front().status;
  bool same = std::ranges::all_of(
      invocations, [&](const CommandInvocation& one) { return one.status.details == first.details; });
  if (same) return first;
  auto any = [&](std::string_view status) {
    return std::ranges::any_of(invocations,
                               [&](const CommandInvocation& one) { return one.status.status == status; });
  };
  if (any("Cancelling")) return {"Cancelling", "Cancelling"};
  if (completed() < invocations.size()) return {"InProgress", "InProgress"};
  if (errors() > errors_max) return {"Failed", "Failed"};
  if (any("Cancelled")) return {"Cancelled", "Cancelled"};
  return {"Failed", "Incomplete"};
}

void Commands::add(SentCommand command) {
  if (commands_.size() >= commands_max) {
    auto over = std::ranges::find_if(commands_, [](const SentCommand& one) { return one.status().ended(); });
    commands_.erase(over == commands_.end() ? commands_.begin() : over);
  }
  commands_.push_back(std::move(command));
}

SentCommand* Commands::named(std::string_view id) {
  auto found = std::ranges::find(commands_, id, &SentCommand::id);
  return found == commands_.end() ? nullptr : &*found;
}

void Commands::expire(SentCommand& command, Timestamp now) {
  if (now < command.expires) return;
  for (auto& one : command.invocations)
    if (one.status.status == "Pending") one.status = {"TimedOut", "DeliveryTimedOut"};
}

SentCommand* Commands::find(std::string_view id, std::string_view account, std::string_view region,
                            Timestamp now) {
  auto* command = named(id);
  if (command == nullptr || command->account != account || command->region != region) return nullptr;
  expire(*command, now);
  return command;
}

std::vector<SentCommand*> Commands::all(std::string_view account, std::string_view region, Timestamp now) {
  std::vector<SentCommand*> out;
  for (auto& command : std::views::reverse(commands_)) {
    if (command.account != account || command.region != region) continue;
    expire(command, now);
    out.push_back(&command);
  }
  return out;
}

std::vector<CommandRun> Commands::due(std::string_view id, Timestamp now) {
  std::vector<CommandRun> out;
  auto* command = named(id);
  if (command == nullptr) return out;
  expire(*command, now);
  std::size_t under_way = 0;
  for (const auto& one : command->invocations)
    if (one.handed_over && !one.status.ended()) ++under_way;
  for (auto& one : command->invocations) {
    if (one.handed_over || one.status.ended()) continue;
    if (command->errors() > command->errors_max) {
      one.status = {"Cancelled", "Terminated"};
      continue;
    }
    if (under_way == command->at_once) break;
    one.handed_over = true;
    ++under_way;
    out.push_back(one.run);
  }
  return out;
}

bool Commands::begin(const CommandRun& run, Timestamp now, bool reachable) {
  auto* command = named(run.command_id);
  auto* one = command == nullptr ? nullptr : command->find(run.instance);
  if (one == nullptr) return false;
  expire(*command, now);
  if (one->status.status != "Pending") return false;
  one->status = reachable ? CommandStatus{"InProgress", "InProgress"} : CommandStatus{"Failed", "Undeliverable"};
  return reachable;
}

void Commands::end(const CommandRun& run, std::vector<StepEnd> ends) {
  auto* command = named(run.command_id);
  auto* one = command == nullptr ? nullptr : command->find(run.instance);
  if (one == nullptr || one->status.ended()) return;
  one->status = status_of(run, ends);
  one->ends = std::move(ends);
}

void Commands::cancel(CommandInvocation& invocation) {
  if (invocation.status.ended()) return;
  invocation.run.stop.request_stop();
  bool waits = invocation.status.status == "Pending";
  invocation.status = waits ? CommandStatus{"Cancelled", "Cancelled"} : CommandStatus{"Cancelling", "Cancelling"};
}

}  // namespace aright::sandbox
