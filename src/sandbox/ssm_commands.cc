// Run Command: what is sent to which instance, and what came of it. The book of commands is commands.h; running
// them is left to who stands above (command.h).
#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "sandbox/commands.h"
#include "sandbox/emulate.h"
#include "sandbox/paging.h"
#include "sandbox/ssm.h"

namespace aright::sandbox::ssm_command_hooks {

namespace {

constexpr std::int64_t delivery_s = 3'600, delivery_s_min = 30, delivery_s_max = 2'592'000;
constexpr std::size_t at_once = 50, instances_max = 50, page_max = 50;

// "10", or "20%" of so many.
std::size_t share(const std::string& text, std::size_t of, std::size_t otherwise) {
  std::size_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return otherwise;
  constexpr std::size_t percent = 100;
  return *end == '%' ? count * of / percent : count;
}

Result<bool> meets(const Scene& scene, const std::string& instance, const json::Value& target) {
  auto key = json::text(target, "Key", "");
  auto values = json::texts(json::at(target, "Values"));
  if (key == "InstanceIds" || key == "instanceids")
    return std::ranges::find(values, instance) != values.end() || std::ranges::find(values, "*") != values.end();
  if (key == "tag-key" || key.starts_with("tag:")) return is_tagged(scene, instance, key, values);
  constexpr int not_implemented = 501;
  return fail(
      service_error("NotImplemented", not_implemented, fmt::format("targets by {} are not emulated", key)));
}

Result<std::vector<Agent>> named_agents(Scene& scene) {
  auto ids = json::texts(scene.input("InstanceIds"));
  auto sorted = ids;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    return fail(scene.error("DuplicateInstanceId", "An instance is named more than once."));
  std::vector<Agent> out;
  for (const auto& id : ids) {
    auto agent = agent_of(scene, id);
    if (!agent)
      return fail(scene.error(
          "InvalidInstanceId",
          fmt::format("Instances [[{}]] not in a valid state for account {}", id, scene.call.account)));
    out.push_back(std::move(*agent));
  }
  return out;
}

// An instance must meet all targets.
Result<std::vector<Agent>> targeted_agents(Scene& scene) {
  std::vector<Agent> out;
  for (auto& agent : agents(scene)) {
    bool meant = true;
    for (const auto& target : json::items(scene.input("Targets")))
      meant = TRY(meets(scene, agent.instance, target)) && meant;
    if (meant) out.push_back(std::move(agent));
  }
  return out;
}

Result<std::vector<Agent>> receivers(Scene& scene) {
  bool named = !json::items(scene.input("InstanceIds")).empty(),
       sought = !json::items(scene.input("Targets")).empty();
  auto wrong = [&](std::string message) { return fail(scene.error("ValidationException", message)); };
  if (named && sought) return wrong("InstanceIds and Targets exclude each other.");
  if (!named && !sought) return wrong("InstanceIds or Targets must be given.");
  if (json::items(scene.input("InstanceIds")).size() > instances_max)
    return wrong(fmt::format("Member must have length less than or equal to {}", instances_max));
  return named ? named_agents(scene) : targeted_agents(scene);
}

json::Object shown(const SentCommand& command) {
  auto status = command.status();
  json::Object out{{"CommandId", command.id},
                   {"DocumentName", command.document},
                   {"DocumentVersion", command.version},
                   {"ExpiresAfter", command.expires.iso()},
                   {"RequestedDateTime", command.at.iso()},
                   {"Status", status.status},
                   {"StatusDetails", status.details},
                   {"TargetCount", command.invocations.size()},
                   {"CompletedCount", command.completed()},
                   {"ErrorCount", command.errors()},
                   {"DeliveryTimedOutCount", std::ranges::count_if(command.invocations, [](const auto& one) {
                      return one.status.details == "DeliveryTimedOut";
                    })}};
  for (const auto* name :
       {"Comment", "Parameters", "InstanceIds", "Targets", "OutputS3Region", "OutputS3BucketName",
        "OutputS3KeyPrefix", "ServiceRoleArn", "NotificationConfig", "CloudWatchOutputConfig", "TimeoutSeconds"})
    if (const auto& value = json::at(command.request, name); !value.is_null()) out[name] = value;
  out["MaxConcurrency"] = json::text(command.request, "MaxConcurrency", std::to_string(at_once));
  out["MaxErrors"] = json::text(command.request, "MaxErrors", "0");
  return out;
}

// A request that AWS would refuse is refused as AWS does, before anything is sent.
Result<json::Object> send_command(Scene& scene) {
  auto document = TRY(command_document(scene));
  auto steps = TRY(command_steps(scene, document.body));
  auto receiving = TRY(receivers(scene));
  if (scene.commands == nullptr || !scene.runs_commands) {
    constexpr int not_implemented = 501;
    return fail(service_error("NotImplemented", not_implemented,
                              "ssm:SendCommand is not emulated: nobody runs code for this emulated cloud"));
  }
  auto delivery = json::integer(scene.input("TimeoutSeconds"), delivery_s);
  if (delivery < delivery_s_min || delivery > delivery_s_max)
    return fail(scene.error("ValidationException", fmt::format("TimeoutSeconds must be between {} and {}.",
                                                               delivery_s_min, delivery_s_max)));
  SentCommand command{.id = scene.ids.uuid(),
                      .account = scene.call.account,
                      .region = scene.call.region,
                      .at = scene.now,
                      .expires = scene.now + seconds(delivery),
                      .request = scene.call.input,
                      .document = scene.text("DocumentName"),
                      .version = document.version};
  for (auto& agent : receiving) {
    CommandRun run{.command_id = command.id,
                   .instance = agent.instance,
                   .region = scene.call.region,
                   .agent = std::move(agent.principal),
                   .steps = steps,
                   .bucket = scene.text("OutputS3BucketName"),
                   .key_prefix = scene.text("OutputS3KeyPrefix")};
    bool fits = agent.platform == "Linux" || agent.platform == "MacOS";
    command.invocations.push_back({.run = std::move(run)});
    if (!fits) command.invocations.back().status = {"Failed", "InvalidPlatform"};
  }
  auto count = command.invocations.size();
  command.at_once = std::max<std::size_t>(share(scene.text("MaxConcurrency"), count, at_once), 1);
  command.errors_max = share(scene.text("MaxErrors"), count, 0);
  json::Object output{{"Command", shown(command)}};
  scene.sent_command = command.id;
  scene.commands->add(std::move(command));
  return output;
}

Result<SentCommand*> the_command(Scene& scene) {
  auto id = scene.text("CommandId");
  auto* command = scene.commands == nullptr
                      ? nullptr
                      : scene.commands->find(id, scene.call.account, scene.call.region, scene.now);
  if (command == nullptr) return fail(scene.error("InvalidCommandId"));
  return command;
}

Result<json::Object> cancel_command(Scene& scene) {
  auto* command = TRY(the_command(scene));
  auto ids = json::texts(scene.input("InstanceIds"));
  for (const auto& id : ids)
    if (command->find(id) == nullptr) return fail(scene.error("InvalidInstanceId"));
  for (auto& one : command->invocations)
    if (ids.empty() || std::ranges::find(ids, one.run.instance) != ids.end()) Commands::cancel(one);
  return json::Object();
}

// What the agent said of a step that failed stands behind what the step itself said.
std::string err_of(const StepEnd& end) {
  if (end.how != StepEnd::How::ended || end.code == 0) return end.err;
  return fmt::format("{}{}failed to run commands: exit status {}", end.err,
                     end.err.empty() || end.err.ends_with('\n') ? "" : "\n", end.code);
}

std::string beginning_of(const std::string& text, std::size_t characters) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && ++seen > characters) break;
  }
  return text.substr(0, at);
}

CommandStatus status_of(const CommandInvocation& one, std::size_t step) {
  using How = StepEnd::How;
  if (step >= one.ends.size()) return one.status;
  const auto& end = one.ends[step];
  if (end.how == How::timed_out) return {"TimedOut", "ExecutionTimedOut"};
  if (end.how == How::cancelled) return {"Cancelled", "Cancelled"};
  return end.code == 0 ? CommandStatus{"Success", "Success"} : CommandStatus{"Failed", "Failed"};
}

// Where whole outputs are, if anywhere: bucket, and key without "stdout" or "stderr".
std::string output_url(const CommandInvocation& one, std::size_t step, const char* file) {
  if (one.run.bucket.empty() || step >= one.ends.size()) return "";
  return fmt::format("https://s3.{}.amazonaws.com/{}/{}/{}", one.run.region, one.run.bucket,
                     command_output_key(one.run, step), file);
}

json::Object plugin_of(const CommandInvocation& one, std::size_t step) {
  auto status = status_of(one, step);
  json::Object out{{"Name", one.run.steps[step].name},
                   {"Status", status.status},
                   {"StatusDetails", status.details},
                   {"ResponseCode", -1},
                   {"Output", ""},
                   {"StandardOutputUrl", output_url(one, step, "stdout")},
                   {"StandardErrorUrl", output_url(one, step, "stderr")}};
  if (!one.run.bucket.empty()) {
    out["OutputS3BucketName"] = one.run.bucket;
    out["OutputS3KeyPrefix"] = one.run.key_prefix;
  }
  if (step >= one.ends.size()) return out;
  const auto& end = one.ends[step];
  auto err = err_of(end);
  auto both = err.empty() ? end.out : fmt::format("{}\n----------ERROR-------\n{}", end.out, err);
  out["ResponseCode"] = end.code;
  out["ResponseStartDateTime"] = end.began.iso();
  out["ResponseFinishDateTime"] = end.ended.iso();
  out["Output"] = beginning_of(both, output_characters_max);
  return out;
}

json::Object shown(const SentCommand& command, const CommandInvocation& one, bool details) {
  json::Object out{{"CommandId", command.id},
                   {"InstanceId", one.run.instance},
                   {"InstanceName", ""},
                   {"Comment", json::text(command.request, "Comment")},
                   {"DocumentName", command.document},
                   {"DocumentVersion", command.version},
                   {"RequestedDateTime", command.at.iso()},
                   {"Status", one.status.status},
                   {"StatusDetails", one.status.details},
                   {"StandardOutputUrl", one.run.steps.empty() ? "" : output_url(one, 0, "stdout")},
                   {"StandardErrorUrl", one.run.steps.empty() ? "" : output_url(one, 0, "stderr")}};
  json::Array plugins;
  for (std::size_t step = 0; details && step < one.run.steps.size(); ++step)
    plugins.push_back(plugin_of(one, step));
  out["CommandPlugins"] = std::move(plugins);
  return out;
}

Result<std::size_t> step_named(const Scene& scene, const CommandInvocation& one) {
  auto name = scene.text("PluginName");
  const auto& steps = one.run.steps;
  if (name.empty() && steps.size() <= 1) return 0;
  auto found = std::ranges::find(steps, name, &CommandStep::name);
  if (name.empty() || found == steps.end())
    return fail(scene.error("InvalidPluginName", "The plugin name isn't valid."));
  return static_cast<std::size_t>(found - steps.begin());
}

std::string duration(milliseconds time) {
  constexpr double second = 1'000;
  return fmt::format("PT{:.3f}S", static_cast<double>(time.count()) / second);
}

// Where the outputs are logged; a group that is not named is the document's.
json::Object log_of(const SentCommand& command) {
  const auto& wanted = json::at(command.request, "CloudWatchOutputConfig");
  bool enabled = json::truth(json::at(wanted, "CloudWatchOutputEnabled"));
  auto group = json::text(wanted, "CloudWatchLogGroupName", enabled ? "/aws/ssm/" + command.document : "");
  return {{"CloudWatchLogGroupName", group}, {"CloudWatchOutputEnabled", enabled}};
}

Result<json::Object> get_invocation(Scene& scene) {
  auto* command = scene.commands == nullptr ? nullptr
                                            : scene.commands->find(scene.text("CommandId"), scene.call.account,
                                                                   scene.call.region, scene.now);
  const auto* one = command == nullptr ? nullptr : command->find(scene.text("InstanceId"));
  if (one == nullptr)
    return fail(scene.error("InvocationDoesNotExist",
                            "The command ID and managed node ID you specified did not match any invocations."));
  auto step = TRY(step_named(scene, *one));
  auto status = status_of(*one, step);
  json::Object out{{"CommandId", command->id},
                   {"InstanceId", one->run.instance},
                   {"Comment", json::text(command->request, "Comment")},
                   {"DocumentName", command->document},
                   {"DocumentVersion", command->version},
                   {"PluginName", step < one->run.steps.size() ? one->run.steps[step].name : ""},
                   {"ResponseCode", -1},
                   {"ExecutionStartDateTime", ""},
                   {"ExecutionElapsedTime", ""},
                   {"ExecutionEndDateTime", ""},
                   {"Status", status.status},
                   {"StatusDetails", status.details},
                   {"StandardOutputContent", ""},
                   {"StandardErrorContent", ""},
                   {"StandardOutputUrl", output_url(*one, step, "stdout")},
                   {"StandardErrorUrl", output_url(*one, step, "stderr")},
                   {"CloudWatchOutputConfig", log_of(*command)}};
  if (step >= one->ends.size()) return out;
  const auto& end = one->ends[step];
  out["ResponseCode"] = end.code;
  out["ExecutionStartDateTime"] = end.began.iso();
  out["ExecutionEndDateTime"] = end.ended.iso();
  out["ExecutionElapsedTime"] = duration(end.ended - end.began);
  out["StandardOutputContent"] = beginning_of(end.out, stdout_characters_max);
  out["StandardErrorContent"] = beginning_of(err_of(end), stderr_characters_max);
  return out;
}

bool passes(const SentCommand& command, const std::string& status, const json::Value& filter) {
  auto key = json::text(filter, "key", ""), value = json::text(filter, "value", "");
  auto time = parse_timestamp(value);
  if (key == "InvokedAfter") return time && command.at >= *time;
  if (key == "InvokedBefore") return time && command.at < *time;
  if (key == "DocumentName") return command.document == value;
  return key != "Status" || status == value;
}

bool passes_all(const Scene& scene, const SentCommand& command, const std::string& status) {
  return std::ranges::all_of(json::items(scene.input("Filters")),
                             [&](const json::Value& filter) { return passes(command, status, filter); });
}

// The commands that are asked for: one by its id, or all.
Result<std::vector<SentCommand*>> asked(Scene& scene) {
  if (!scene.text("CommandId").empty()) return std::vector{TRY(the_command(scene))};
  if (scene.commands == nullptr) return std::vector<SentCommand*>();
  return scene.commands->all(scene.call.account, scene.call.region, scene.now);
}

Result<json::Object> list_commands(Scene& scene) {
  json::Array out;
  for (auto* command : TRY(asked(scene))) {
    auto instance = scene.text("InstanceId");
    if (!instance.empty() && command->find(instance) == nullptr) continue;
    if (passes_all(scene, *command, command->status().status)) out.push_back(shown(*command));
  }
  return page_of(scene, "Commands", out, {.most = page_max});
}

Result<json::Object> list_invocations(Scene& scene) {
  json::Array out;
  auto instance = scene.text("InstanceId");
  bool details = json::truth(scene.input("Details"));
  for (auto* command : TRY(asked(scene)))
    for (const auto& one : command->invocations) {
      if (!instance.empty() && one.run.instance != instance) continue;
      if (passes_all(scene, *command, one.status.status)) out.push_back(shown(*command, one, details));
    }
  return page_of(scene, "CommandInvocations", out, {.most = page_max});
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("ssm:SendCommand", send_command);
  hooks.emulate("ssm:CancelCommand", cancel_command);
  hooks.emulate("ssm:GetCommandInvocation", get_invocation);
  hooks.emulate("ssm:ListCommands", list_commands);
  hooks.emulate("ssm:ListCommandInvocations", list_invocations);
}

}  // namespace aright::sandbox::ssm_command_hooks

namespace aright::sandbox {

bool is_tagged(const Scene& scene, const std::string& instance, const std::string& key,
               const std::vector<std::string>& values) {
  json::Array tags;
  for (auto type : {"AWS::EC2::Instance", "AWS::SSM::ManagedInstance"})
    if (const auto* found = scene.find(type, instance))
      for (const auto& tag : json::items(found->aspect("Tags")))
        tags.push_back(tag);
  return std::ranges::any_of(tags, [&](const json::Value& tag) {
    auto name = json::text(tag, "Key", "");
    if (key == "tag-key") return std::ranges::find(values, name) != values.end();
    return name == key.substr(std::string_view("tag:").size()) &&
           std::ranges::find(values, json::text(tag, "Value", "")) != values.end();
  });
}

std::string command_output_key(const CommandRun& run, std::size_t step) {
  const auto& name = run.steps[step].name;
  auto folder = name == "aws:runShellScript" ? fmt::format("{}.awsrunShellScript", step) : name;
  auto key = fmt::format("{}/{}/awsrunShellScript/{}", run.command_id, run.instance, folder);
  return run.key_prefix.empty() ? key : run.key_prefix + "/" + key;
}

}  // namespace aright::sandbox
