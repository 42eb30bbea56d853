#include "native/deploy.h"

#include <algorithm>
#include <charconv>

#include "aws/client.h"
#include "base/digest.h"
#include "json/yaml.h"
#include "native/parts.h"

namespace aright::native {

namespace {

constexpr std::string_view change_set_prefix = "aright-";
constexpr std::size_t change_set_digits = 16;

bool is_over(const std::string& status) {
  return !status.ends_with("_IN_PROGRESS");
}
bool is_good(const std::string& status) {
  return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE";
}

bool does_not_exist(const Error& error) {
  return error.message.find("does not exist") != std::string::npos;
}

// What CloudFormation says of a change set that would change nothing.
bool says_nothing_changes(const std::string& reason) {
  return reason.find("didn't contain changes") != std::string::npos || reason.find("No updates") != std::string::npos;
}

json::Object view(const Exempt& one) {
  return {{"rule", one.rule},
          {"resource_type", one.type},
          {"resource_id", one.id},
          {"message", one.message},
          {"until", one.until.empty() ? json::Value() : json::Value(one.until)}};
}

json::Array view(const std::vector<Exempt>& list) {
  json::Array out;
  for (const auto& one : list)
    out.push_back(view(one));
  return out;
}

// Instants in one form, so that they can be compared.
std::string instant(const std::string& text) {
  auto parsed = parse_timestamp(text);
  return parsed ? parsed->iso() : text;
}

// As DescribeRemediationExceptions tells it.
Exempt exempt_of(const json::Value& told) {
  return {.rule = json::text(told, "ConfigRuleName", ""),
          .type = json::text(told, "ResourceType", ""),
          .id = json::text(told, "ResourceId", ""),
          .message = json::text(told, "Message", ""),
          .until = instant(json::text(told, "ExpirationTime", ""))};
}

}  // namespace

bool Plan::empty() const {
  return exempt.empty() && !action && std::ranges::all_of(stacks, [](const StackPlan& stack) {
           return stack.change_set.empty() && !stack.text.empty();
         });
}

json::Object to_json(const Plan& plan) {
  json::Array stacks;
  for (const auto& stack : plan.stacks) {
    json::Array changes;
    for (const auto& one : stack.changes)
      changes.push_back(json::Object{
          {"action", one.action}, {"logical_id", one.logical}, {"type", one.type}, {"replaces", one.replaces}});
    auto does = stack.text.empty() ? "delete" : stack.change_set.empty() ? "keep" : stack.there ? "update" : "create";
    stacks.push_back(json::Object{{"stack", stack.name}, {"does", does}, {"changes", std::move(changes)}});
  }
  return {{"stacks", std::move(stacks)},
          {"exceptions", view(plan.exempt)},
          {"custom_action", plan.action ? json::Value(plan.action->id) : json::Value()},
          {"warnings", json::Array(plan.warnings.begin(), plan.warnings.end())},
          {"nothing_to_change", plan.empty()}};
}

Deployment::Deployment(aws::Caller& caller, Destination destination, std::function<void(const std::string&)> say)
    : caller_(caller), to_(std::move(destination)), say_(std::move(say)) {}

Result<json::Object> Deployment::call(std::string_view service, std::string_view operation, json::Object input,
                                      const Context& context) {
  aws::Call call{.service = std::string(service),
                 .operation = std::string(operation),
                 .region = to_.region,
                 .account = to_.account,
                 .input = std::move(input)};
  return caller_.call(call, context);
}

std::string Deployment::stack_name(std::size_t part) const {
  return part == 0 ? to_.stack : fmt::format("{}-{}", to_.stack, part + 1);
}

Result<std::string> Deployment::status_of(const std::string& stack, const Context& context) {
  auto answer = call("cloudformation", "DescribeStacks", {{"StackName", stack}}, context);
  if (!answer && does_not_exist(answer.error())) return std::string();
  if (!answer) return fail(answer.error());
  const auto& stacks = json::items(json::at(*answer, "Stacks"));
  return stacks.empty() ? std::string() : json::text(stacks[0], "StackStatus", "");
}

// Which of our stacks this is, from 0; none of them where the name is another's.
std::optional<std::size_t> Deployment::part_named(const std::string& name) const {
  if (name == to_.stack) return 0;
  if (!name.starts_with(to_.stack + "-")) return std::nullopt;
  std::size_t number = 0;
  auto digits = std::string_view(name).substr(to_.stack.size() + 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  bool whole = error == std::errc() && end == digits.data() + digits.size() && digits[0] != '0';
  return whole && number > 1 && number <= stacks_max ? std::optional(number - 1) : std::nullopt;
}

// There may be gaps: a stack that nothing is left of goes, and others keep their numbers.
Result<std::set<std::size_t>> Deployment::parts_there(const Context& context) {
  std::set<std::size_t> out;
  aws::Call list{
      .service = "cloudformation", .operation = "DescribeStacks", .region = to_.region, .account = to_.account};
  CHECK_OK(aws::paginate(caller_, model::Models::embedded(), list, context, [&](const json::Object& page) {
    for (const auto& stack : json::items(json::at(page, "Stacks"))) {
      auto part = part_named(json::text(stack, "StackName", ""));
      if (part && json::text(stack, "StackStatus", "") != "REVIEW_IN_PROGRESS") out.insert(*part);
    }
    return true;
  }));
  return out;
}

// Which resource stands in which of our stacks today.
Result<std::map<std::string, std::size_t>> Deployment::homes(const std::set<std::size_t>& parts,
                                                             const Context& context) {
  std::map<std::string, std::size_t> out;
  for (auto part : parts) {
    aws::Call list{.service = "cloudformation",
                   .operation = "ListStackResources",
                   .region = to_.region,
                   .account = to_.account,
                   .input = {{"StackName", stack_name(part)}}};
    CHECK_OK(aws::paginate(caller_, model::Models::embedded(), list, context, [&](const json::Object& page) {
      for (const auto& one : json::items(json::at(page, "StackResourceSummaries")))
        out[json::text(one, "LogicalResourceId", "")] = part;
      return true;
    }));
  }
  return out;
}

Result<> Deployment::read_changes(StackPlan& stack, const Context& context) {
  json::Object asked{{"StackName", stack.name}, {"ChangeSetName", stack.change_set}};
  auto limit = context.at_most(stack_timeout);
  for (;;) {
    auto seen = TRY(call("cloudformation", "DescribeChangeSet", asked, limit));
    auto status = json::text(seen, "Status"), reason = json::text(seen, "StatusReason");
    if (status == "FAILED" && says_nothing_changes(reason)) {
      (void)call("cloudformation", "DeleteChangeSet", asked, limit);
      stack.change_set.clear();
      return {};
    }
    if (status == "FAILED") return fail(Errc::invalid, "the stack {}: {}", stack.name, reason);
    if (status != "CREATE_COMPLETE") {
      CHECK_OK(limit.sleep(poll_pause));
      continue;
    }
    for (const auto& one : json::items(json::at(seen, "Changes"))) {
      const auto& change = json::at(one, "ResourceChange");
      auto replaces = json::text(change, "Replacement", "");
      stack.changes.push_back({.action = json::text(change, "Action", ""),
                               .logical = json::text(change, "LogicalResourceId", ""),
                               .type = json::text(change, "ResourceType", ""),
                               .replaces = replaces == "True" || replaces == "Conditional"});
    }
    auto next = json::text(seen, "NextToken");
    if (next.empty()) return {};
    asked["NextToken"] = next;
  }
}

Result<StackPlan> Deployment::plan_stack(const std::string& name, const json::Object& whole, const Context& context) {
  StackPlan out{.name = name, .text = {}, .change_set = {}, .there = false, .changes = {}};
  auto status = TRY(status_of(name, context));
  if (status.ends_with("ROLLBACK_COMPLETE") && status.starts_with("ROLLBACK"))
    return fail(Errc::conflict, "the stack {} could not be created earlier and is empty: delete it first", name);
  out.there = !status.empty() && status != "REVIEW_IN_PROGRESS";
  if (whole.empty()) return out;
  out.text = json::print_yaml(whole);
  json::Array parameters;
  for (const auto& [key, value] : to_.parameters)
    if (json::members(json::at(whole, "Parameters")).contains(key))
      parameters.push_back(json::Object{{"ParameterKey", key}, {"ParameterValue", value}});
  auto digest = to_hex(sha256(out.text + json::print(parameters))).substr(0, change_set_digits);
  out.change_set = fmt::format("{}{}", change_set_prefix, digest);
  say_(fmt::format("asking CloudFormation what {} would change", name));
  json::Object named{{"StackName", name}, {"ChangeSetName", out.change_set}};
  if (!status.empty()) (void)call("cloudformation", "DeleteChangeSet", named, context);  // of an earlier plan
  json::Object input = named;
  input["ChangeSetType"] = out.there ? "UPDATE" : "CREATE";
  input["TemplateBody"] = out.text;
  input["Parameters"] = std::move(parameters);
  input["Capabilities"] = json::Array{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"};
  auto made = call("cloudformation", "CreateChangeSet", std::move(input), context);
  if (!made && says_nothing_changes(made.error().message))
    out.change_set.clear();
  else if (!made)
    return wrap(made.error(), "the stack {}", name);
  else
    CHECK_OK(read_changes(out, context));
  return out;
}

Result<std::vector<Exempt>> Deployment::lacking(const std::vector<Exempt>& wanted, const Context& context) {
  std::map<std::string, std::vector<Exempt>> there;  // by rule
  std::vector<Exempt> out;
  for (const auto& one : wanted) {
    if (!there.contains(one.rule)) {
      auto& known = there[one.rule];
      aws::Call list{.service = "config",
                     .operation = "DescribeRemediationExceptions",
                     .region = to_.region,
                     .account = to_.account,
                     .input = {{"ConfigRuleName", one.rule}}};
      auto read = aws::paginate(caller_, model::Models::embedded(), list, context, [&](const json::Object& page) {
        for (const auto& seen : json::items(json::at(page, "RemediationExceptions")))
          known.push_back(exempt_of(seen));
        return true;
      });
      if (!read && !read.error().wire_code.starts_with("NoSuch")) return fail(read.error());
    }
    if (std::ranges::find(there[one.rule], one) == there[one.rule].end()) out.push_back(one);
  }
  return out;
}

Result<> Deployment::look_around(const Exported& exported, Plan& plan, const Context& context) {
  auto recorders = call("config", "DescribeConfigurationRecorders", {}, context);
  if (recorders && json::items(json::at(*recorders, "ConfigurationRecorders")).empty())
    plan.warnings.emplace_back("AWS Config has no recorder here: until it has one, its rules judge nothing");
  if (!exported.action) return {};
  auto hub = call("securityhub", "DescribeHub", {}, context);
  if (!hub && hub.error().wire_code == "InvalidAccessException") {
    plan.warnings.emplace_back("Security Hub is not enabled here: it gets no custom action");
    return {};
  }
  auto actions = TRY(call("securityhub", "DescribeActionTargets", {}, context));
  bool there = std::ranges::any_of(json::items(json::at(actions, "ActionTargets")), [&](const json::Value& one) {
    return json::text(one, "ActionTargetArn", "").ends_with("/" + exported.action->id);
  });
  if (!there) plan.action = exported.action;
  return {};
}

Result<Plan> Deployment::plan(const Exported& exported, const Context& context) {
  Plan out;
  auto there = TRY(parts_there(context));
  auto homes = TRY(this->homes(there, context));
  auto templates = TRY(templates_of(exported, {}, homes));
  if (templates.size() > stacks_max)
    return fail(Errc::unsupported, "it takes {} stacks, and {} are the most", templates.size(), stacks_max);
  if (!there.empty()) templates.resize(std::max(templates.size(), *there.rbegin() + 1));
  for (std::size_t part = 0; part < templates.size(); ++part)
    if (!templates[part].empty() || there.contains(part))
      out.stacks.push_back(TRY(plan_stack(stack_name(part), templates[part], context)));
  out.exempt = TRY(lacking(exported.exempt, context));
  CHECK_OK(look_around(exported, out, context));
  return out;
}

Result<std::string> Deployment::watch(const std::string& stack, const Context& context) {
  auto limit = context.at_most(stack_timeout);
  for (;;) {
    auto status = TRY(status_of(stack, limit));
    if (status.empty() || is_over(status)) return status;
    say_(fmt::format("{}: {}", stack, status));
    CHECK_OK(limit.sleep(poll_pause));
  }
}

std::string Deployment::reasons(const std::string& stack, const Context& context) {
  auto answer = call("cloudformation", "DescribeStackEvents", {{"StackName", stack}}, context);
  if (!answer) return answer.error().message;
  std::vector<std::string> out;
  for (const auto& event : json::items(json::at(*answer, "StackEvents"))) {
    auto status = json::text(event, "ResourceStatus", ""), reason = json::text(event, "ResourceStatusReason", "");
    bool told = status.ends_with("_FAILED") && !reason.empty() && reason.find("cancelled") == std::string::npos;
    if (told) out.push_back(fmt::format("{}: {}", json::text(event, "LogicalResourceId", ""), reason));
    if (status.ends_with("_IN_PROGRESS") && reason == "User Initiated") break;  // what came before is older
  }
  std::ranges::reverse(out);
  return fmt::format("{}", fmt::join(out, "; "));
}

Result<> Deployment::carry_out(const StackPlan& stack, const Context& context) {
  bool goes = stack.text.empty();
  if (!goes && stack.change_set.empty()) return {};
  if (goes)
    (void)TRY(call("cloudformation", "DeleteStack", {{"StackName", stack.name}}, context));
  else
    (void)TRY(call("cloudformation", "ExecuteChangeSet",
                   {{"StackName", stack.name}, {"ChangeSetName", stack.change_set}}, context));
  auto status = TRY(watch(stack.name, context));
  if (goes ? status.empty() || status == "DELETE_COMPLETE" : is_good(status)) return {};
  return fail(Errc::unavailable, "the stack {} came to {}: {}", stack.name, status, reasons(stack.name, context));
}

Result<> Deployment::put(const std::vector<Exempt>& exempt, const Context& context) {
  for (const auto& one : exempt) {
    json::Object key{{"ResourceType", one.type}, {"ResourceId", one.id}};
    json::Object input{{"ConfigRuleName", one.rule}, {"ResourceKeys", json::Array{std::move(key)}}};
    if (!one.message.empty()) input["Message"] = one.message;
    if (!one.until.empty()) input["ExpirationTime"] = one.until;
    auto answer = TRY(call("config", "PutRemediationExceptions", std::move(input), context));
    for (const auto& failed : json::items(json::at(answer, "FailedBatches")))
      return fail(Errc::unavailable, "the exception for {} of {}: {}", one.id, one.rule,
                  json::text(failed, "FailureMessage", ""));
  }
  return {};
}

Result<> Deployment::carry_out(const Plan& plan, const Context& context) {
  for (const auto& stack : plan.stacks)
    CHECK_OK(carry_out(stack, context));
  if (plan.action)
    (void)TRY(call("securityhub", "CreateActionTarget",
                   {{"Id", plan.action->id}, {"Name", plan.action->name}, {"Description", plan.action->description}},
                   context));
  return put(plan.exempt, context);
}

void Deployment::drop(const Plan& plan, const Context& context) {
  for (const auto& stack : plan.stacks) {
    if (stack.change_set.empty()) continue;
    (void)call("cloudformation", "DeleteChangeSet", {{"StackName", stack.name}, {"ChangeSetName", stack.change_set}},
               context);
    // A stack that nothing but the change set made.
    if (!stack.there) (void)call("cloudformation", "DeleteStack", {{"StackName", stack.name}}, context);
  }
}

}  // namespace aright::native
