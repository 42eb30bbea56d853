// Systems Manager's documents: those that were put, those of the policy's file, and the runbooks that aright carries
// under the names of those whose they are. And OpsItems, with the filters that people ask for them by.

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "json/yaml.h"
#include "remediation/catalog_runbooks.h"
#include "server/aws_desk.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr const char *amazon = "Amazon", *ours = "aright";
constexpr const char* only_version = "1";
constexpr std::size_t pages_max = 1'000;  // of what is kept

std::string owner_of(std::string_view name) { return name.starts_with("AWS") ? amazon : ours; }

std::string plain_name(std::string name) {
  if (auto at = name.find(":document/"); at != std::string::npos) name = name.substr(at + 10);
  return name;
}

json::Value parsed(const std::string& text) {
  auto value = json::parse_yaml(text);
  return value ? value->value : json::Value();
}

json::Object identifier(const std::string& name, const std::string& owner, const std::string& text) {
  auto schema = json::text(parsed(text), "schemaVersion", "0.3");
  return {{"Name", name},
          {"Owner", owner},
          {"PlatformTypes", json::Array{"Windows", "Linux", "MacOS"}},
          {"DocumentVersion", only_version},
          {"DocumentType", "Automation"},
          {"SchemaVersion", schema},
          {"DocumentFormat", "YAML"},
          {"Tags", json::Array()}};
}

json::Object description(const std::string& name, const std::string& owner, const std::string& text) {
  auto out = identifier(name, owner, text);
  auto body = parsed(text);
  out.erase("Tags");
  out["Hash"] = to_hex(sha256(text));
  out["HashType"] = "Sha256";
  out["Status"] = "Active";
  out["Description"] = json::text(body, "description", "");
  out["DefaultVersion"] = only_version;
  out["LatestVersion"] = only_version;
  json::Array parameters;
  for (const auto& [parameter, about] : json::members(json::at(body, "parameters"))) {
    json::Object one{{"Name", parameter},
                     {"Type", json::text(about, "type", "") == "StringList" ? "StringList" : "String"},
                     {"Description", json::text(about, "description", "")}};
    if (const auto& value = json::at(about, "default"); !value.is_null())
      one["DefaultValue"] = value.is_string() ? json::text(value) : json::print(value);
    parameters.push_back(std::move(one));
  }
  out["Parameters"] = std::move(parameters);
  return out;
}

// What one filter of ListDocuments wants. Owner says whose: one's own, Amazon's, or others'.
Result<bool> is_meant(const json::Value& document, const std::string& key, const std::vector<std::string>& values,
                      const std::string& account) {
  auto any = [&](auto fits) { return std::ranges::any_of(values, fits); };
  auto equals = [&](const char* member) {
    return any([&](const std::string& value) { return json::text(document, member, "") == value; });
  };
  if (key == "Owner") {
    auto owner = json::text(document, "Owner", "");
    return any([&](const std::string& value) {
      if (value == "Self" || value == "Private") return owner == account;
      if (value == "Public") return owner != account;
      return value == "All" || owner == value;
    });
  }
  if (key == "Name" || key == "SearchKeyword") {
    auto name = json::text(document, "Name", "");
    return any([&](const std::string& value) {
      return key == "Name" ? name.starts_with(value) : lower(name).find(lower(value)) != std::string::npos;
    });
  }
  if (key == "PlatformTypes") {
    auto platforms = json::texts(json::at(document, "PlatformTypes"));
    return any([&](const auto& value) { return std::ranges::find(platforms, value) != platforms.end(); });
  }
  if (key == "DocumentType" || key == "TargetType") return equals(key.c_str());
  if (!key.starts_with("tag:")) return refuse("InvalidFilterKey", "The specified filter key is not valid: " + key);
  return std::ranges::any_of(json::items(json::at(document, "Tags")), [&](const auto& tag) {
    return json::text(tag, "Key", "") == key.substr(4) &&
           any([&](const auto& value) { return json::text(tag, "Value", "") == value; });
  });
}

Result<bool> is_meant(const json::Value& document, const AwsTurn& turn) {
  for (const auto& filter : json::items(turn.member("Filters"))) {
    auto key = json::text(filter, "Key", "");
    if (!TRY(is_meant(document, key, json::texts(json::at(filter, "Values")), turn.signer.account))) return false;
  }
  for (const auto& filter : json::items(turn.member("DocumentFilterList"))) {
    auto key = json::text(filter, "key", "");
    if (!TRY(is_meant(document, key, {json::text(filter, "value", "")}, turn.signer.account))) return false;
  }
  return true;
}

AwsAnswer own_document(const AwsTurn& turn, const std::string& name, const std::string& owner,
                       const std::string& text) {
  auto version = turn.text("DocumentVersion");
  if (!turn.text("VersionName").empty())
    return refuse("InvalidDocumentVersion", "The document version is not valid or does not exist.");  // none is named
  constexpr std::array known{"", only_version, "$DEFAULT", "$LATEST"};
  if (std::ranges::find(known, version) == known.end())
    return refuse("InvalidDocumentVersion", "The document version is not valid or does not exist.");
  if (turn.call.operation == "DescribeDocument") return json::Object{{"Document", description(name, owner, text)}};
  auto told = identifier(name, owner, text);
  for (const auto* member : {"Owner", "PlatformTypes", "Tags", "SchemaVersion"}) told.erase(member);
  if (turn.call.operation == "ListDocumentVersions") {
    told["IsDefaultVersion"] = true;
    told["Status"] = "Active";
    told.erase("DocumentType");
    return json::Object{{"DocumentVersions", json::Array{std::move(told)}}};
  }
  bool yaml = turn.text("DocumentFormat") == "YAML";
  told["DocumentFormat"] = yaml ? "YAML" : "JSON";
  told["Content"] = yaml ? text : json::print(parsed(text));
  told["Status"] = "Active";
  return told;
}

bool is_after(const std::string& left, const std::string& right) {
  auto a = parse_timestamp(left), b = parse_timestamp(right);
  return a && b && *b < *a;
}

bool has_data(const json::Value& item, const std::string& key, const std::string& value) {
  for (const auto& [name, data] : json::members(json::at(item, "OperationalData")))
    if ((key.empty() || name == key) && (value.empty() || json::text(data, "Value", "") == value)) return true;
  return false;
}

struct ItemFilter {
  std::string_view key;
  std::string_view operators;  // Equal, Contains, GreaterThan, LessThan by their first letters
  const char* member = nullptr;  // of the item; null: its data
};
constexpr std::array item_filters{
    ItemFilter{"Status", "E", "Status"},       ItemFilter{"CreatedBy", "EC", "CreatedBy"},
    ItemFilter{"Source", "EC", "Source"},      ItemFilter{"Priority", "E", "Priority"},
    ItemFilter{"Title", "EC", "Title"},        ItemFilter{"OpsItemId", "E", "OpsItemId"},
    ItemFilter{"CreatedTime", "GL", "CreatedTime"}, ItemFilter{"LastModifiedTime", "GL", "LastModifiedTime"},
    ItemFilter{"Category", "E", "Category"},   ItemFilter{"Severity", "E", "Severity"},
    ItemFilter{"OpsItemType", "E", "OpsItemType"}, ItemFilter{"OperationalData", "E"},
    ItemFilter{"OperationalDataKey", "E"},     ItemFilter{"OperationalDataValue", "EC"},
    ItemFilter{"ResourceId", "C"}};

bool has_value(const json::Value& item, const ItemFilter& filter, const std::string& value, char how) {
  if (filter.key == "OperationalDataKey") return has_data(item, value, "");
  if (filter.key == "OperationalData") {
    auto pair = json::parse(value).value_or(json::Value());
    return has_data(item, json::text(pair, "key", ""), json::text(pair, "value", ""));
  }
  std::vector<std::string> texts;
  if (filter.member) texts.push_back(json::scalar_text(json::at(item, filter.member)));
  for (const auto& [name, data] : json::members(json::at(item, "OperationalData")))
    if (!filter.member && (filter.key != "ResourceId" || name == "/aws/resources"))
      texts.push_back(json::text(data, "Value", ""));
  return std::ranges::any_of(texts, [&](const std::string& text) {
    switch (how) {
      case 'C': return text.find(value) != std::string::npos;
      case 'G': return is_after(text, value);
      case 'L': return is_after(value, text);
      default: return text == value;
    }
  });
}

// Those of one filter are alternatives, and all filters must hold.
Result<bool> is_meant(const json::Value& item, const json::Value& filters) {
  for (const auto& one : json::items(filters)) {
    auto key = json::text(one, "Key", ""), by = json::text(one, "Operator", "Equal");
    auto filter = std::ranges::find(item_filters, key, &ItemFilter::key);
    if (filter == item_filters.end())
      return refuse("ValidationException", "aright has no filter of OpsItems by " + key);
    if (by.empty() || filter->operators.find(by[0]) == std::string_view::npos)
      return refuse("ValidationException", fmt::format("The operator {} is not valid for the filter {}", by, key));
    auto values = json::texts(json::at(one, "Values"));
    if (std::ranges::none_of(values, [&](const auto& value) { return has_value(item, *filter, value, by[0]); }))
      return false;
  }
  return true;
}

// All pages of a list that the cloud behind the desk keeps.
Result<json::Array> all_kept(sandbox::Cloud& cloud, const sandbox::Principal& who, aws::Call call, const char* list,
                             const Context& context) {
  json::Array out;
  call.input = {};
  for (std::size_t page = 0; page < pages_max; ++page) {
    auto answer = TRY(cloud.call_as(who, call, context));
    for (const auto& item : json::items(json::at(answer, list))) out.push_back(item);
    auto next = json::text(answer, "NextToken");
    if (next.empty()) break;
    call.input["NextToken"] = next;
  }
  return out;
}

}  // namespace

// What was put comes before what the file says, and that before what aright carries.
Result<json::Object> AwsDesk::documents(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                                        const Context& context) {
  const auto& engine = *options_.engine;
  const auto& of_file = engine.policy().runbooks;
  AwsTurn turn{*options_.engine, signer, call, context};
  if (call.operation != "ListDocuments") {
    auto kept = options_.cloud->call_as(who, call, context);
    if (kept || kept.error().wire_code != "InvalidDocument") return kept;
    auto name = plain_name(turn.text("Name"));
    auto runbook = engine.library().runbook(name);
    if (!runbook) return kept;
    return own_document(turn, name, of_file.contains(name) ? signer.account : owner_of(name), runbook->text);
  }
  auto all = TRY(all_kept(*options_.cloud, who, call, "DocumentIdentifiers", context));
  std::set<std::string> names;
  for (const auto& one : all) names.insert(json::text(one, "Name", ""));
  auto add = [&](const std::string& name, const std::string& owner) {
    auto runbook = engine.library().runbook(name);
    if (runbook && names.insert(name).second) all.push_back(identifier(name, owner, runbook->text));
  };
  for (const auto& [name, text] : of_file)
    if (name.find(':') == std::string::npos) add(name, signer.account);  // else a version of one
  for (const auto& name : remediation::catalog_runbooks()) add(name, owner_of(name));
  json::Array chosen;
  for (auto& one : all)
    if (TRY(is_meant(one, turn))) chosen.push_back(std::move(one));
  return page_of(turn, "DocumentIdentifiers", std::move(chosen), "MaxResults", "NextToken");
}

// An execution is told with the number of the version that runs: of the account's own documents the store says which.
aws::Call AwsDesk::with_version(const sandbox::Principal& who, const aws::Call& call, const Context& context) const {
  if (call.operation != "StartAutomationExecution") return call;
  auto version = json::text(call.input, "DocumentVersion", "$DEFAULT");
  if (!version.starts_with('$')) return call;
  aws::Call ask{.service = "ssm", .operation = "DescribeDocument", .region = call.region, .account = call.account,
                .input = {{"Name", json::text(call.input, "DocumentName", "")}}};
  auto document = options_.cloud->call_as(who, ask, context);
  if (!document && version == "$DEFAULT") return call;
  auto numbered = call;
  const auto* member = version == "$LATEST" ? "LatestVersion" : "DefaultVersion";
  numbered.input["DocumentVersion"] =
      document ? json::at(json::at(*document, "Document"), member) : json::Value(only_version);
  return numbered;
}

// What a document needs and has no value for must stand in the remediation.
Result<> AwsDesk::check_remediation(const aws::Call& call) const {
  for (const auto& one : json::items(json::at(call.input, "RemediationConfigurations"))) {
    auto runbook = options_.engine->library().runbook(plain_name(json::text(one, "TargetId", "")));
    if (!runbook) continue;  // the policy says so
    for (const auto& parameter : runbook->document->parameters())
      if (!parameter.otherwise && json::at(json::at(one, "Parameters"), parameter.name).is_null())
        return refuse("InvalidParameterValueException",
                      fmt::format("There were invalid RemediationParameterValues for configurations for AWS Config "
                                  "Rules: {} needs the parameter {}", json::text(one, "TargetId", ""),
                                  parameter.name));
  }
  return {};
}

Result<json::Object> AwsDesk::ops_items(const sandbox::Principal& who, const aws::Call& call, const Context& context) {
  CHECK_OK(show_ops_items(who.account, call.region, context));
  Signer signer{.account = who.account, .arn = who.arn};
  json::Array chosen;
  for (auto& one : TRY(all_kept(*options_.cloud, who, call, "OpsItemSummaries", context)))
    if (TRY(is_meant(one, json::at(call.input, "OpsItemFilters")))) chosen.push_back(std::move(one));
  return page_of({*options_.engine, signer, call, context}, "OpsItemSummaries", std::move(chosen), "MaxResults",
                 "NextToken");
}

// An item about resources is a signal: they are judged now, and what is not compliant is a finding.
Result<> AwsDesk::look_at_resources(const Signer& signer, const aws::Call& call, const json::Object& made) {
  auto data = json::at(json::at(json::at(call.input, "OperationalData"), "/aws/resources"), "Value");
  auto about = json::parse(json::text(data)).value_or(json::Array());
  json::Array arns;
  for (const auto& one : json::items(about))
    if (auto arn = json::text(one, "arn", ""); !arn.empty()) arns.push_back(json::Value(arn));
  if (arns.empty()) return {};
  json::Object detail{{"ops-item-id", json::at(made, "OpsItemId")}, {"title", json::at(call.input, "Title")},
                      {"source", json::at(call.input, "Source")}, {"status", "Open"}};
  TRY(take_in({*options_.engine, signer, call, {}}, {{"Source", "aws.ssm"},
                                                     {"DetailType", "OpsItem Create"},
                                                     {"Detail", json::print(detail)},
                                                     {"Resources", std::move(arns)}}));
  return {};
}

}  // namespace aright::server
