#include "runbook/calls.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>

#include "base/text.h"
#include "runbook/script_calls.h"

namespace aright::runbook {

namespace {

bool is_reference(std::string_view text) { return text.find("{{") != std::string_view::npos; }

// What an action itself calls, whatever its inputs say.
struct Own {
  std::string_view service;
  std::initializer_list<std::string_view> operations;
};
const std::map<std::string_view, Own>& own_calls() {
  static const std::map<std::string_view, Own> calls{
      {"aws:copyImage", {"ec2", {"CopyImage", "DescribeImages"}}},
      {"aws:createImage", {"ec2", {"CreateImage", "DescribeImages"}}},
      {"aws:deleteImage", {"ec2", {"DescribeImages", "DeregisterImage", "DeleteSnapshot"}}},
      {"aws:createStack", {"cloudformation", {"CreateStack", "DescribeStacks"}}},
      {"aws:deleteStack", {"cloudformation", {"DeleteStack", "DescribeStacks"}}},
      {"aws:runInstances", {"ec2", {"RunInstances", "DescribeInstanceStatus"}}},
      {"aws:runCommand", {"ssm", {"SendCommand", "ListCommands", "ListCommandInvocations"}}},
      {"aws:executeStateMachine", {"stepfunctions", {"StartExecution", "DescribeExecution"}}},
      {"aws:invokeLambdaFunction", {"lambda", {"Invoke"}}},
  };
  return calls;
}

class Collector {
 public:
  explicit Collector(const Document& document) : document_(document) {}

  DocumentCalls all() {
    for (const auto& step : document_.steps()) look_at(step);
    return std::move(out_);
  }

 private:
  void look_at(const Step& step) {
    const auto& inputs = step.inputs;
    const auto& action = step.action;
    if (auto own = own_calls().find(action); own != own_calls().end())
      for (auto operation : own->second.operations) add(step, own->second.service, operation);
    if (action == "aws:executeAwsApi" || action == "aws:assertAwsResourceProperty" ||
        action == "aws:waitForAwsResourceProperty")
      look_at_api(step);
    else if (action == "aws:changeInstanceState")
      look_at_state(step);
    else if (action == "aws:createTags")
      look_at_tags(step);
    else if (action == "aws:executeScript")
      look_at_code(step);
    else if (action == "aws:executeAutomation")
      look_at_child(step);
    else if (action == "aws:approve" && inputs.contains("NotificationArn"))
      add(step, "sns", "Publish");
    for (const auto& inner : step.steps) look_at(inner);
  }

  void look_at_api(const Step& step) {
    auto service = json::text(step.inputs, "Service"), operation = json::text(step.inputs, "Api");
    if (is_reference(service) || is_reference(operation))
      return note(step, fmt::format("its call is {}:{}", service, operation));
    auto call = named_call(step.inputs);
    add(step, call.service, call.operation);
  }

  void look_at_state(const Step& step) {
    auto state = json::text(step.inputs, "DesiredState");
    add(step, "ec2", "DescribeInstances");
    add(step, "ec2", "DescribeInstanceStatus");
    if (json::truth(json::at(step.inputs, "CheckStateOnly"))) return;
    if (state == "running" || is_reference(state)) add(step, "ec2", "StartInstances");
    if (state == "stopped" || is_reference(state)) add(step, "ec2", "StopInstances");
    if (state == "terminated" || is_reference(state)) add(step, "ec2", "TerminateInstances");
  }

  void look_at_tags(const Step& step) {
    auto type = json::text(step.inputs, "ResourceType");
    bool ec2 = type.empty() || type == "EC2";
    if (ec2 || is_reference(type)) add(step, "ec2", "CreateTags");
    if (!ec2) add(step, "ssm", "AddTagsToResource");
  }

  void look_at_code(const Step& step) {
    auto script = json::text(step.inputs, "Script");
    if (auto name = json::text(step.inputs, "Attachment"); !name.empty() && script.empty()) {
      auto found = document_.attachments().find(name);
      if (found == document_.attachments().end() || name.ends_with(".zip"))
        return note(step, fmt::format("its script is the attachment {}", name));
      script = found->second;
    }
    if (!json::text(step.inputs, "Runtime").starts_with("python")) return note(step, "its script is not Python");
    auto look = look_at_script(script);
    for (const auto& call : look.calls) add(step, call.service, call.method);
    for (auto& what : look.unknown) note(step, std::move(what));
  }

  void look_at_child(const Step& step) {
    auto name = json::text(step.inputs, "DocumentName");
    if (is_reference(name)) return note(step, fmt::format("it starts the document {}", name));
    if (std::ranges::find(out_.children, name) == out_.children.end()) out_.children.push_back(name);
    for (const auto& target : json::items(json::at(step.inputs, "Targets"))) {
      auto key = json::text(target, "Key", "");
      if (key == "ResourceGroup") add(step, "resource-groups", "ListGroupResources");
      if (key.starts_with("tag") || key == "AWS::EC2::Instance") add(step, "ec2", "DescribeInstances");
    }
    if (step.inputs.contains("TargetLocations")) note(step, "it runs in other accounts or Regions, by their own roles");
  }

  void add(const Step& step, std::string_view service, std::string_view operation) {
    bool known = std::ranges::any_of(out_.calls, [&](const DocumentCall& call) {
      return call.step == step.name && call.service == service && call.operation == operation;
    });
    if (!known) out_.calls.push_back({step.name, std::string(service), std::string(operation)});
  }

  void note(const Step& step, std::string what) { out_.unknown.push_back({step.name, std::move(what)}); }

  const Document& document_;
  DocumentCalls out_;
};

}  // namespace

NamedCall named_call(const json::Object& inputs) {
  auto operation = json::text(inputs, "Api");
  const bool camel = !operation.empty() && std::islower(static_cast<unsigned char>(operation[0])) &&
                     !operation.contains('_');
  if (camel) operation[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(operation[0])));
  return {.service = lower(json::text(inputs, "Service")), .operation = std::move(operation)};
}

DocumentCalls calls_of(const Document& document) { return Collector(document).all(); }

}  // namespace aright::runbook
