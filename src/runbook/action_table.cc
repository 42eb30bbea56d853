#include "runbook/action_table.h"

#include <algorithm>
#include <array>

namespace aright::runbook {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds a_week = 168h;
constexpr milliseconds half_a_day =
    12h;  // as long as an execution in a user's own context may take

std::vector<ActionRule> control_rules() {
  return {
      {.name = "aws:approve",
       .make = make_approve,
       .required = {"Approvers"},
       .optional = {"MinRequiredApprovals", "NotificationArn", "Message"},
       .outputs = {"ApprovalStatus", "ApproverDecisions"},
       .timeout = a_week,
       .after_cancel = false},
      {.name = "aws:pause",
       .make = make_pause,
       .optional = {"Message"},
       .timeout = a_week,
       .after_cancel = false},
      {.name = "aws:sleep",
       .make = make_sleep,
       .optional = {"Duration", "Timestamp"},
       .timeout = a_week,
       .after_cancel = false},
      {.name = "aws:branch",
       .make = make_branch,
       .required = {"Choices"},
       .optional = {"Default"},
       .outputs = {"NextStep"},
       .absent = Absent::null},
      {.name = "aws:loop",
       .required = {"Steps"},
       .optional = {"Iterators", "IteratorDataType", "LoopCondition", "MaxIterations"},
       .outputs = {"CurrentIteration", "CurrentIteratorValue"},
       .timeout = half_a_day,
       .after_cancel = false},
      {.name = "aws:updateVariable", .make = make_update_variable, .required = {"Name", "Value"}},
      {.name = "aws:executeAutomation",
       .make = make_execute_automation,
       .required = {"DocumentName"},
       .optional = {"DocumentVersion", "RuntimeParameters", "Tags", "TargetParameterName",
                    "Targets", "TargetMaps", "TargetLocations", "MaxConcurrency", "MaxErrors"},
       .outputs = {"Output", "ExecutionId", "Status"},
       .timeout = half_a_day,
       .declares_outputs = true},
      {.name = "aws:executeScript",
       .make = make_execute_script,
       .required = {"Runtime"},
       .optional = {"Handler", "InputPayload", "Script", "Attachment"},
       .outputs = {"Payload", "OutputPayload"},
       .timeout = 10min,
       .declares_outputs = true,
       .phase = "Poll action status for completion"},
      {.name = "aws:invokeWebhook",
       .make = make_invoke_webhook,
       .required = {"IntegrationName"},
       .optional = {"Body"},
       .outputs = {"Response", "ResponseCode"},
       .timeout = 5min,
       .declares_outputs = true},
  };
}

std::vector<ActionRule> api_rules() {
  return {
      {.name = "aws:executeAwsApi",
       .make = make_execute_aws_api,
       .required = {"Service", "Api"},
       .outputs = {"OutputPayload"},
       .timeout = api_timeout,
       .open = true,
       .declares_outputs = true},
      {.name = "aws:assertAwsResourceProperty",
       .make = make_assert_property,
       .required = {"Service", "Api", "PropertySelector", "DesiredValues"},
       .timeout = api_timeout,
       .open = true},
      {.name = "aws:waitForAwsResourceProperty",
       .make = make_wait_for_property,
       .required = {"Service", "Api", "PropertySelector", "DesiredValues"},
       .open = true},
      {.name = "aws:invokeLambdaFunction",
       .make = make_invoke_lambda,
       .required = {"FunctionName"},
       .optional = {"Qualifier", "InvocationType", "LogType", "ClientContext", "InputPayload",
                    "Payload"},
       .outputs = {"StatusCode", "FunctionError", "LogResult", "Payload", "OutputPayload"},
       .timeout = 5min,
       .declares_outputs = true},
      {.name = "aws:executeStateMachine",
       .make = make_execute_state_machine,
       .required = {"stateMachineArn"},
       .optional = {"input", "name"},
       .outputs = {"executionArn", "status", "output", "error", "cause", "startDate", "stopDate",
                   "stateMachineArn", "input", "name"},
       .timeout = half_a_day,
       .declares_outputs = true},
      {.name = "aws:createStack",
       .make = make_create_stack,
       .required = {"StackName"},
       .optional = {"TemplateBody", "TemplateURL", "Parameters", "Capabilities",
                    "ClientRequestToken", "DisableRollback", "OnFailure", "NotificationARNs",
                    "ResourceTypes", "RoleARN", "StackPolicyBody", "StackPolicyURL", "Tags",
                    "TimeoutInMinutes"},
       .outputs = {"StackId", "StackStatus", "StackStatusReason"},
       .after_cancel = false},
      {.name = "aws:deleteStack",
       .make = make_delete_stack,
       .required = {"StackName"},
       .optional = {"RoleARN", "ClientRequestToken", "RetainResources"}},
      {.name = "aws:createTags",
       .make = make_create_tags,
       .required = {"ResourceIds", "Tags"},
       .optional = {"ResourceType"},
       .after_cancel = false},
  };
}

std::vector<ActionRule> instance_rules() {
  return {
      {.name = "aws:changeInstanceState",
       .make = make_change_instance_state,
       .required = {"InstanceIds", "DesiredState"},
       .optional = {"CheckStateOnly", "Force", "AdditionalInfo", "FailOnUnexpectedStopped"}},
      {.name = "aws:copyImage",
       .make = make_copy_image,
       .required = {"SourceRegion", "SourceImageId", "ImageName"},
       .optional = {"ImageDescription", "Encrypted", "KmsKeyId", "ClientToken"},
       .outputs = {"ImageId", "ImageState"},
       .after_cancel = false},
      {.name = "aws:createImage",
       .make = make_create_image,
       .required = {"InstanceId", "ImageName"},
       .optional = {"ImageDescription", "NoReboot", "BlockDeviceMappings"},
       .outputs = {"ImageId", "ImageState"},
       .after_cancel = false},
      {.name = "aws:deleteImage", .make = make_delete_image, .required = {"ImageId"}},
      {.name = "aws:runCommand",
       .make = make_run_command,
       .required = {"DocumentName"},
       .optional = {"InstanceIds", "Targets", "Parameters", "CloudWatchOutputConfig", "Comment",
                    "DocumentHash", "DocumentHashType", "DocumentVersion", "NotificationConfig",
                    "OutputS3BucketName", "OutputS3KeyPrefix", "OutputS3Region", "ServiceRoleArn",
                    "TimeoutSeconds", "MaxConcurrency", "MaxErrors"},
       .outputs = {"CommandId", "Status", "ResponseCode", "Output", "OutputPayload"},
       .declares_outputs = true,
       .phase = "verifying the command has completed"},
      {.name = "aws:runInstances",
       .make = make_run_instances,
       .required = {"ImageId"},
       .optional = {"InstanceType",
                    "MinInstanceCount",
                    "MaxInstanceCount",
                    "IamInstanceProfileName",
                    "IamInstanceProfileArn",
                    "InstanceInitiatedShutdownBehavior",
                    "AdditionalInfo",
                    "KernelId",
                    "RamdiskId",
                    "PrivateIpAddress",
                    "SecurityGroups",
                    "SubnetId",
                    "SecurityGroupIds",
                    "KeyName",
                    "UserData",
                    "TagSpecifications",
                    "BlockDeviceMappings",
                    "NetworkInterfaces",
                    "Placement",
                    "Monitoring",
                    "EbsOptimized",
                    "DisableApiTermination",
                    "ClientToken",
                    "MetadataOptions",
                    "LaunchTemplate"},
       .outputs = {"InstanceIds", "InstanceStates"},
       .after_cancel = false},
  };
}

const std::vector<ActionRule>& table() {
  static const std::vector<ActionRule> rules = [] {
    auto all = control_rules();
    std::ranges::move(api_rules(), std::back_inserter(all));
    std::ranges::move(instance_rules(), std::back_inserter(all));
    return all;
  }();
  return rules;
}

}  // namespace

Takes takes(const ActionRule& rule, std::string_view input) {
  constexpr std::array<std::string_view, 18> lists = {
      "Approvers",     "BlockDeviceMappings", "Capabilities",      "Choices",        "InstanceIds",
      "Iterators",     "NetworkInterfaces",   "NotificationARNs",  "ResourceIds",    "ResourceTypes",
      "RetainResources", "SecurityGroupIds",  "SecurityGroups",    "Tags",           "TagSpecifications",
      "TargetLocations", "TargetMaps",        "Targets"};
  constexpr std::array<std::string_view, 8> any = {
      "Body", "InputPayload", "LoopCondition", "Parameters", "Payload", "RuntimeParameters", "Value", "input"};
  if (rule.open || std::ranges::find(any, input) != any.end()) return Takes::anything;
  return std::ranges::find(lists, input) != lists.end() ? Takes::list : Takes::one;
}

const ActionRule* action_rule(std::string_view name) {
  const auto& rules = table();
  auto found = std::ranges::find(rules, name, &ActionRule::name);
  return found == rules.end() ? nullptr : &*found;
}

std::span<const ActionRule> action_rules() {
  return table();
}

}  // namespace aright::runbook
