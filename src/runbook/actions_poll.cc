// What is begun with one call and watched until it ends: aws:executeStateMachine, aws:runCommand, aws:createStack,
// aws:deleteStack; and aws:createTags, which is a call for each resource.

#include <algorithm>
#include <array>

#include "base/id.h"
#include "runbook/action.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

json::Object picked(const json::Object& inputs, std::initializer_list<const char*> names) {
  json::Object request;
  for (const char* name : names)
    if (inputs.contains(name)) request[name] = json::at(inputs, name);
  return request;
}

class ExecuteStateMachine final : public Action {
 public:
  Move begin(const Scene& scene) override {
    auto request = picked(scene.inputs, {"stateMachineArn", "name"});
    const auto& input = json::at(scene.inputs, "input");
    if (!input.is_null()) request["input"] = json::scalar_text(input);
    // The same attempt twice is one execution.
    if (!request.contains("name")) request["name"] = uuid_from(scene.seed);
    return call("stepfunctions", "StartExecution", std::move(request),
                [this](const Scene& now, const json::Value& output) {
                  arn_ = json::text(json::at(output, "executionArn"));
                  return look(now);
                });
  }

  std::optional<CallAws> abandon(const Scene&) const override {
    if (arn_.empty()) return std::nullopt;
    CallAws stop;
    stop.service = "stepfunctions";
    stop.operation = "StopExecution";
    stop.input = {{"executionArn", arn_}};
    return stop;
  }

 private:
  Move look(const Scene&) {
    return call("stepfunctions", "DescribeExecution", {{"executionArn", arn_}},
                [this](const Scene& now, const json::Value& output) -> Move {
                  auto status = json::text(json::at(output, "status"));
                  if (status == "RUNNING" || status == "PENDING_REDRIVE") {
                    return again_in(now, poll_pause,
                                    [this](const Scene& later) { return look(later); });
                  }
                  if (status == "SUCCEEDED")
                    return Done{.outputs = json::members(output), .answer = output};
                  return Fault{.message = fmt::format("{} ended {}: {} {}", arn_, status,
                                                      json::text(json::at(output, "error")),
                                                      json::text(json::at(output, "cause"))),
                               .timed_out = status == "TIMED_OUT"};
                });
  }

  std::string arn_;
};

class RunCommand final : public Action {
 public:
  Move begin(const Scene& scene) override {
    json::Object request = scene.inputs;
    if (auto ids = request.find("InstanceIds"); ids != request.end() && ids->value().is_string()) {
      ids->value() = json::Array{ids->value()};
    }
    // SendCommand takes lists of texts.
    json::Object parameters;
    for (const auto& [key, value] : json::members(json::at(request, "Parameters")))
      parameters[key] = wire_texts(value);
    if (!parameters.empty()) request["Parameters"] = std::move(parameters);
    if (auto timeout = request.find("TimeoutSeconds"); timeout != request.end()) {
      timeout->value() = json::integer(timeout->value());
    }
    return call("ssm", "SendCommand", std::move(request),
                [this](const Scene& now, const json::Value& output) {
                  id_ = json::text(json::at(output, {"Command", "CommandId"}));
                  return look(now);
                });
  }

  json::Object outputs() const override {
    if (!ended_.empty()) return ended_;
    return id_.empty() ? json::Object() : json::Object{{"CommandId", id_}};
  }

  std::optional<CallAws> abandon(const Scene&) const override {
    if (id_.empty()) return std::nullopt;
    CallAws cancel;
    cancel.service = "ssm";
    cancel.operation = "CancelCommand";
    cancel.input = {{"CommandId", id_}};
    return cancel;
  }

 private:
  static constexpr std::array<std::string_view, 4> under_way = {"Pending", "InProgress", "Delayed",
                                                                "Cancelling"};

  Move look(const Scene&) {
    return call(
        "ssm", "ListCommands", {{"CommandId", id_}},
        [this](const Scene& now, const json::Value& output) -> Move {
          const auto& commands = json::items(json::at(output, "Commands"));
          auto status = commands.empty() ? "Pending" : json::text(json::at(commands[0], "Status"));
          if (std::ranges::find(under_way, status) != under_way.end()) {
            return again_in(now, poll_pause, [this](const Scene& later) { return look(later); });
          }
          status_ = status;
          return read_output();
        });
  }

  Move read_output() {
    return call("ssm", "ListCommandInvocations", {{"CommandId", id_}, {"Details", true}},
                [this](const Scene&, const json::Value& output) { return ended(output); });
  }

  // One instance's output stands for all, as Systems Manager has it.
  Move ended(const json::Value& output) {
    ended_ = {{"CommandId", id_}, {"Status", status_}};
    const auto& invocations = json::items(json::at(output, "CommandInvocations"));
    std::string text;
    json::Value code = status_ == "Success" ? 0 : 1;
    const json::Array none;
    const auto& plugins =
        invocations.empty() ? none : json::items(json::at(invocations[0], "CommandPlugins"));
    for (const auto& plugin : plugins) {
      text += json::text(json::at(plugin, "Output"));
      if (!json::at(plugin, "ResponseCode").is_null()) code = json::at(plugin, "ResponseCode");
    }
    ended_["Output"] = text;
    ended_["ResponseCode"] = code;
    if (status_ == "Success") {
      return Done{.outputs = ended_, .answer = ended_, .response_code = json::scalar_text(code)};
    }
    return Fault{.message = fmt::format("the command {} ended {}: {}", id_, status_, text),
                 .timed_out = status_ == "TimedOut"};
  }

  std::string id_, status_;
  json::Object ended_;  // what it put out, however it ended
};

class CreateStack final : public Action {
 public:
  Move begin(const Scene& scene) override {
    if (scene.inputs.contains("TemplateBody") == scene.inputs.contains("TemplateURL")) {
      return bad_input("aws:createStack takes either a TemplateBody or a TemplateURL");
    }
    auto request = scene.inputs;
    auto body = request.find("TemplateBody");
    if (body != request.end()) body->value() = json::scalar_text(body->value());
    if (!request.contains("ClientRequestToken"))
      request["ClientRequestToken"] = uuid_from(scene.seed);
    return call("cloudformation", "CreateStack", std::move(request),
                [this](const Scene& now, const json::Value& output) {
                  id_ = json::text(json::at(output, "StackId"));
                  return look(now);
                });
  }

 private:
  Move look(const Scene&) {
    return call(
        "cloudformation", "DescribeStacks", {{"StackName", id_}},
        [this](const Scene& now, const json::Value& output) -> Move {
          const auto& stacks = json::items(json::at(output, "Stacks"));
          if (stacks.empty()) return Fault{.message = fmt::format("the stack {} is gone", id_)};
          auto status = json::text(json::at(stacks[0], "StackStatus"));
          auto reason = json::text(json::at(stacks[0], "StackStatusReason"));
          json::Object outputs{
              {"StackId", id_}, {"StackStatus", status}, {"StackStatusReason", reason}};
          if (status == "CREATE_COMPLETE") return Done{.outputs = outputs, .answer = outputs};
          if (status.ends_with("_IN_PROGRESS")) {
            return again_in(now, poll_pause, [this](const Scene& later) { return look(later); });
          }
          return Fault{.message = fmt::format("the stack {} is {}: {}", id_, status, reason)};
        });
  }

  std::string id_;
};

class DeleteStack final : public Action {
 public:
  // The name is free again once the stack is gone; only its id can be watched.
  Move begin(const Scene& scene) override {
    return call(
        "cloudformation", "DescribeStacks", {{"StackName", json::at(scene.inputs, "StackName")}},
        [this](const Scene& now, const json::Value& output) -> Move {
          const auto& stacks = json::items(json::at(output, "Stacks"));
          if (stacks.empty()) return Done{};
          id_ = json::text(json::at(stacks[0], "StackId"));
          auto request = now.inputs;
          if (!request.contains("ClientRequestToken"))
            request["ClientRequestToken"] = uuid_from(now.seed);
          return call("cloudformation", "DeleteStack", std::move(request),
                      [this](const Scene& later, const json::Value&) { return look(later); });
        },
        gone_or_failed);
  }

 private:
  static Move gone_or_failed(const Scene&, const Error& error) {
    const bool gone =
        error.wire_code == "ValidationError" && error.message.contains("does not exist");
    if (gone) return Done{};
    return fault(error);
  }

  Move look(const Scene&) {
    return call(
        "cloudformation", "DescribeStacks", {{"StackName", id_}},
        [this](const Scene& now, const json::Value& output) -> Move {
          const auto& stacks = json::items(json::at(output, "Stacks"));
          auto status =
              stacks.empty() ? "DELETE_COMPLETE" : json::text(json::at(stacks[0], "StackStatus"));
          if (status == "DELETE_COMPLETE") return Done{};
          if (status.ends_with("_IN_PROGRESS")) {
            return again_in(now, poll_pause, [this](const Scene& later) { return look(later); });
          }
          return Fault{.message = fmt::format("the stack {} is {}", id_, status)};
        },
        gone_or_failed);
  }

  std::string id_;
};

class CreateTags final : public Action {
 public:
  Move begin(const Scene& scene) override {
    auto ids = read(json::at(scene.inputs, "ResourceIds"), Type::string_list);
    if (!ids) return bad_input("ResourceIds: " + ids.error().message);
    ids_ = json::texts(*ids);
    if (ids_.empty()) return bad_input("ResourceIds is empty");
    if (!json::at(scene.inputs, "Tags").is_array())
      return bad_input("Tags is a list of {Key, Value}");
    type_ = json::text(scene.inputs, "ResourceType", "EC2");
    if (type_ != "EC2") return tag(scene);
    return call("ec2", "CreateTags",
                {{"Resources", *ids}, {"Tags", json::at(scene.inputs, "Tags")}},
                [](const Scene&, const json::Value&) -> Move { return Done{}; });
  }

 private:
  Move tag(const Scene& scene) {
    return call("ssm", "AddTagsToResource",
                {{"ResourceType", type_},
                 {"ResourceId", ids_[tagged_]},
                 {"Tags", json::at(scene.inputs, "Tags")}},
                [this](const Scene& now, const json::Value&) -> Move {
                  if (++tagged_ == ids_.size()) return Done{};
                  return tag(now);
                });
  }

  std::vector<std::string> ids_;
  std::string type_;
  std::size_t tagged_ = 0;
};

}  // namespace

std::unique_ptr<Action> make_execute_state_machine() {
  return std::make_unique<ExecuteStateMachine>();
}
std::unique_ptr<Action> make_run_command() {
  return std::make_unique<RunCommand>();
}
std::unique_ptr<Action> make_create_stack() {
  return std::make_unique<CreateStack>();
}
std::unique_ptr<Action> make_delete_stack() {
  return std::make_unique<DeleteStack>();
}
std::unique_ptr<Action> make_create_tags() {
  return std::make_unique<CreateTags>();
}

}  // namespace aright::runbook
