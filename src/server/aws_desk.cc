#include "server/aws_desk.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/digest.h"
#include "bus/automation.h"
#include "cloud/classify.h"
#include "remediation/put.h"
#include "remediation/secrets.h"
#include "rules/config_policy.h"
#include "sandbox/securityhub.h"
#include "sandbox/validate.h"
#include "server/aws_checks.h"
#include "server/aws_standards.h"
#include "server/aws_turn.h"
#include "server/checked_documents.h"
#include "server/put_policy.h"

namespace aright::server {

namespace {

using remediation::Actor;

constexpr std::string_view all_services[]{"cloudformation", "config", "events", "guardduty", "lambda", "scheduler",
                                          "securityhub", "ssm", "sts"};

struct Rule {
  std::string_view service, operation;
  Role role;
};

// What is neither a read, for viewers, nor a change of what is put, for administrators.
constexpr std::array roles{
    Rule{"config", "PutEvaluations", Role::operator_},
    Rule{"config", "PutExternalEvaluation", Role::operator_},
    Rule{"config", "StartConfigRulesEvaluation", Role::operator_},
    Rule{"config", "StartRemediationExecution", Role::operator_},
    Rule{"config", "DescribeConformancePackCompliance", Role::viewer},
    Rule{"config", "DescribeRemediationExecutionStatus", Role::viewer},
    Rule{"config", "GetConformancePackComplianceDetails", Role::viewer},
    Rule{"config", "GetConformancePackComplianceSummary", Role::viewer},
    Rule{"config", "ListConformancePackComplianceScores", Role::viewer},
    Rule{"config", "SelectResourceConfig", Role::viewer},
    Rule{"events", "PutEvents", Role::operator_},
    Rule{"events", "StartReplay", Role::operator_},
    Rule{"events", "CancelReplay", Role::operator_},
    Rule{"events", "DescribeReplay", Role::viewer},
    Rule{"events", "ListReplays", Role::viewer},
    Rule{"securityhub", "BatchGetSecurityControls", Role::viewer},
    Rule{"securityhub", "BatchGetStandardsControlAssociations", Role::viewer},
    Rule{"securityhub", "BatchUpdateStandardsControlAssociations", Role::admin},
    Rule{"securityhub", "DescribeStandardsControls", Role::viewer},
    Rule{"securityhub", "GetSecurityControlDefinition", Role::viewer},
    Rule{"securityhub", "ListSecurityControlDefinitions", Role::viewer},
    Rule{"securityhub", "ListStandardsControlAssociations", Role::viewer},
    Rule{"securityhub", "UpdateStandardsControl", Role::admin},
    Rule{"guardduty", "ArchiveFindings", Role::operator_},
    Rule{"guardduty", "CreateSampleFindings", Role::operator_},
    Rule{"guardduty", "UnarchiveFindings", Role::operator_},
    Rule{"guardduty", "UpdateFindingsFeedback", Role::operator_},
    Rule{"securityhub", "BatchImportFindings", Role::operator_},
    Rule{"securityhub", "BatchUpdateFindings", Role::operator_},
    Rule{"ssm", "AssociateOpsItemRelatedItem", Role::operator_},
    Rule{"ssm", "CreateOpsItem", Role::operator_},
    Rule{"ssm", "DisassociateOpsItemRelatedItem", Role::operator_},
    Rule{"ssm", "ListTagsForResource", Role::viewer},  // whatever has them
    Rule{"ssm", "UpdateOpsItem", Role::operator_},
    Rule{"ssm", "DescribeAutomationExecutions", Role::viewer},
    Rule{"ssm", "DescribeAutomationStepExecutions", Role::viewer},
    Rule{"ssm", "GetAutomationExecution", Role::viewer},
    Rule{"ssm", "SendAutomationSignal", Role::approver},
    Rule{"ssm", "StartAutomationExecution", Role::admin},  // it writes without a plan that anybody saw
    Rule{"ssm", "StopAutomationExecution", Role::operator_},
    Rule{"sts", "GetCallerIdentity", Role::viewer},
};

// Of these services no more than this is kept; the rest of them is for the cloud.
constexpr std::string_view kept_of_ssm[]{
    "AddTagsToResource", "AssociateOpsItemRelatedItem", "CreateDocument", "CreateOpsItem", "DeleteDocument",
    "DeleteOpsItem", "DescribeDocument", "DescribeDocumentPermission", "DescribeOpsItems",
    "DisassociateOpsItemRelatedItem", "GetDocument", "GetOpsItem", "GetOpsSummary", "ListDocuments",
    "ListDocumentVersions", "ListOpsItemEvents", "ListOpsItemRelatedItems", "ListTagsForResource",
    "ModifyDocumentPermission",
    "RemoveTagsFromResource", "UpdateDocument", "UpdateDocumentDefaultVersion", "UpdateOpsItem"};

bool is_service(std::string_view name) { return std::ranges::find(all_services, name) != std::end(all_services); }

bool is_kept(const aws::Call& call) {
  if (call.service == "sts") return call.operation == "GetCallerIdentity";
  if (call.service == "ssm") return std::ranges::find(kept_of_ssm, call.operation) != std::end(kept_of_ssm);
  return is_service(call.service) && cloud::classify(call).effect != cloud::Effect::unknown;
}

Error missing(const aws::Call& call) {
  auto what = is_service(call.service)
                  ? fmt::format("{}:{} is not answered by aright", call.service, call.operation)
                  : fmt::format("aright does not answer for {}: ask AWS, or the endpoint that it works on, for {}",
                                call.service, call.operation);
  constexpr std::array of_query{"cloudformation", "sts"};  // these say it in their own word
  bool action = std::ranges::find(of_query, call.service) != of_query.end();
  return {.code = Errc::unsupported, .message = what,
          .wire_code = action ? "InvalidAction" : "UnknownOperationException", .http_status = 400};
}

constexpr std::string_view evaluations_member = "evaluations";

// A rule whose evaluations are what people said.
bool is_attested(const json::Value& resource) {
  return json::text(json::at(resource, {"aspects", "Rule", "Source", "SourceIdentifier"})) == rules::process_check;
}

// What is kept of a resource: without what is judged again anyhow.
json::Value lasting(const json::Value& resource) {
  auto out = json::members(resource);
  bool attested = is_attested(resource);
  if (auto found = out.find("internals"); found != out.end() && found->value().is_object())
    for (const char* fleeting : {"evaluations", "tokens"})
      if (!attested || fleeting != evaluations_member) found->value().get_object().erase(fleeting);
  return out;
}

// What a call changed: as it is now, and null where it is gone.
json::Object difference(const json::Object& before, const json::Object& after) {
  json::Object out;
  for (const auto& [key, resource] : after) {
    auto found = before.find(key);
    if (found == before.end() || !json::equal(found->value(), resource)) out[key] = lasting(resource);
  }
  for (const auto& [key, resource] : before)
    if (!after.contains(key)) out[key] = nullptr;
  return out;
}

// An import of the findings that were taken.
aws::Call without_failed(aws::Call call, const json::Object& answer) {
  std::set<std::string> failed;
  for (const auto& one : json::items(json::at(answer, "FailedFindings"))) failed.insert(json::text(one, "Id", ""));
  json::Array good;
  for (const auto& finding : json::items(json::at(call.input, "Findings")))
    if (!failed.contains(json::text(finding, "Id", ""))) good.push_back(finding);
  call.input["Findings"] = std::move(good);
  return call;
}

// What the cloud behind the desk does not know, aright does not answer.
Result<json::Object> told_as_ours(Result<json::Object> answer, const aws::Call& call) {
  if (!answer && answer.error().wire_code == "NotImplemented") return fail(missing(call));
  return answer;
}

bool is_of_recorders(const aws::Call& call) {
  constexpr std::array operations{"DescribeConfigurationRecorders", "DescribeConfigurationRecorderStatus",
                                  "DescribeDeliveryChannelStatus"};
  return call.service == "config" && std::ranges::find(operations, call.operation) != operations.end();
}

bool is_of_documents(const aws::Call& call) {
  constexpr std::array operations{"DescribeDocument", "GetDocument", "ListDocuments", "ListDocumentVersions"};
  return call.service == "ssm" && std::ranges::find(operations, call.operation) != operations.end();
}

Role role_named(std::string_view name) {
  for (auto role : {Role::admin, Role::approver, Role::operator_})
    if (server::name(role) == name) return role;
  return Role::viewer;
}

}  // namespace

std::span<const std::string_view> desk_services() { return all_services; }

std::optional<Role> role_for(const aws::Call& call) {
  auto found = std::ranges::find_if(
      roles, [&](const Rule& rule) { return rule.service == call.service && rule.operation == call.operation; });
  if (found != roles.end()) return found->role;
  if (!is_kept(call)) return std::nullopt;
  return cloud::classify(call).reads() ? Role::viewer : Role::admin;
}

AwsDesk::AwsDesk(AwsDeskOptions options) : options_(std::move(options)) {
  if (!options_.durable) return;
  put_ = put_policy(resources());
  record_what_is_put();
  hear_attested();
  options_.engine->ask_afterwards([this](const std::string& function, const std::string& account,
                                         const std::string& region) { return afterwards(function, account, region); });
}

// One of the policy's file is not kept here, and has the defaults.
sandbox::Afterwards AwsDesk::afterwards(const std::string& function, const std::string& account,
                                        const std::string& region) const {
  auto ask = [&](const char* operation) {
    aws::Call call{.service = "lambda", .operation = operation, .region = region, .account = account,
                   .input = {{"FunctionName", function}}};
    auto told = options_.cloud->call_as({.account = account}, call, {});
    return json::Value(told.value_or(json::Object()));
  };
  return remediation::afterwards_of(ask("GetFunctionEventInvokeConfig"), ask("GetFunctionConfiguration"));
}

json::Object AwsDesk::resources() const {
  return json::members(json::at(options_.cloud->export_state(), "resources"));
}

// A principal of the policy has the roles that it says; whoever else has a key has it from the sandbox, where IAM says.
Result<> AwsDesk::admit(const remediation::Principal* who, const std::string& arn, const aws::Call& call) const {
  if (!who && !options_.durable) return {};
  if (!who)
    return fail({.code = Errc::denied, .message = "The security token included in the request is invalid.",
                 .wire_code = "UnrecognizedClientException", .http_status = 403});
  Caller caller{.actor = {.name = who->name, .arn = who->arn}, .roles = {}};
  for (const auto& role : who->roles) caller.roles.push_back(role_named(role));
  auto needed = role_for(call).value_or(Role::admin);
  if (caller.may(needed)) return {};
  return fail(access_denied(options_.cloud->models(), arn, call, name(needed)));
}

std::optional<Result<json::Object>> AwsDesk::answer(const sandbox::Principal& who, const aws::Call& call,
                                                    const Context& context) {
  remediation::Engine::Pin pin(*options_.engine);
  const auto& people = options_.engine->policy().principals;
  auto found = std::ranges::find_if(
      people, [&](const auto& one) { return !one.access_key.id.empty() && one.name == who.user_id; });
  const auto* principal = found == people.end() ? nullptr : &*found;
  // The account's own keys are its root's.
  auto arn = who.arn.empty() ? fmt::format("arn:aws:iam::{}:root", who.account) : who.arn;
  Signer signer{.account = who.account, .arn = std::move(arn), .name = principal ? principal->name : ""};
  bool answered = role_for(call).has_value();
  // Nobody has a role that would help.
  if (principal && !answered && options_.durable) return fail(missing(call));
  if (auto admitted = admit(principal, who.arn, call); !admitted) {
    if (!cloud::classify(call).reads())
      options_.engine->record_refusal(
          {.who = {.name = signer.name, .arn = signer.arn}, .source = "", .asked = call.name()});
    return fail(admitted.error());
  }
  if (!answered) {
    if (options_.durable) return fail(missing(call));
    return std::nullopt;
  }
  if (auto fits = fits_model(call); !fits) return fail(fits.error());
  if (!is_hub_there(who.account, call))
    return fail(Error{.code = Errc::denied,
                      .message = fmt::format("Account {} is not subscribed to AWS Security Hub", who.account),
                      .wire_code = "InvalidAccessException", .http_status = 401});
  if (options_.durable && call.service == "lambda" && call.operation == "Invoke")
    return invoke_version(who, signer, call, context);
  if (is_of_standards(call)) return standards({*options_.engine, signer, call, context});
  if (options_.durable && is_of_recorders(call)) return recorders(who, call, context);
  if (is_of_documents(call)) return documents(who, signer, call, context);
  if (call.service == "ssm" && call.operation == "DescribeOpsItems") return ops_items(who, call, context);
  Witnesses witnesses{.recorder = options_.recorder, .judgements = &judgements_, .records = options_.durable};
  auto own = answer_aws(*options_.engine, signer, with_version(who, call, context), context, witnesses);
  if (own && call.operation == "BatchImportFindings" && *own)
    if (auto good = without_failed(call, **own); !json::items(json::at(good.input, "Findings")).empty()) {
      if (auto there = kept(who, signer, good, context); !there) return there;
      if (auto written = write_by_rules(who, good, context); !written) return fail(written.error());
    }
  if (own) return own;
  AwsTurn turn{*options_.engine, signer, call, context};
  if (call.operation == "PutRemediationExceptions") {
    auto those = about_noncompliant(turn);
    if (!those) return fail(those.error());
    const auto& held = options_.engine->policy().held_rules;
    bool any = !json::items(json::at(those->input, "ResourceKeys")).empty();
    bool known = std::ranges::find(held, turn.text("ConfigRuleName"), &remediation::HeldRule::name) != held.end();
    if (!known) return kept(who, signer, call, context);
    return any ? kept(who, signer, *those, context) : json::Object{{"FailedBatches", json::Array()}};
  }
  if (options_.durable && call.service == "events" && call.operation == "PutTargets")
    return put_targets(who, signer, call, context);
  auto there = kept(who, signer, call, context);
  if (there) tell_not_evaluated(turn, *there);
  if (there && call.service == "ssm" && call.operation == "CreateOpsItem")
    CHECK_OK(look_at_resources(signer, call, *there));
  return there;
}

// A target that nothing here answers to is a failed entry, and the others are put.
Result<json::Object> AwsDesk::put_targets(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                                          const Context& context) {
  auto [taken, failed] = taken_targets(call);
  if (failed.empty()) return kept(who, signer, call, context);
  json::Object told;
  if (json::items(json::at(taken.input, "Targets")).empty()) {
    auto rule = call;
    rule.operation = "DescribeRule";
    rule.input = {{"Name", json::at(call.input, "Rule")}};
    if (const auto& bus = json::at(call.input, "EventBusName"); !bus.is_null()) rule.input["EventBusName"] = bus;
    TRY(options_.cloud->call_as(who, rule, context));
  } else {
    told = TRY(kept(who, signer, taken, context));
  }
  told["FailedEntryCount"] = failed.size();
  told["FailedEntries"] = std::move(failed);
  return told;
}

// Automation rules of the policy's file are no resources, and so are not known where findings are kept.
Result<> AwsDesk::write_by_rules(const sandbox::Principal& who, const aws::Call& import, const Context& context) {
  const auto& rules = options_.engine->policy().hub.rules;
  for (const auto& given : json::items(json::at(import.input, "Findings"))) {
    auto finding = json::members(given);
    sandbox::name_product(finding);
    if (bus::automate(rules, finding, options_.engine->clock().now()).empty()) continue;
    auto call = import;
    call.operation = "BatchUpdateFindings";
    call.input = {{"FindingIdentifiers", json::Array{json::Object{{"ProductArn", json::at(given, "ProductArn")},
                                                                  {"Id", json::at(given, "Id")}}}}};
    for (const auto* name : {"Confidence", "Criticality", "Note", "RelatedFindings", "Severity", "Types",
                             "UserDefinedFields", "VerificationState", "Workflow"})
      if (const auto& value = json::at(finding, name); value != json::at(given, name)) call.input[name] = value;
    if (auto* note = call.input.if_contains("Note"); note && note->is_object()) note->get_object().erase("UpdatedAt");
    (void)TRY(options_.cloud->call_as(who, call, context));
  }
  return {};
}

// Security Hub answers nothing before it is enabled; but what there is to enable.
bool AwsDesk::is_hub_there(const std::string& account, const aws::Call& call) const {
  constexpr std::string_view hub_type = "AWS::SecurityHub::Hub";
  constexpr std::array always{"DescribeHub", "DescribeProducts", "DescribeStandards", "EnableSecurityHub"};
  if (call.service != "securityhub" || std::ranges::find(always, call.operation) != always.end()) return true;
  const auto hubs = options_.cloud->export_type(hub_type);
  const auto prefix = fmt::format("{}/{}/{}/", account, call.region, hub_type);
  return std::ranges::any_of(hubs, [&](const auto& one) { return std::string_view(one.key()).starts_with(prefix); });
}

// What the engine answers itself is held against the service's model as well.
Result<> AwsDesk::fits_model(const aws::Call& call) const {
  auto service = options_.cloud->models().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  if (!operation) return {};
  if (call.operation == "BatchImportFindings") return {};  // each finding is looked at by itself
  return sandbox::check_whole_input(*service, *operation, call.input);
}

Result<json::Object> AwsDesk::invoke(const aws::Call& call, const Context& context) {
  if (!options_.durable) return options_.cloud->call_as({.account = call.account}, call, context);
  Signer signer{.account = call.account, .arn = "", .name = std::string(remediation::engine_name)};
  return invoke_version({.account = call.account}, signer, call, context);
}

// An alias stands for the version that it points to.
Result<json::Object> AwsDesk::invoke_version(const sandbox::Principal& who, const Signer& signer, aws::Call call,
                                             const Context& context) {
  auto asked = function_asked(call.input);
  bool number = asked.qualifier.find_first_not_of("0123456789") == std::string::npos;
  if (!number && asked.qualifier != "$LATEST") {
    auto about = call;
    about.operation = "GetAlias";
    about.input = {{"FunctionName", asked.name}, {"Name", asked.qualifier}};
    if (auto alias = options_.cloud->call_as(who, about, context)) {
      call.input["FunctionName"] = asked.name;
      call.input["Qualifier"] = json::at(*alias, "FunctionVersion");
    }
  }
  return invoke_function({*options_.engine, signer, call, context});
}

Result<json::Object> AwsDesk::kept(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                                   const Context& context) {
  if (call.service == "securityhub") CHECK_OK(show_findings(who.account, call.region, context));
  bool of_items = call.operation.find("OpsItem") != std::string::npos || call.operation == "GetOpsSummary";
  if (call.service == "ssm" && of_items)
    CHECK_OK(show_ops_items(who.account, call.region, context));
  if (auto refused = refused_document(call)) return *refused;
  CHECK_OK(check_kept(call, options_.engine->controls(), options_.durable));
  if (call.operation == "PutRemediationConfigurations") CHECK_OK(check_remediation(call));
  if (call.operation == "PutExternalEvaluation") CHECK_OK(check_attestation(options_.engine->policy(), call));
  if (options_.durable) CHECK_OK(lend(call, context));
  auto effect = cloud::classify(call).effect;
  // Many at once, which no aspect says; and what a person attests, which nobody judges again.
  bool lasts = call.operation == "BatchUpdateAutomationRules" || call.operation == "PutExternalEvaluation";
  if (effect == cloud::Effect::read || (effect == cloud::Effect::action && !lasts)) {
    auto told = TRY(told_as_ours(options_.cloud->call_as(who, call, context), call));
    if (call.operation == "DescribeArchive" || call.operation == "ListArchives")
      CHECK_OK(count_archived({*options_.engine, signer, call, context}, told));
    if (call.service == "lambda" && call.operation == "GetFunction") seal_code(who.account, call.region, told);
    return told;
  }
  return write(who, signer, call, context);
}

// Whoever may ask GetFunction gets a link to the code that nobody else can make.
void AwsDesk::seal_code(const std::string& account, const std::string& region, json::Object& told) const {
  auto name = json::text(json::at(json::at(told, "Configuration"), "FunctionName"));
  auto& code = told["Code"];
  if (name.empty() || !code.is_object()) return;
  auto& location = code.get_object()["Location"];
  location = json::text(location) + code_links_.seal({.account = account, .region = region, .function = name},
                                                             SystemClock().now());
}

net::Response AwsDesk::code(const net::Request& request) const {
  auto place = code_links_.read(request, SystemClock().now());
  if (!place) return error_response(place.error());
  auto key = fmt::format("{}/{}/AWS::Lambda::Function/{}", place->account, place->region, place->function);
  const auto functions = options_.cloud->export_type("AWS::Lambda::Function");
  auto zip = from_base64(json::text(json::at(json::at(json::at(functions, key), "internals"), "zip")));
  if (!zip || zip->empty())
    return error_response({.code = Errc::not_found, .message = "the code of this function is not here",
                           .number = "AR-0010"});
  return {.status = 200,
          .headers = {{"Content-Type", "application/zip"}, {"Cache-Control", "no-store"}},
          .body = std::move(*zip),
          .stream = {}};
}

Result<json::Object> AwsDesk::write(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                                    const Context& context) {
  std::lock_guard lock(writing_);
  auto before = resources();
  auto output = TRY(told_as_ours(options_.cloud->call_as(who, call, context), call));
  auto kept = keep(signer, call, before, resources());
  if (!kept) return fail(kept.error());
  if (options_.durable && call.operation.ends_with("ConfigurationRecorder")) record_what_is_put();
  if (call.operation == "CreateSampleFindings")
    CHECK_OK(tell_threats({*options_.engine, signer, call, context}, before, resources()));
  if (call.operation == "PutExternalEvaluation") hear_attested();
  auto followed = follow(signer, call);
  if (!followed && options_.log) options_.log(followed.error().text());
  return output;
}

Result<json::Object> AwsDesk::standards(const AwsTurn& aws) {
  std::lock_guard lock(writing_);
  auto before = resources();
  StandardsTurn turn{.aws = aws, .resources = before};
  auto output = TRY(answer_standards(turn));
  if (turn.changed.empty()) return output;
  CHECK_OK(options_.cloud->import_state({{"resources", std::move(turn.changed)}}));
  auto kept = keep(aws.signer, aws.call, before, resources());
  return kept ? Result<json::Object>(std::move(output)) : fail(kept.error());
}

// On record, and in force. What cannot be is undone, and refused.
Result<> AwsDesk::keep(const Signer& signer, const aws::Call& call, const json::Object& before,
                       const json::Object& after) {
  auto changed = difference(before, after);
  if (changed.empty()) return {};
  bool of_policy = std::ranges::any_of(changed, [](const auto& one) { return is_of_policy(type_in(one.key())); });
  auto put = of_policy ? put_policy(after) : put_;
  bool other = of_policy && !json::equal(json::Value(put), json::Value(put_));
  auto undo = [&] {
    json::Object back;
    for (const auto& [key, resource] : changed) back[key] = json::at(before, key);
    return options_.cloud->import_state({{"resources", std::move(back)}});
  };
  if (other && options_.durable)
    if (auto fits = options_.check(put); !fits) {
      CHECK_OK(undo());
      auto rolled_back = stack_rolled_back(call, before, after, fits.error().message, [&](const json::Object& those) {
        return options_.check(put_policy(those));
      });
      if (!rolled_back) return fail(refused_by_policy(call, fits.error().message));
      CHECK_OK(options_.cloud->import_state({{"resources", difference(before, *rolled_back)}}));
      return keep(signer, call, before, *rolled_back);
    }
  Actor actor{.name = signer.name.empty() ? signer.arn : signer.name, .arn = signer.arn};
  auto operation = call.service + ":" + call.operation;
  if (options_.durable) {
    auto body = remediation::by(actor);
    body["operation"] = operation;
    remediation::Secrets secrets(options_.engine->gateway().redactor());
    secrets.notice_input(call);
    body["resources"] = secrets.lock(changed);
    std::vector<ledger::Draft> drafts;
    drafts.push_back({.stream = std::string(remediation::put_stream), .kind = remediation::entry::aws_put,
                      .body = std::move(body), .sequence = {}});
    auto store = [](store::Transaction& tx, const auto& entries) {
      return remediation::store_put(tx, entries.front());
    };
    auto appended = options_.engine->ledger().append(std::move(drafts), store);
    if (!appended) {
      CHECK_OK(undo());
      return fail(appended.error());
    }
  }
  if (!other) return {};
  put_ = put;
  {
    std::lock_guard lock(places_mutex_);
    places_ = nullptr;
  }
  auto adopted = options_.adopt(put, actor, operation);
  if (adopted || options_.durable) return adopted;
  if (options_.log) options_.log(fmt::format("{} is not in force: {}", operation, adopted.error().text()));
  return {};
}

Result<> AwsDesk::hear_others() {
  std::lock_guard lock(writing_);
  auto& ledger = options_.engine->ledger();
  auto entries = TRY(ledger.stream(remediation::put_stream, heard_ + 1));
  if (entries.empty()) return {};
  // As they are on record now: some of the entries may be this process' own, and older than what it holds.
  auto on_record = TRY(remediation::put_on_record(ledger));
  const auto& resources_now = json::at(on_record, "resources");
  json::Object changed;
  for (const auto& entry : entries)
    for (const auto& [key, document] : remediation::put_changes(entry)) changed[key] = json::at(resources_now, key);
  CHECK_OK(options_.cloud->import_state({{"resources", std::move(changed)}}));
  heard_ = entries.back().sequence;
  hear_attested();
  auto put = put_policy(resources());
  if (json::equal(json::Value(put), json::Value(put_))) return {};
  put_ = put;
  {
    std::lock_guard places(places_mutex_);
    places_ = nullptr;
  }
  return options_.follow(put);
}

}  // namespace aright::server
