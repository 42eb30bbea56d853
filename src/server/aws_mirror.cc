// What the engine knows, put where AWS's APIs tell of it: judgements as Config's evaluations, findings in Security Hub
// and as OpsItems. And what is said there of a finding, put into force.

#include <algorithm>
#include <cctype>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "bus/event.h"
#include "cloudformation/parameters.h"
#include "cloudformation/template.h"
#include "remediation/exchange.h"
#include "remediation/projection.h"
#include "rules/config_policy.h"
#include "rules/config_rule.h"
#include "server/aws_desk.h"
#include "server/aws_turn.h"
#include "server/put_policy.h"

namespace aright::server {

namespace {

using remediation::Finding;

constexpr std::size_t import_batch = 100;
constexpr std::string_view item_source = "aright", threat_source = "aws.guardduty";
constexpr std::size_t ops_title_max = 1024;
constexpr std::string_view role_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-/";

aws::Call call_to(const char* service, const char* operation, const std::string& account, const std::string& region,
                  json::Object input) {
  return {.service = service, .operation = operation, .region = region, .account = account, .input = std::move(input)};
}

// What identifies a finding in Security Hub leads back to it: aright/<id>.
std::optional<FindingId> finding_of(const json::Value& identifier) {
  constexpr std::string_view prefix = "aright/";
  auto id = json::text(identifier, "Id", "");
  if (!id.starts_with(prefix)) return std::nullopt;
  auto parsed = FindingId::parse(id.substr(prefix.size()));
  return parsed ? std::optional(*parsed) : std::nullopt;
}

// Events begin their members' names in lower case.
json::Value as_in_events(const json::Value& told) {
  if (const auto* list = told.if_array()) {
    json::Array out;
    for (const auto& item : *list) out.push_back(as_in_events(item));
    return out;
  }
  if (!told.is_object()) return told;
  json::Object out;
  for (const auto& [name, value] : told.get_object()) {
    std::string member(name);
    member[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(member[0])));
    out[member] = as_in_events(value);
  }
  return out;
}

std::string ops_severity(const json::Value& finding) {
  auto severity = json::text(finding, "severity", "");
  if (severity == "critical") return "1";
  if (severity == "high") return "2";
  return severity == "medium" ? "3" : "4";
}

::aright::rules::Compliance compliance_named(std::string_view name) {
  using enum ::aright::rules::Compliance;
  for (auto one : {compliant, non_compliant, not_applicable})
    if (::aright::rules::name(one) == name) return one;
  return insufficient_data;
}

json::Object ops_item(const json::Value& finding) {
  const auto& resource = json::at(finding, "resource");
  auto arn = json::text(resource, "arn", "");
  auto what = fmt::format("{}: {} {}", json::text(finding, "title", json::text(finding, "control", "")),
                          json::text(resource, "type", ""), json::text(resource, "id", ""));
  auto about = json::print(json::Array{json::Object{{"arn", arn.empty() ? json::text(resource, "id", "") : arn}}});
  auto note = json::text(finding, "annotation", "");
  return {{"Title", what.substr(0, ops_title_max)},
          {"Description", note.empty() ? what : note},
          {"Source", item_source},
          {"Category", "Security"},
          {"Severity", ops_severity(finding)},
          {"OperationalData",
           json::Object{{"/aws/resources", json::Object{{"Value", about}, {"Type", "SearchableString"}}},
                        {"finding", json::Object{{"Value", json::text(finding, "id", "")},
                                                 {"Type", "SearchableString"}}}}}};
}

}  // namespace

std::shared_ptr<const AwsDesk::Places> AwsDesk::places_of_rules() {
  std::lock_guard lock(places_mutex_);
  if (places_) return places_;
  auto out = std::make_shared<Places>();
  for (const auto& [key, resource] : resources())
    if (type_in(key) == "AWS::Config::ConfigRule") {
      auto parts = split(std::string(key), '/');
      out->emplace(parts.back(), std::pair(parts[0], parts[1]));
    }
  return places_ = std::move(out);
}

// Rules are in one region here, and judge all that the policy's targets have.
void AwsDesk::hear(const std::vector<remediation::Judged>& judged) {
  remediation::Engine::Pin pin(*options_.engine);
  judgements_.hear(judged, options_.engine->clock().now());
  std::map<std::string, std::vector<std::string>> rules;  // by control
  for (const auto& rule : options_.engine->policy().held_rules)
    for (const auto& control : rule.controls) rules[control].push_back(rule.name);
  if (rules.empty()) return;
  auto places = places_of_rules();
  for (const auto& one : judged)
    for (const auto& rule : rules[one.control])
      for (auto [place, end] = places->equal_range(rule); place != end; ++place) {
        const auto& [account, region] = place->second;
        json::Object evaluation{{"ComplianceResourceType", ::aright::rules::config_type_of(one.resource.type)},
                                {"ComplianceResourceId", one.resource.id},
                                {"ComplianceType", ::aright::rules::name(one.evaluation.compliance)},
                                {"OrderingTimestamp", options_.engine->clock().now().iso()}};
        if (!one.evaluation.annotation.empty()) evaluation["Annotation"] = one.evaluation.annotation;
        auto call = call_to("config", "PutExternalEvaluation", account, region,
                            {{"ConfigRuleName", rule}, {"ExternalEvaluation", std::move(evaluation)}});
        (void)options_.cloud->call_as({.account = account}, call, {});
      }
}

void AwsDesk::hear_attested() {
  std::vector<remediation::Judged> all;
  for (const auto& [key, resource] : resources()) {
    if (type_in(key) != "AWS::Config::ConfigRule") continue;
    const auto& source = json::at(resource, {"aspects", "Rule", "Source"});
    if (json::text(source, "SourceIdentifier", "") != ::aright::rules::process_check) continue;
    auto parts = split(std::string(key), '/');
    for (const auto& [about, said] : json::members(json::at(json::at(resource, "internals"), "evaluations"))) {
      remediation::Judged one;
      one.control = attested_as(parts.back());
      one.resource = {.account = parts[0], .region = parts[1], .type = json::text(said, "ComplianceResourceType", ""),
                      .id = json::text(said, "ComplianceResourceId", ""), .arn = {}};
      one.evaluation = {compliance_named(json::text(said, "ComplianceType", "")), json::text(said, "Annotation", "")};
      all.push_back(std::move(one));
    }
  }
  if (!all.empty()) judgements_.hear(all, options_.engine->clock().now());
}

// Those that changed since they were shown last. Imports leave alone what people said of a finding there.
Result<> AwsDesk::show_findings(const std::string& account, const std::string& region, const Context& context) {
  std::lock_guard lock(writing_);
  json::Array fresh;
  auto show = [&]() -> Result<> {
    if (fresh.empty()) return {};
    auto call = call_to("securityhub", "BatchImportFindings", account, region, {{"Findings", std::move(fresh)}});
    TRY(options_.cloud->call_as({.account = account}, call, context));
    fresh = {};
    return {};
  };
  for (const auto& item : TRY(remediation::list_findings(options_.engine->ledger(), {}))) {
    const auto& resource = json::at(item, "resource");
    if (json::text(resource, "account", "") != account || json::text(resource, "region", "") != region) continue;
    auto digest = to_hex(sha256(json::canonical(item)));
    auto& shown = shown_[json::text(item, "id", "")];
    if (shown == digest) continue;
    shown = std::move(digest);
    fresh.push_back(remediation::asff(item, options_.engine->controls()));
    if (fresh.size() == import_batch) CHECK_OK(show());
  }
  return show();
}

// An item is as old as its finding, whenever somebody first asks.
Result<> AwsDesk::date_ops_items(const std::map<std::string, json::Value>& found_at) {
  if (found_at.empty()) return {};
  const auto now = resources();
  json::Object dated;
  for (const auto& [key, time] : found_at) {
    auto item = json::members(json::at(now, key));
    for (const char* member : {"CreatedTime", "LastModifiedTime"}) item["record"].as_object()[member] = time;
    dated[key] = std::move(item);
  }
  return options_.cloud->import_state({{"resources", std::move(dated)}});
}

// Each open finding is a work item; one that is resolved closes its own.
Result<> AwsDesk::show_ops_items(const std::string& account, const std::string& region, const Context& context) {
  std::lock_guard lock(writing_);
  std::map<std::string, std::pair<std::string, std::string>> items;  // by finding: id and status
  const auto prefix = fmt::format("{}/{}/AWS::SSM::OpsItem/", account, region);
  std::map<std::string, json::Value> found_at;  // by the item's key
  auto before = resources();
  for (const auto& [key, item] : before) {
    if (!std::string_view(key).starts_with(prefix)) continue;
    const auto& aspects = json::at(item, "aspects");
    auto finding = json::text(json::at(aspects, {"OperationalData", "finding", "Value"}));
    if (!finding.empty()) items[finding] = {std::string(key.substr(prefix.size())), json::text(aspects, "Status", "")};
  }
  for (const auto& finding : TRY(remediation::list_findings(options_.engine->ledger(), {}))) {
    const auto& resource = json::at(finding, "resource");
    if (json::text(resource, "account", "") != account || json::text(resource, "region", "") != region) continue;
    bool open = json::text(finding, "status", "") == "open";
    auto known = items.find(json::text(finding, "id", ""));
    if (known == items.end() && open) {
      auto made = TRY(options_.cloud->call_as(
          {.account = account}, call_to("ssm", "CreateOpsItem", account, region, ops_item(finding)), context));
      found_at[prefix + json::text(made, "OpsItemId", "")] = json::at(finding, "first_seen");
    }
    if (known != items.end() && !open && known->second.second != "Resolved")
      TRY(options_.cloud->call_as({.account = account},
                                  call_to("ssm", "UpdateOpsItem", account, region,
                                          {{"OpsItemId", known->second.first}, {"Status", "Resolved"}}),
                                  context));
  }
  CHECK_OK(date_ops_items(found_at));
  return keep({.account = account, .arn = "", .name = remediation::engine_name},
              call_to("ssm", "CreateOpsItem", account, region, {}), before, resources());
}

// What GuardDuty would send about each finding that a call made: a signal like any other, under the finding's own id.
Result<> AwsDesk::tell_threats(const AwsTurn& turn, const json::Object& before, const json::Object& after) {
  for (const auto& [key, resource] : after) {
    if (before.contains(key) || type_in(key) != "AWS::GuardDuty::Finding") continue;
    auto bar = key.rfind('|');
    auto slash = std::string_view(key).rfind('/', bar);
    json::Object input{{"DetectorId", key.substr(slash + 1, bar - slash - 1)},
                       {"FindingIds", json::Array{json::Value(key.substr(bar + 1))}}};
    auto told = TRY(options_.cloud->call_as(
        {.account = turn.signer.account},
        call_to("guardduty", "GetFindings", turn.signer.account, turn.call.region, std::move(input)), turn.context));
    for (const auto& finding : json::items(json::at(told, "Findings"))) {
      json::Object event{{"id", json::at(finding, "Id")}, {"source", threat_source},
                         {"detail-type", "GuardDuty Finding"}, {"detail", as_in_events(finding)}};
      auto whole = TRY(bus::complete(std::move(event), turn.signer.account, turn.call.region,
                                     options_.engine->clock().now()));
      TRY(options_.engine->accept_event(std::move(whole)));
    }
  }
  return {};
}

// A finding that is archived in GuardDuty is a person's exception here, until it is taken out again.
Result<> AwsDesk::follow_archived(const Signer& signer, const aws::Call& call) {
  std::set<std::string> ids;
  for (auto& id : json::texts(json::at(call.input, "FindingIds"))) ids.insert(std::move(id));
  remediation::Actor actor{.name = signer.name.empty() ? signer.arn : signer.name, .arn = signer.arn};
  bool archived = call.operation == "ArchiveFindings";
  for (const auto& item : TRY(remediation::list_findings(options_.engine->ledger(), {.status = "open"}))) {
    if (json::text(item, "source", "") != threat_source) continue;
    auto id = TRY(FindingId::parse(json::text(item, "id", "")));
    auto found = TRY(options_.engine->finding(id));
    if (!ids.contains(found.other_id)) continue;
    bool excepted = found.exception && found.exception->holds(options_.engine->clock().now());
    if (archived && !excepted)
      CHECK_OK(options_.engine->except(
          id, actor, {.message = "archived in GuardDuty", .by = actor.name, .until = remediation::forever}));
    if (!archived && excepted) CHECK_OK(options_.engine->end_exception(id, actor));
  }
  return {};
}

// SUPPRESSED is a person's exception to a finding, and any other status ends it.
Result<> AwsDesk::follow(const Signer& signer, const aws::Call& call) {
  bool archives = call.operation == "ArchiveFindings" || call.operation == "UnarchiveFindings";
  if (call.service == "guardduty" && archives) return follow_archived(signer, call);
  auto status = json::text(json::at(json::at(call.input, "Workflow"), "Status"));
  if (call.service != "securityhub" || call.operation != "BatchUpdateFindings" || status.empty()) return {};
  remediation::Actor actor{.name = signer.name.empty() ? signer.arn : signer.name, .arn = signer.arn};
  for (const auto& identifier : json::items(json::at(call.input, "FindingIdentifiers"))) {
    auto id = finding_of(identifier);
    if (!id) continue;
    auto found = TRY(options_.engine->finding(*id));
    bool excepted = found.exception && found.exception->holds(options_.engine->clock().now());
    auto message = json::text(json::at(json::at(call.input, "Note"), "Text"), "suppressed in Security Hub");
    if (status == "SUPPRESSED" && found.open && !excepted)
      CHECK_OK(options_.engine->except(
          *id, actor, {.message = message, .by = actor.name, .until = remediation::forever}));
    if (status != "SUPPRESSED" && excepted) CHECK_OK(options_.engine->end_exception(*id, actor));
  }
  return {};
}

// The bucket of a delivery channel is where the policy's targets are.
Result<> AwsDesk::lend_bucket(const aws::Call& call, const Context& context) {
  auto name = json::text(json::at(json::at(call.input, "DeliveryChannel"), "s3BucketName"));
  if (name.empty()) return {};
  auto reader = options_.engine->gateway().reader(call.account, call.region);
  auto there = reader->call(call_to("s3", "HeadBucket", call.account, call.region, {{"Bucket", name}}), context);
  if (!there) return {};  // Config says itself that it cannot find it
  auto made = options_.cloud->call_as({.account = call.account},
                                      call_to("s3", "CreateBucket", call.account, "us-east-1", {{"Bucket", name}}),
                                      context);
  if (!made && !made.error().wire_code.starts_with("BucketAlready")) return fail(made.error());
  return {};
}

// A queue that feeds a function is where the policy's targets are.
Result<> AwsDesk::lend_queue(const aws::Call& call, const Context& context) {
  auto source = json::text(json::at(call.input, "EventSourceArn"));
  auto parts = split(source, ':');
  constexpr std::size_t parts_of_queue = 6, region = 3, account = 4, name = 5;
  if (parts.size() != parts_of_queue || !source.starts_with("arn:aws:sqs:")) return {};
  auto reader = options_.engine->gateway().reader(parts[account], parts[region]);
  auto ask = call_to("sqs", "GetQueueUrl", parts[account], parts[region], {{"QueueName", parts[name]}});
  if (auto there = reader->call(ask, context); !there) return {};  // Lambda says itself that there is none
  auto made = options_.cloud->call_as({.account = parts[account]},
                                      call_to("sqs", "CreateQueue", parts[account], parts[region],
                                              {{"QueueName", parts[name]}}), context);
  return made ? Result<>() : fail(made.error());
}

// What the resources of a template name as the calls would that make them.
Result<> AwsDesk::lend_to_template(const aws::Call& call, const Context& context) {
  auto whole = cloudformation::parse_template(json::text(call.input, "TemplateBody"));
  if (!whole) return {};  // CloudFormation says itself what is wrong
  std::map<std::string, std::string> said;
  for (const auto& one : json::items(json::at(call.input, "Parameters")))
    if (const auto& value = json::at(one, "ParameterValue"); !value.is_null())
      said[json::text(one, "ParameterKey", "")] = json::scalar_text(value);
  auto given = cloudformation::parameter_values(*whole, said);
  if (!given) return {};
  given->values.merge(cloudformation::pseudo_parameters({.account = call.account, .region = call.region}));
  auto unknown = [](const auto&...) -> Result<json::Value> { return fail(Errc::not_found, "not made yet"); };
  cloudformation::TemplateFunctions functions(*whole, given->values,
                                              {.ref = unknown, .attribute = unknown, .import = unknown});
  auto named = [&](const json::Value& resource, const char* property) {
    auto value = functions.value(json::at(json::at(resource, "Properties"), property));
    return value ? *value : json::Value();
  };
  for (const auto& [name, resource] : json::members(json::at(*whole, "Resources"))) {
    auto type = json::text(resource, "Type", "");
    auto asked = call;
    if (type == "AWS::Config::DeliveryChannel") {
      asked.input = {{"DeliveryChannel", json::Object{{"s3BucketName", named(resource, "S3BucketName")}}}};
      CHECK_OK(lend_bucket(asked, context));
    } else if (type == "AWS::Lambda::EventSourceMapping") {
      asked.input = {{"EventSourceArn", named(resource, "EventSourceArn")}};
      CHECK_OK(lend_queue(asked, context));
    }
  }
  return {};
}

// Roles are in the cloud that is worked on, which asks for them itself when they are used; here they are taken at
// their word, in a call or in a template.
Result<> AwsDesk::lend(const aws::Call& call, const Context& context) {
  if (call.operation == "PutDeliveryChannel") return lend_bucket(call, context);
  if (call.operation == "CreateEventSourceMapping") CHECK_OK(lend_queue(call, context));
  if (call.service == "cloudformation") CHECK_OK(lend_to_template(call, context));
  if (call.service != "lambda" && call.service != "cloudformation") return {};
  const auto text = json::print(call.input);
  constexpr std::string_view mark = ":role/";
  constexpr auto trust = R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                             "Principal": {"Service": "lambda.amazonaws.com"}}]})";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    auto end = text.find_first_not_of(role_letters, at + mark.size());
    auto path = text.substr(at + mark.size(), end - at - mark.size());
    auto name = path.substr(path.rfind('/') + 1);
    if (name.empty()) continue;
    json::Object role{{"RoleName", name}, {"AssumeRolePolicyDocument", trust}};
    if (name != path) role["Path"] = "/" + path.substr(0, path.size() - name.size());
    auto made = options_.cloud->call_as({.account = call.account},
                                        call_to("iam", "CreateRole", call.account, call.region, std::move(role)),
                                        context);
    if (!made && made.error().wire_code != "EntityAlreadyExists") return fail(made.error());
  }
  return {};
}

}  // namespace aright::server
