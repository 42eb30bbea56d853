#include "bus/event.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/id.h"
#include "base/text.h"
#include "cloud/classify.h"

namespace aright::bus {

namespace {

// What our own findings carry when they come back from where they were sent: they tell nothing that is not known.
constexpr std::string_view own_field = "aright/finding", own_name = "aright";
constexpr std::string_view hub_source = "aws.securityhub", config_source = "aws.config";
constexpr std::string_view account_type = "AWS::::Account";  // of rules about an account as a whole

std::unexpected<Error> refuse(const char* wire_code, std::string message) {
  return fail({.code = Errc::invalid, .message = std::move(message), .wire_code = wire_code});
}

constexpr std::string_view imported = "Security Hub Findings - Imported";

// CloudTrail writes request members with a small first letter, and S3's Bucket as bucketName.
json::Object as_sdk_input(const json::Object& parameters) {
  json::Object out;
  for (const auto& [key, value] : parameters) {
    std::string name(key);
    if (name == "bucketName") name = "Bucket";
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    out[name] = value;
  }
  return out;
}

// Some of S3's calls go by other names in the trail: DeleteBucketPublicAccessBlock.
std::string sdk_operation(std::string name) {
  constexpr std::string_view told = "BucketPublicAccessBlock", meant = "PublicAccessBlock";
  return replace_all(std::move(name), told, meant);
}

// The ids that a value holds of one type: texts that begin as its ids do, and its ARNs. How the trail writes lists
// differs from service to service, and what was created only the answer names.
void named_in(const json::Value& value, const cloud::ResourceRef& collection, const cloud::Catalog& catalog,
                std::vector<Mention>& out) {
  for (const auto& [name, member] : json::members(value)) named_in(member, collection, catalog, out);
  for (const auto& item : json::items(value)) named_in(item, collection, catalog, out);
  if (!value.is_string()) return;
  auto text = json::text(value);
  cloud::ResourceRef one = collection;
  auto prefix = catalog.type(collection.type)->id_prefix();
  if (auto ref = catalog.find_arn(text); ref && ref->type == collection.type) one.id = ref->id;
  else if (!prefix.empty() && !prefix.starts_with("arn:") && text.starts_with(prefix)) one.id = text;
  bool known = std::ranges::any_of(out, [&](const Mention& mention) { return mention.resource == one; });
  if (!one.id.empty() && !known) out.push_back({.resource = std::move(one)});
}

std::vector<Mention> of_cloudtrail(const json::Object& event, const cloud::Catalog& catalog) {
  const auto& detail = json::at(event, "detail");
  if (!json::at(detail, "errorCode").is_null()) return {};  // the call failed, so it changed nothing
  auto source = json::text(detail, "eventSource", "");
  auto service = model::Models::embedded().service(source.substr(0, source.find('.')));
  if (!service) return {};
  aws::Call call{.service = std::string(service->name()),
                 .operation = sdk_operation(json::text(detail, "eventName", "")),
                 .region = json::text(event, "region"),
                 .account = json::text(event, "account"),
                 .input = as_sdk_input(json::members(json::at(detail, "requestParameters")))};
  std::vector<Mention> out;
  const auto touches = cloud::classify(call, catalog).touches;
  for (const auto& touch : touches)
    if (!touch.resource.id.empty()) out.push_back({.resource = touch.resource});
  for (const auto& touch : touches)
    if (touch.resource.id.empty() && catalog.type(touch.resource.type))
      for (auto part : {"requestParameters", "responseElements"})
        named_in(json::at(detail, part), touch.resource, catalog, out);
  return out;
}

std::vector<Mention> of_config(const json::Object& event) {
  const auto& detail = json::at(event, "detail");
  Mention mention{.resource = {.account = json::text(event, "account"),
                               .region = json::text(event, "region"),
                               .type = json::text(detail, "resourceType", ""),
                               .id = json::text(detail, "resourceId", "")},
                  .config_rule = json::text(detail, "configRuleName", ""),
                  .compliance = json::text(json::at(detail, {"newEvaluationResult", "complianceType"}))};
  if (mention.resource.id.empty()) return {};
  mention.teller = Teller{.tool = std::string(config_source), .id = mention.config_rule, .product_arn = {},
                          .account = mention.resource.account, .region = mention.resource.region};
  return {std::move(mention)};
}

std::string security_control_of(const json::Value& finding) {
  auto id = json::text(json::at(finding, {"Compliance", "SecurityControlId"}));
  if (id.empty()) id = json::text(json::at(finding, {"ProductFields", "ControlId"}));
  return id;
}

std::vector<Mention> of_security_hub(const json::Object& event, const cloud::Catalog& catalog) {
  std::vector<Mention> out;
  for (const auto& finding : json::items(json::at(json::at(event, "detail"), "findings"))) {
    if (!json::at(finding, {"ProductFields", own_field}).is_null()) continue;  // our own, come back
    bool chosen = json::text(event, "detail-type") != imported;                // by a person, who means it
    if (!chosen && is_echo(finding)) continue;
    for (const auto& resource : json::items(json::at(finding, "Resources"))) {
      auto ref = catalog.find_arn(json::text(resource, "Id", ""));
      if (!ref) continue;
      if (ref->account.empty()) ref->account = json::text(finding, "AwsAccountId", "");
      if (ref->region.empty()) ref->region = json::text(resource, "Region", json::text(event, "region"));
      out.push_back({.resource = *ref,
                     .security_control = security_control_of(finding),
                     .compliance = json::text(json::at(finding, {"Compliance", "Status"})),
                     .title = json::text(finding, "Title", ""),
                     .finding_id = json::text(finding, "Id", ""),
                     .teller = teller_of(finding),
                     .suppressed = chosen ? "" : suppression_of(finding),
                     .severity = {}});
    }
  }
  return out;
}

// What Security Hub's second version sends: OCSF, of whichever class. Types are CloudFormation's, ids ARNs or names.
std::vector<Mention> of_ocsf(const json::Object& event, const cloud::Catalog& catalog) {
  std::vector<Mention> out;
  for (const auto& finding : json::items(json::at(json::at(event, "detail"), "findings"))) {
    if (json::text(json::at(finding, {"metadata", "product", "name"})) == own_name) continue;
    for (const auto& resource : json::items(json::at(finding, "resources"))) {
      auto uid = json::text(resource, "uid", "");
      auto ref = catalog.find_arn(uid).value_or(
          cloud::ResourceRef{.account = {}, .region = {}, .type = json::text(resource, "type", ""), .id = uid});
      if (ref.account.empty()) ref.account = json::text(json::at(finding, {"cloud", "account", "uid"}));
      if (ref.region.empty())
        ref.region = json::text(resource, "region", json::text(json::at(finding, {"cloud", "region"})));
      out.push_back({.resource = std::move(ref),
                     .security_control = json::text(json::at(finding, {"compliance", "control"})),
                     .compliance = json::text(json::at(finding, {"compliance", "status"})),
                     .title = json::text(json::at(finding, {"finding_info", "title"})),
                     .finding_id = json::text(json::at(finding, {"finding_info", "uid"}))});
    }
  }
  return out;
}

// Whose key it was. Root has none that could be taken away here, and a federated user none at all.
void name_principal(const json::Value& key, cloud::ResourceRef& out) {
  auto kind = json::text(key, "userType", "IAMUser");
  if (kind == "IAMUser") out.type = "AWS::IAM::User";
  if (kind == "AssumedRole" || kind == "Role") out.type = "AWS::IAM::Role";
  if (!out.type.empty()) out.id = json::text(key, "userName", "");
}

// Findings that CreateSampleFindings made speak of nothing that there is.
std::vector<Mention> of_guardduty(const json::Object& event) {
  const auto& detail = json::at(event, "detail");
  const auto& resource = json::at(detail, "resource");
  if (json::truth(json::at(detail, {"service", "additionalInfo", "sample"}))) return {};
  Mention mention{.resource = {.account = json::text(detail, "accountId", json::text(event, "account")),
                               .region = json::text(detail, "region", json::text(event, "region"))},
                  .title = json::text(detail, "type", ""),
                  .finding_id = json::text(detail, "id", "")};
  auto kind = json::text(resource, "resourceType", "");
  if (kind == "Instance") {
    mention.resource.type = "AWS::EC2::Instance";
    mention.resource.id = json::text(json::at(resource, {"instanceDetails", "instanceId"}));
  } else if (kind == "AccessKey") {
    name_principal(json::at(resource, "accessKeyDetails"), mention.resource);
  } else if (kind == "Lambda") {
    mention.resource.type = "AWS::Lambda::Function";
    mention.resource.id = json::text(json::at(resource, {"lambdaDetails", "functionName"}));
  } else if (kind == "S3Bucket") {
    std::vector<Mention> out;
    for (const auto& bucket : json::items(json::at(resource, "s3BucketDetails"))) {
      mention.resource.type = "AWS::S3::Bucket";
      mention.resource.id = json::text(bucket, "name", "");
      out.push_back(mention);
    }
    return out;
  }
  if (mention.resource.id.empty()) return {};
  return {std::move(mention)};
}

std::vector<Mention> of_arns(const json::Object& event, const cloud::Catalog& catalog) {
  std::vector<Mention> out;
  for (const auto& arn : json::texts(json::at(event, "resources"))) {
    auto ref = catalog.find_arn(arn);
    if (!ref) continue;
    if (ref->account.empty()) ref->account = json::text(event, "account");
    if (ref->region.empty()) ref->region = json::text(event, "region");
    out.push_back({.resource = *ref});
  }
  return out;
}

std::vector<Mention> told(const json::Object& event, const cloud::Catalog& catalog) {
  auto source = json::text(event, "source");
  auto type = json::text(event, "detail-type");
  if (type == "AWS API Call via CloudTrail") return of_cloudtrail(event, catalog);
  if (type == "Config Rules Compliance Change") return of_config(event);
  if (type == "Findings Imported V2") return of_ocsf(event, catalog);
  if (source == hub_source) return of_security_hub(event, catalog);
  if (source == "aws.guardduty") return of_guardduty(event);
  return of_arns(event, catalog);
}

constexpr std::array entry_members{"Source", "DetailType", "Detail"};

bool is_whole(const json::Value& entry) {
  return std::ranges::all_of(entry_members, [&](auto member) { return !json::text(entry, member, "").empty(); });
}

}  // namespace

Result<> check_entries(const json::Array& entries) {
  if (entries.empty() || std::ranges::any_of(entries, is_whole)) return {};
  return refuse("ValidationException", "None of the entries has a Source, a DetailType and a Detail.");
}

Result<> check_source(const json::Object& entry) {
  if (!json::text(entry, "Source").starts_with("aws.")) return {};
  return refuse("NotAuthorizedForSourceException", "Not authorized for the source.");
}

Result<json::Object> envelope(const json::Object& entry, std::string_view account, std::string_view region,
                              Timestamp now) {
  for (auto member : entry_members)
    if (json::text(entry, member, "").empty())
      return refuse("InvalidArgument",
                    fmt::format("Parameter {0} is not valid. Reason: {0} is a required argument.", member));
  if (json::text(entry, "DetailType").size() > detail_type_chars_max)
    return refuse("InvalidArgument", fmt::format("DetailType is longer than {}", detail_type_chars_max));
  auto detail = json::parse(json::text(entry, "Detail"));
  if (!detail || !detail->is_object()) return refuse("MalformedDetail", "Detail is malformed.");
  json::Object event{{"version", "0"},
                     {"id", uuid()},
                     {"detail-type", json::text(entry, "DetailType")},
                     {"source", json::text(entry, "Source")},
                     {"account", account},
                     {"time", json::text(entry, "Time", now.iso_seconds())},
                     {"region", region},
                     {"resources", json::items(json::at(entry, "Resources"))},
                     {"detail", std::move(*detail)}};
  return event;
}

Result<json::Object> complete(json::Object event, std::string_view account, std::string_view region, Timestamp now) {
  for (auto member : {"source", "detail-type"})
    if (json::text(event, member).empty()) return fail(Errc::invalid, "the event has no {}", member);
  if (!json::at(event, "detail").is_object()) return fail(Errc::invalid, "the event has no object as its detail");
  auto fill = [&](std::string_view member, json::Value value) {
    if (!event.contains(member)) event[member] = std::move(value);
  };
  fill("version", "0");
  fill("id", json::Value(uuid()));
  fill("account", json::Value(account));
  fill("region", json::Value(region));
  fill("time", json::Value(now.iso_seconds()));
  fill("resources", json::Array());
  return event;
}

json::Object to_json(const Teller& teller) {
  json::Object out{{"tool", teller.tool}, {"id", teller.id}, {"account", teller.account}, {"region", teller.region}};
  if (!teller.product_arn.empty()) out["product_arn"] = teller.product_arn;
  return out;
}

std::optional<Teller> teller_from_json(const json::Value& value) {
  if (json::text(value, "tool", "").empty()) return std::nullopt;
  return Teller{.tool = json::text(value, "tool", ""),
                .id = json::text(value, "id", ""),
                .product_arn = json::text(value, "product_arn", ""),
                .account = json::text(value, "account", ""),
                .region = json::text(value, "region", "")};
}

json::Object to_json(const Sighting& sighting) {
  return {{"id", sighting.id}, {"type", sighting.type}, {"title", sighting.title}};
}

Sighting sighting_from_json(const json::Value& value) {
  return {.id = json::text(value, "id", ""), .type = json::text(value, "type", ""),
          .title = json::text(value, "title", "")};
}

// The product's ARN says in which region the finding is, also where another region's Security Hub tells of it.
Teller teller_of(const json::Value& asff) {
  Teller teller{.tool = std::string(hub_source),
                .id = json::text(asff, "Id", ""),
                .product_arn = json::text(asff, "ProductArn", ""),
                .account = json::text(asff, "AwsAccountId", ""),
                .region = {}};
  auto parts = split(teller.product_arn, ':');
  teller.region = parts.size() > 3 ? parts[3] : json::text(asff, "Region", "");
  return teller;
}

bool is_echo(const json::Value& asff) {
  const auto& note = json::at(asff, "Note");
  if (json::text(note, "UpdatedBy", "") != note_author) return false;
  auto noted = parse_timestamp(json::text(note, "UpdatedAt", ""));
  auto told = parse_timestamp(json::text(asff, "UpdatedAt", ""));
  return noted && told && *noted >= *told;
}

std::string suppression_of(const json::Value& asff) {
  if (json::text(json::at(asff, {"Workflow", "Status"})) != "SUPPRESSED") return "";
  auto note = json::text(json::at(asff, {"Note", "Text"}));
  return "Security Hub has it as SUPPRESSED" + (note.empty() ? "" : ": " + note);
}

Automated automated(json::Object event, const std::vector<AutomationRule>& rules, Timestamp now) {
  Automated out;
  if (!rules.empty() && json::text(event, "detail-type") == imported) {
    json::Array findings;
    for (const auto& one : json::items(json::at(json::at(event, "detail"), "findings"))) {
      auto finding = json::members(one);
      auto held = automate(rules, finding, now);
      out.held.insert(out.held.end(), held.begin(), held.end());
      const auto& severity = json::at(finding, "Severity");
      if (severity != json::at(one, "Severity"))
        out.severities[json::text(one, "Id", "")] = lower(json::text(severity, "Label", ""));
      findings.push_back(std::move(finding));
    }
    if (auto* detail = event["detail"].if_object()) (*detail)["findings"] = std::move(findings);
  }
  out.event = std::move(event);
  return out;
}

std::vector<Mention> mentions(const json::Object& event, const cloud::Catalog& catalog) {
  auto out = told(event, catalog);
  std::erase_if(out, [&](const Mention& mention) {
    bool described = mention.resource.type == account_type || catalog.type(mention.resource.type);
    return mention.resource.id.empty() || !described;
  });
  return out;
}

}  // namespace aright::bus
