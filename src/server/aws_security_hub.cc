// Security Hub: findings that tools import are signals; what they say is kept beside.

#include <array>
#include <cctype>

#include "server/aws_turn.h"

namespace aright::server {

namespace {

// Each finding becomes the event that Security Hub would send about it.
AwsAnswer batch_import_findings(const AwsTurn& turn) {
  constexpr std::size_t findings_max = 100;
  const auto& findings = json::items(turn.member("Findings"));
  if (findings.empty() || findings.size() > findings_max)
    return refuse("InvalidInputException", "BatchImportFindings takes 1 to 100 findings");
  json::Array failed;
  std::int64_t good = 0;
  for (const auto& finding : findings) {
    json::Object detail{{"findings", json::Array{finding}}};
    json::Object entry{{"Source", "aws.securityhub"},
                       {"DetailType", "Security Hub Findings - Imported"},
                       {"Detail", json::print(detail)},
                       {"Resources", json::Array{json::at(finding, "Id")}}};
    auto taken = take_in(turn, entry);
    if (taken) {
      ++good;
      continue;
    }
    failed.push_back(json::Object{{"Id", json::at(finding, "Id")}, {"ErrorCode", "InvalidInput"},
                                  {"ErrorMessage", taken.error().message}});
  }
  return json::Object{{"FailedCount", static_cast<std::int64_t>(failed.size())}, {"SuccessCount", good},
                      {"FailedFindings", std::move(failed)}};
}

std::string rating_of(std::string severity) {
  for (auto& letter : severity) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return severity;
}

// Security Hub's controls that aright judges as well: switched on where the policy enables one that is about the same.
AwsAnswer standards_controls(const AwsTurn& turn) {
  auto subscription = turn.text("StandardsSubscriptionArn");
  const auto& policy = turn.engine.policy();
  json::Array all;
  for (const auto& [id, control] : turn.engine.controls().all()) {
    auto known = control.references.find("Security Hub");
    if (known == control.references.end()) continue;
    auto arn = subscription;
    if (auto at = arn.find(":subscription/"); at != std::string::npos) arn.replace(at, 14, ":control/");
    bool enabled = policy.enabled(id, turn.signer.account) != nullptr;
    json::Array related;
    for (const auto& [standard, requirement] : control.references)
      if (standard != "Security Hub") related.push_back(json::Value(standard + " " + requirement));
    all.push_back(json::Object{{"StandardsControlArn", arn + "/" + known->second},
                               {"ControlStatus", enabled ? "ENABLED" : "DISABLED"},
                               {"ControlId", known->second},
                               {"Title", control.title},
                               {"Description", control.description},
                               {"SeverityRating", rating_of(control.severity)},
                               {"RelatedRequirements", std::move(related)}});
  }
  return page_of(turn, "Controls", std::move(all), "MaxResults", "NextToken");
}

constexpr std::array security_hub_operations{OwnOperation{"securityhub", "BatchImportFindings", batch_import_findings},
                           OwnOperation{"securityhub", "DescribeStandardsControls", standards_controls}};

}  // namespace

std::span<const OwnOperation> own_security_hub() { return security_hub_operations; }

}  // namespace aright::server
