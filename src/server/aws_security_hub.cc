// Security Hub: findings that tools import are signals; what they say is kept beside.

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "model/constraints.h"
#include "sandbox/securityhub.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr std::string_view schema_version = "2018-10-08";
constexpr std::size_t title_max = 256, description_max = 1024, resources_max = 32, account_digits = 12;
constexpr double normalized_max = 100;
constexpr std::int64_t share_max = 100;  // of confidence and criticality

// findings.1.member.workflow.status, as the format calls it: data.Workflow.Status
std::string place_in_finding(std::string_view where) {
  std::string out = "data";
  auto steps = split(where, '.');
  constexpr std::size_t before_finding = 3;
  for (std::size_t i = before_finding; i < steps.size(); ++i) {
    if (steps[i] == "member") continue;
    bool number = steps[i].find_first_not_of("0123456789") == std::string::npos;
    if (number) {
      out += fmt::format("[{}]", std::stoul(steps[i]) - 1);
    } else {
      steps[i][0] = static_cast<char>(std::toupper(static_cast<unsigned char>(steps[i][0])));
      out += "." + steps[i];
    }
  }
  return out;
}

// Enumerations, patterns and lengths, in the format's own words.
void check_model(const json::Value& finding, std::vector<std::string>& faults) {
  constexpr std::string_view values = "Member must satisfy enum value set";
  constexpr std::string_view pattern = "Member must satisfy regular expression pattern: ";
  for (const auto& one : model::breaches("securityhub", "BatchImportFindings", {{"Findings", json::Array{finding}}})) {
    auto place = place_in_finding(one.where);
    if (one.demand.find(values) != std::string::npos)
      faults.push_back(place + " should be equal to one of the allowed values");
    else if (auto at = one.demand.find(pattern); at != std::string::npos)
      faults.push_back(fmt::format("{} should match pattern \"{}\"", place, one.demand.substr(at + pattern.size())));
    else
      faults.push_back(fmt::format("{}: {}", place, one.demand));
  }
}

// Label, or Normalized from 0 to 100, as the product measured it or as its provider fields say.
void check_imported_severity(const json::Value& severity, std::string_view at, std::vector<std::string>& faults) {
  const auto &label = json::at(severity, "Label"), &normalized = json::at(severity, "Normalized");
  bool fits = normalized.is_number() && normalized.to_number<double>() >= 0 &&
              normalized.to_number<double>() <= normalized_max;
  if (!normalized.is_null() && !fits) faults.push_back(fmt::format("data{}.Normalized should be from 0 to 100", at));
  if (label.is_null() && normalized.is_null())
    faults.push_back(fmt::format("data{} should have a Label or be Normalized", at));
}

void check_resources(const json::Value& resources, std::vector<std::string>& faults) {
  const auto& all = json::items(resources);
  if (all.empty() || all.size() > resources_max)
    faults.push_back(fmt::format("data.Resources should have between 1 and {} items", resources_max));
  for (const auto& one : all)
    for (const char* member : {"Type", "Id"})
      if (json::text(one, member, "").empty())
        faults.push_back(fmt::format("data.Resources should have required property '{}'", member));
}

bool is_account(const std::string& text) {
  return text.size() == account_digits && text.find_first_not_of("0123456789") == std::string::npos;
}

// Products are of this Region.
void check_product(const AwsTurn& turn, const json::Value& finding, std::vector<std::string>& faults) {
  constexpr std::size_t parts_of_arn = 6, region = 3;
  auto product = json::text(finding, "ProductArn", "");
  auto parts = split(product, ':');
  bool read = parts.size() >= parts_of_arn && parts[0] == "arn" && parts[2] == "securityhub" &&
              parts[parts_of_arn - 1].starts_with("product/");
  if (!product.empty() && (!read || parts[region] != turn.call.region))
    faults.push_back(fmt::format("data.ProductArn should be the ARN of a product in {}", turn.call.region));
}

// What Amazon's finding format asks for; "" when the finding keeps to it.
std::string faults_of(const AwsTurn& turn, const json::Value& finding) {
  std::vector<std::string> faults;
  for (const char* member : {"Id", "ProductArn", "GeneratorId", "Title", "Description"})
    if (json::text(finding, member, "").empty())
      faults.push_back(fmt::format("data should have required property '{}'", member));
  if (json::text(finding, "SchemaVersion", "") != schema_version)
    faults.push_back(fmt::format("data.SchemaVersion should be {}", schema_version));
  if (!is_account(json::text(finding, "AwsAccountId", "")))
    faults.push_back("data.AwsAccountId should match pattern \"^[0-9]{12}$\"");
  for (const char* member : {"CreatedAt", "UpdatedAt"})
    if (!parse_timestamp(json::text(finding, member, "")))
      faults.push_back(fmt::format("data.{} should match format \"date-time\"", member));
  if (json::text(finding, "Title", "").size() > title_max) faults.push_back("data.Title is too long");
  if (json::text(finding, "Description", "").size() > description_max) faults.push_back("data.Description is too long");
  const auto& provided = json::at(finding, {"FindingProviderFields", "Severity"});
  const auto& severity = json::at(finding, "Severity");
  if (!provided.is_null()) check_imported_severity(provided, ".FindingProviderFields.Severity", faults);
  if (!severity.is_null() || provided.is_null()) check_imported_severity(severity, ".Severity", faults);
  check_resources(json::at(finding, "Resources"), faults);
  for (const char* member : {"Confidence", "Criticality"})
    if (auto value = json::integer(json::at(finding, member), 0); value < 0 || value > share_max)
      faults.push_back(fmt::format("data.{} should be from 0 to {}", member, share_max));
  check_product(turn, finding, faults);
  check_model(finding, faults);
  if (faults.empty()) return "";
  return fmt::format("Finding does not adhere to Amazon Finding Format. {}.", fmt::join(faults, ", "));
}

// arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default: whose product it is.
// One's own findings are of the default product of one's account.
bool is_of_another(const std::string& product, const std::string& account) {
  constexpr std::size_t account_part = 4, product_part = 5;
  auto parts = split(product, ':');
  if (parts.size() <= product_part || !parts[product_part].starts_with("product/")) return false;  // it is no ARN
  return parts[account_part] != account || parts[product_part] != fmt::format("product/{}/default", account);
}

// Neither the caller's own account, nor one that aright works on.
bool is_foreign(const AwsTurn& turn, const std::string& account) {
  if (account == turn.signer.account || !is_account(account)) return false;
  return turn.engine.policy().target_for(account) == nullptr;
}

std::unexpected<Error> denied_import(const AwsTurn& turn, const std::string& product) {
  return refuse("AccessDeniedException",
                fmt::format("User: {} is not authorized to perform: securityhub:BatchImportFindings on resource: {}",
                            turn.signer.arn, product), 403);
}

// Each finding becomes the event that Security Hub would send about it.
AwsAnswer batch_import_findings(const AwsTurn& turn) {
  constexpr std::size_t findings_max = 100;
  const auto& findings = json::items(turn.member("Findings"));
  if (findings.empty() || findings.size() > findings_max)
    return refuse("InvalidInputException",
                  fmt::format("Invalid parameter 'Findings'. data.Findings should NOT have {} items",
                              findings.empty() ? "fewer than 1" : "more than 100"));
  for (const auto& finding : findings)
    if (auto product = json::text(finding, "ProductArn", ""); is_of_another(product, turn.signer.account))
      return denied_import(turn, product);
  for (const auto& finding : findings)
    if (is_foreign(turn, json::text(finding, "AwsAccountId", "")))
      return denied_import(turn, json::text(finding, "ProductArn", ""));
  json::Array failed;
  std::int64_t good = 0;
  for (const auto& finding : findings) {
    auto named = json::members(finding);
    sandbox::name_product(named);
    json::Object detail{{"findings", json::Array{std::move(named)}}};
    json::Object entry{{"Source", "aws.securityhub"},
                       {"DetailType", "Security Hub Findings - Imported"},
                       {"Detail", json::print(detail)},
                       {"Resources", json::Array{json::at(finding, "Id")}}};
    auto why_not = faults_of(turn, finding);
    if (why_not.empty())
      if (auto taken = take_in(turn, entry); !taken) why_not = taken.error().message;
    if (why_not.empty()) {
      ++good;
      continue;
    }
    failed.push_back(json::Object{{"Id", json::text(finding, "Id", "")}, {"ErrorCode", "InvalidInput"},
                                  {"ErrorMessage", std::move(why_not)}});
  }
  return json::Object{{"FailedCount", static_cast<std::int64_t>(failed.size())}, {"SuccessCount", good},
                      {"FailedFindings", std::move(failed)}};
}

constexpr std::array security_hub_operations{OwnOperation{"securityhub", "BatchImportFindings", batch_import_findings}};

}  // namespace

std::span<const OwnOperation> own_security_hub() { return security_hub_operations; }

}  // namespace aright::server
