#include "sandbox/rehearsed_commands.h"

#include "base/id.h"

namespace aright::sandbox {

namespace {

json::Object ended_well(const json::Object& command, const std::string& instance) {
  return {{"CommandId", json::at(command, "CommandId")},
          {"InstanceId", instance},
          {"DocumentName", json::at(command, "DocumentName")},
          {"Status", "Success"},
          {"StatusDetails", "Success"}};
}

json::Object with_plugins(json::Object invocation) {
  json::Object plugin{{"Name", "rehearsal"}, {"Status", "Success"}, {"StatusDetails", "Success"},
                      {"ResponseCode", 0},   {"Output", ""}};
  invocation["CommandPlugins"] = json::Array{std::move(plugin)};
  return invocation;
}

// "i-1, i-2", "tag:env = test".
std::string receivers_of(const aws::Call& call) {
  std::vector<std::string> out = json::texts(json::at(call.input, "InstanceIds"));
  for (const auto& target : json::items(json::at(call.input, "Targets")))
    out.push_back(fmt::format("{} = {}", json::text(target, "Key", ""),
                              fmt::join(json::texts(json::at(target, "Values")), " or ")));
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

bool RehearsedCommands::sends(const aws::Call& call) {
  return call.service == "ssm" && call.operation == "SendCommand";
}

json::Object RehearsedCommands::send(const aws::Call& call) {
  auto id = uuid_from(fmt::format("rehearsed command {} {}", sent_.size(), json::canonical(call.input)));
  json::Object command{{"CommandId", id},
                       {"DocumentName", json::at(call.input, "DocumentName")},
                       {"Status", "Success"},
                       {"StatusDetails", "Success"},
                       {"ErrorCount", 0}};
  for (const auto* member : {"InstanceIds", "Targets", "Parameters", "Comment"})
    if (const auto& value = json::at(call.input, member); !value.is_null()) command[member] = value;
  sent_[id] = command;
  return {{"Command", std::move(command)}};
}

std::optional<json::Object> RehearsedCommands::answer(const aws::Call& call) const {
  auto found = call.service == "ssm" ? sent_.find(json::text(json::at(call.input, "CommandId"))) : sent_.end();
  if (found == sent_.end()) return std::nullopt;
  const auto& command = found->second;
  if (call.operation == "ListCommands") return json::Object{{"Commands", json::Array{command}}};
  if (call.operation == "CancelCommand") return json::Object();
  if (call.operation == "GetCommandInvocation") {
    auto told = ended_well(command, json::text(json::at(call.input, "InstanceId")));
    told["ResponseCode"] = 0;
    for (const auto* output : {"StandardOutputContent", "StandardErrorContent"}) told[output] = "";
    return told;
  }
  if (call.operation != "ListCommandInvocations") return std::nullopt;
  json::Array all;
  for (const auto& instance : json::texts(json::at(command, "InstanceIds")))
    all.push_back(with_plugins(ended_well(command, instance)));
  return json::Object{{"CommandInvocations", std::move(all)}};
}

std::string RehearsedCommands::unknown_of(const aws::Call& call) {
  return fmt::format("{} is sent to {}: what it does there is not known",
                     json::text(json::at(call.input, "DocumentName")), receivers_of(call));
}

}  // namespace aright::sandbox
