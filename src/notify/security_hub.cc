#include "notify/security_hub.h"

#include <algorithm>

#include "notify/channel.h"

namespace aright::notify {

namespace {

Result<json::Object> call(aws::Caller& cloud, const Place& place, const char* service, const char* operation,
                          json::Object input, const Context& context) {
  return cloud.call({.service = service,
                     .operation = operation,
                     .region = place.region,
                     .account = place.account,
                     .input = std::move(input)},
                    context.at_most(delivery_timeout));
}

// Which of Security Hub's codes may pass by themselves.
Error refusal(std::string code, std::string message) {
  bool passing = code == "ConcurrentUpdateError" || code == "InternalFailure" || code == "Throttling";
  bool unknown = code == "FindingNotFound";
  return {.code = passing ? Errc::throttled : unknown ? Errc::not_found : Errc::invalid,
          .message = fmt::format("{}: {}", code, message),
          .wire_code = std::move(code)};
}

json::Array listed(const std::vector<Identifier>& which) {
  json::Array out;
  for (const auto& one : which) out.push_back(json::Object{{"Id", one.id}, {"ProductArn", one.product_arn}});
  return out;
}

}  // namespace

Result<Refused> import_findings(aws::Caller& cloud, const Place& place, json::Array findings, const Context& context) {
  json::Object input{{"Findings", std::move(findings)}};
  auto answer = TRY(call(cloud, place, "securityhub", "BatchImportFindings", std::move(input), context));
  Refused out;
  for (const auto& one : json::items(json::at(answer, "FailedFindings")))
    out.emplace(json::text(one, "Id", ""),
                refusal(json::text(one, "ErrorCode", ""), json::text(one, "ErrorMessage", "")));
  return out;
}

Result<std::map<Identifier, json::Value>> get_findings(aws::Caller& cloud, const Place& place,
                                                       const std::vector<Identifier>& which, const Context& context) {
  std::map<Identifier, json::Value> out;
  for (std::size_t from = 0; from < which.size(); from += hub_search_max) {
    json::Array ids;
    for (auto i = from; i < std::min(from + hub_search_max, which.size()); ++i)
      ids.push_back(json::Object{{"Value", which[i].id}, {"Comparison", "EQUALS"}});
    json::Object input{{"Filters", json::Object{{"Id", std::move(ids)}}}, {"MaxResults", hub_batch_max}};
    auto answer = TRY(call(cloud, place, "securityhub", "GetFindings", std::move(input), context));
    for (const auto& finding : json::items(json::at(answer, "Findings")))
      out[{json::text(finding, "Id", ""), json::text(finding, "ProductArn", "")}] = finding;
  }
  return out;
}

Result<Refused> update_findings(aws::Caller& cloud, const Place& place, const std::vector<Identifier>& which,
                                const json::Object& values, const Context& context) {
  auto input = values;
  input["FindingIdentifiers"] = listed(which);
  auto answer = TRY(call(cloud, place, "securityhub", "BatchUpdateFindings", std::move(input), context));
  Refused out;
  for (const auto& one : json::items(json::at(answer, "UnprocessedFindings")))
    out.emplace(json::text(json::at(one, {"FindingIdentifier", "Id"})),
                refusal(json::text(one, "ErrorCode", ""), json::text(one, "ErrorMessage", "")));
  return out;
}

Result<> evaluate_again(aws::Caller& cloud, const Place& place, const std::vector<std::string>& rules,
                        const Context& context) {
  json::Object input{{"ConfigRuleNames", json::Array(rules.begin(), rules.end())}};
  CHECK_OK(call(cloud, place, "config", "StartConfigRulesEvaluation", std::move(input), context));
  return {};
}

}  // namespace aright::notify
