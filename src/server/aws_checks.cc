#include "server/aws_checks.h"

#include <algorithm>
#include <array>
#include <vector>

#include "bus/schedule.h"
#include "json/yaml.h"
#include "pattern/pattern.h"
#include "remediation/handed_event.h"
#include "rules/config_policy.h"
#include "rules/config_rule.h"
#include "rules/conformance_pack.h"
#include "rules/misuse.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr std::size_t refusals_told_max = 5;

// A template makes nothing here that would be nowhere. Roles and log groups of functions and runbooks are kept
// with the stack: what runs here runs as the target's role.
Result<> check_template(const aws::Call& call) {
  auto body = json::text(json::at(call.input, "TemplateBody"));
  if (call.service != "cloudformation" || body.empty()) return {};
  auto parsed = json::parse_yaml(body, {.locations = false, .cloudformation_tags = true});
  if (!parsed) return {};  // CloudFormation says itself what is wrong
  std::vector<std::string> strange;
  for (const auto& [name, resource] : json::members(json::at(parsed->value, "Resources"))) {
    auto type = json::text(resource, "Type", "");
    bool ours = std::ranges::any_of(
        std::array{"AWS::Config::", "AWS::SSM::Document", "AWS::Events::", "AWS::Lambda::", "AWS::Scheduler::",
                   "AWS::SecurityHub::", "AWS::GuardDuty::", "AWS::CloudFormation::", "AWS::Logs::LogGroup",
                   "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"},
        [&](const char* prefix) { return type.starts_with(prefix); });
    if (!ours && strange.size() < refusals_told_max) strange.push_back(type);
  }
  if (strange.empty()) return {};
  return refuse("ValidationError", fmt::format("Template format error: aright makes no {}: deploy it to AWS",
                                                fmt::join(strange, ", ")));
}

// A rule before it has targets, and an archive.
Result<> check_events(const aws::Call& call) {
  auto pattern = json::text(json::at(call.input, "EventPattern"));
  auto when = json::text(json::at(call.input, "ScheduleExpression"));
  if (call.service != "events") return {};
  if (!pattern.empty() && call.operation != "TestEventPattern")
    if (auto read = pattern::Pattern::parse(pattern); !read)
      return refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: " + read.error().message);
  if (!when.empty())
    if (auto read = bus::Schedule::parse(when, ""); !read)
      return refuse("ValidationException", "Parameter ScheduleExpression is not valid. " + read.error().message);
  return {};
}

// A managed rule that nothing here judges by would hold and say nothing.
Result<> check_config_rule(const rules::Controls& controls, bool alone, const aws::Call& call) {
  const auto& said = json::at(call.input, "ConfigRule");
  const auto& source = json::at(said, "Source");
  auto identifier = json::text(source, "SourceIdentifier", "");
  auto rule = rules::read_config_rule(said, "unnamed");
  if (!rule) return refuse("InvalidParameterValueException", rule.error().message);
  if (auto misuse = rules::misuse_of(*rule, controls); !misuse.empty())
    return refuse("InvalidParameterValueException", "InputParameters: " + misuse);
  if (!alone || json::text(source, "Owner", "") != "AWS" || rules::is_managed_rule(identifier, controls)) return {};
  return refuse("InvalidParameterValueException",
                 fmt::format("The sourceIdentifier {} is invalid. Please refer to the documentation for a list of "
                             "valid sourceIdentifiers that can be used when AWS is the Owner: it is no managed rule, "
                             "or none that a control of aright judges by; `aright controls list` has them.",
                             identifier));
}

// The template of a conformance pack stands in the request.
Result<> check_template_of_pack(const aws::Call& call) {
  auto body = json::text(json::at(call.input, "TemplateBody"));
  bool elsewhere = !json::at(call.input, "TemplateS3Uri").is_null() ||
                   !json::at(call.input, "TemplateSSMDocumentDetails").is_null();
  if (elsewhere)
    return refuse("InvalidParameterValueException",
                  body.empty() ? "aright fetches no templates: give it as TemplateBody."
                               : "Only one of TemplateS3Uri, TemplateBody and TemplateSSMDocumentDetails can be used.");
  if (body.empty())
    return refuse("InvalidParameterValueException",
                  "One of TemplateS3Uri, TemplateBody and TemplateSSMDocumentDetails is required.");
  std::map<std::string, std::string> parameters;
  for (const auto& one : json::items(json::at(call.input, "ConformancePackInputParameters")))
    parameters[json::text(one, "ParameterName", "")] = json::text(one, "ParameterValue", "");
  auto read = rules::read_conformance_pack(body, parameters, {.account = call.account, .region = call.region,
                                                               .stack_name = {}});
  return read ? Result<>() : refuse("ConformancePackTemplateValidationException", read.error().message);
}

// As EventBridge Scheduler looks at a schedule before it keeps it.
Result<> check_schedule(const aws::Call& call) {
  if (call.service != "scheduler" || (call.operation != "CreateSchedule" && call.operation != "UpdateSchedule"))
    return {};
  auto said = json::text(json::at(call.input, "ScheduleExpression"));
  auto zone = json::text(json::at(call.input, "ScheduleExpressionTimezone"));
  auto read = bus::Schedule::parse(bus::as_of_rules(said), said.starts_with("rate(") ? "" : zone);
  if (read) return {};
  return refuse("ValidationException", fmt::format("Invalid Schedule Expression {}. {}", said, read.error().message));
}

// Events whose end nobody could be told would be lost without a word.
Result<> check_afterwards(const aws::Call& call) {
  if (call.service != "lambda") return {};
  auto told = [&](std::string_view which) {
    return json::text(json::at(json::at(call.input, "DestinationConfig"), which), "Destination", "");
  };
  bool of_events = call.operation.ends_with("FunctionEventInvokeConfig");
  for (const auto* which : {"OnSuccess", "OnFailure"})
    if (auto fits = remediation::check_destination(of_events ? told(which) : ""); !fits)
      return refuse("InvalidParameterValueException", fits.error().message);
  auto fits = remediation::check_dead_letter(json::text(json::at(call.input, "DeadLetterConfig"), "TargetArn", ""));
  return fits ? Result<>() : refuse("InvalidParameterValueException", fits.error().message);
}

// The operation's own error for what is well formed, but does not fit.
struct OperationsOwn {
  std::string_view operation, code;
};
constexpr std::array own_refusals{OperationsOwn{"PutConfigRule", "InvalidParameterValueException"},
                                  OperationsOwn{"PutRemediationConfigurations", "InvalidParameterValueException"},
                                  OperationsOwn{"PutRemediationExceptions", "InvalidParameterValueException"},
                                  OperationsOwn{"PutConformancePack", "ConformancePackTemplateValidationException"},
                                  OperationsOwn{"CreateDocument", "InvalidDocumentContent"},
                                  OperationsOwn{"UpdateDocument", "InvalidDocumentContent"},
                                  OperationsOwn{"UpdateDocumentDefaultVersion", "InvalidDocumentContent"}};

struct Usual {
  std::string_view service, code;
};
constexpr std::array usual_refusals{Usual{"lambda", "InvalidParameterValueException"},
                                    Usual{"securityhub", "InvalidInputException"},
                                    Usual{"guardduty", "BadRequestException"},
                                    Usual{"cloudformation", "ValidationError"}};

constexpr std::string_view stack_type = "AWS::CloudFormation::Stack";

bool is_rest(model::Protocol protocol) {
  return protocol == model::Protocol::rest_json || protocol == model::Protocol::rest_xml;
}

// One more event like the last, about the stack itself.
void add_event(json::Array& events, const json::Value& like, const char* status, const std::string& why) {
  auto event = json::members(like);
  event["EventId"] = json::text(event, "EventId") + "-" + status;
  event["ResourceStatus"] = status;
  if (why.empty()) event.erase("ResourceStatusReason");
  else event["ResourceStatusReason"] = why;
  events.push_back(std::move(event));
}

// The resource of a stack that cannot be in force.
struct RefusedPart {
  std::string logical;  // "": none of them by itself
  std::string why;
};

// The first, in the order in which they were made.
RefusedPart refused_part(const json::Value& stack, const json::Object& before, const json::Object& after,
                         const std::string& why, const Fits& fits) {
  const auto& internals = json::at(stack, "internals");
  auto so_far = before;
  for (const auto& logical : json::texts(json::at(internals, "Order"))) {
    const auto& part = json::at(json::at(internals, "Resources"), logical);
    auto id = json::text(part, "Id", json::text(part, "Physical", ""));
    auto ending = fmt::format("/{}/{}", json::text(part, "Type", ""), id);
    for (const auto& [key, resource] : after)
      if (std::string_view(key).ends_with(ending)) so_far[key] = resource;
    if (auto done = fits(so_far); !done) return {logical, done.error().message};
  }
  return {"", why};
}

// The events of a stack up to the resource that failed; what was made before it is taken down again. The first `known`
// are of before.
json::Array events_until(const json::Array& all, std::size_t known, const RefusedPart& refused, bool fresh,
                         const json::Value& last) {
  auto done = [](const json::Value& event) { return json::text(event, "ResourceStatus", "").ends_with("_COMPLETE"); };
  auto begin = all.begin() + static_cast<std::ptrdiff_t>(std::min(known, all.size()));
  auto end = std::find_if(begin, all.end(), [&](const json::Value& event) {
    return done(event) && json::text(event, "LogicalResourceId", "") == refused.logical;
  });
  json::Array out(all.begin(), end), made;
  std::copy_if(begin, end, std::back_inserter(made), done);
  if (end == all.end()) {
    add_event(out, last, fresh ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS", refused.why);
    return out;
  }
  add_event(out, *end, fresh ? "CREATE_FAILED" : "UPDATE_FAILED", refused.why);
  add_event(out, last, fresh ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS",
            fmt::format("The following resource(s) failed to {}: [{}].", fresh ? "create" : "update", refused.logical));
  for (auto event = made.rbegin(); fresh && event != made.rend(); ++event)
    for (const auto* status : {"DELETE_IN_PROGRESS", "DELETE_COMPLETE"}) add_event(out, *event, status, "");
  return out;
}

json::Value rolled_back(const json::Value& before, const json::Value& after, const RefusedPart& refused) {
  bool fresh = json::at(json::at(before, "internals"), "Order").is_null();
  auto out = json::members(after);
  auto aspects = json::members(json::at(out, "aspects"));
  auto internals = json::members(json::at(out, "internals"));
  aspects["StackStatus"] = fresh ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
  for (const char* name : {"Outputs", "Parameters"})
    if (const auto& was = json::at(json::at(before, "aspects"), name); was.is_null()) aspects.erase(name);
    else aspects[name] = was;
  for (const char* name : {"Template", "Resources", "Order"})
    internals[name] = json::at(json::at(before, "internals"), name);
  if (fresh) internals["Order"] = json::Array();
  auto events = json::items(json::at(internals, "Events"));
  const auto last = events.empty() ? json::Value() : events.back();
  if (!events.empty()) events.pop_back();
  auto known = json::items(json::at(json::at(before, "internals"), "Events")).size();
  events = events_until(events, known, refused, fresh, last);
  add_event(events, last, fresh ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE", "");
  internals["Events"] = std::move(events);
  out["aspects"] = std::move(aspects);
  out["internals"] = std::move(internals);
  return out;
}

}  // namespace

Result<> check_kept(const aws::Call& call, const rules::Controls& controls, bool alone) {
  if (alone) CHECK_OK(check_template(call));
  CHECK_OK(check_events(call));
  if (alone) CHECK_OK(check_afterwards(call));
  if (call.operation == "PutConfigRule") CHECK_OK(check_config_rule(controls, alone, call));
  if (call.operation == "PutConformancePack") CHECK_OK(check_template_of_pack(call));
  return check_schedule(call);
}

Result<> check_attestation(const remediation::Policy& policy, const aws::Call& call) {
  auto name = json::text(json::at(call.input, "ConfigRuleName"));
  auto rule = std::ranges::find(policy.held_rules, name, &remediation::HeldRule::name);
  if (rule == policy.held_rules.end() || rule->identifier != rules::process_check)
    return refuse("NoSuchConfigRuleException",
                  fmt::format("The ConfigRule '{}' provided in the request is invalid. Please check the configRule "
                              "name: only a process check ({}) is attested.", name, rules::process_check));
  const auto& said = json::at(call.input, "ExternalEvaluation");
  bool about_account = json::text(said, "ComplianceResourceType", "") == remediation::account_type &&
                       json::text(said, "ComplianceResourceId", "") == call.account;
  if (about_account) return {};
  return refuse("InvalidParameterValueException",
                fmt::format("A process check is attested for the account: ComplianceResourceType {}, "
                            "ComplianceResourceId {}.", remediation::account_type, call.account));
}

Error refused_by_policy(const aws::Call& call, std::string message) {
  std::string code = "ValidationException";
  for (const auto& usual : usual_refusals)
    if (usual.service == call.service) code = usual.code;
  for (const auto& own : own_refusals)
    if (own.operation == call.operation) code = own.code;
  return {.code = Errc::invalid, .message = std::move(message), .wire_code = code, .http_status = 400};
}

Error access_denied(const model::Models& models, const std::string& arn, const aws::Call& call, std::string_view role) {
  auto service = models.service(call.service);
  auto protocol = service ? service->protocol() : model::Protocol::json;
  auto prefix = service ? service->signing_name() : std::string_view(call.service);
  auto action = fmt::format("{}:{}", prefix, call.operation == "Invoke" ? "InvokeFunction" : call.operation);
  return {.code = Errc::denied,
          .message = fmt::format("User: {0} is not authorized to perform: {1} because no identity-based policy allows "
                                 "the {1} action: aright asks for the role {2}", arn, action, role),
          .wire_code = protocol == model::Protocol::query ? "AccessDenied" : "AccessDeniedException",
          .http_status = is_rest(protocol) || protocol == model::Protocol::query ? 403 : 400};
}

std::optional<json::Object> stack_rolled_back(const aws::Call& call, const json::Object& before,
                                              const json::Object& after, const std::string& why, const Fits& fits) {
  constexpr std::array makers{"CreateStack", "UpdateStack", "ExecuteChangeSet"};
  if (call.service != "cloudformation" || std::ranges::find(makers, call.operation) == makers.end())
    return std::nullopt;
  auto out = before;
  bool any = false;
  for (const auto& [key, stack] : after) {
    if (std::string_view(key).find(fmt::format("/{}/", stack_type)) == std::string_view::npos) continue;
    const auto& was = json::at(before, key);
    if (json::equal(was, stack)) continue;
    out[key] = rolled_back(was, stack, refused_part(stack, before, after, why, fits));
    any = true;
  }
  return any ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace aright::server
