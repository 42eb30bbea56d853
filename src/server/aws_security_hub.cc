// Security Hub: findings that tools import are signals; what they say is kept beside.

#include <array>

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

constexpr std::array table{OwnOperation{"securityhub", "BatchImportFindings", batch_import_findings}};

}  // namespace

std::span<const OwnOperation> own_security_hub() { return table; }

}  // namespace aright::server
