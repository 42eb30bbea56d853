// SARIF 2.1.0: one run, one result for each failed clause.

#include <fmt/format.h>

#include <algorithm>

#include "guard/formats.h"
#include "guard/unicode.h"

namespace aright::guard {

namespace {

constexpr std::string_view schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// Relative to whatever the reader calls the root.
std::string uri(std::string_view path) {
  while (path.starts_with('/') || path.starts_with("./"))
    path.remove_prefix(1);
  return std::string(path);
}

json::Object sarif_location(const FileReport& report, const Failure& failure) {
  auto place = failure.place();
  json::Object region{{"startLine", std::max(place.line, 1U)},
                      {"startColumn", std::max(place.column, 1U)}};
  return {{"physicalLocation",
           json::Object{{"artifactLocation", json::Object{{"uri", uri(report.data)}}},
                        {"region", std::move(region)}}}};
}

// Rule names are in capitals; that of loose clauses is the file's.
std::string rule_id(const std::string& name) {
  auto file_end = name.find(".guard/");
  return to_upper(file_end == std::string::npos ? name : name.substr(0, file_end));
}

json::Object result(const FileReport& report, const std::string& rule, const Failure& failure) {
  auto text = failure.message.empty() ? failure.reason : failure.reason + ". " + failure.message;
  return {{"ruleId", rule_id(rule)},
          {"level", "error"},
          {"message", json::Object{{"text", std::move(text)}}},
          {"locations", json::Array{sarif_location(report, failure)}}};
}

}  // namespace

json::Value sarif(const std::vector<FileReport>& reports, const std::string& version) {
  json::Array artifacts, results;
  for (const auto& report : reports) {
    auto before = results.size();
    for (const auto* judgement : report.judgements)
      for (const auto& rule : judgement->report.rules)
        for (const auto* failure : leaves(rule.failures))
          results.push_back(result(report, rule.name, *failure));
    if (results.size() != before && !report.data.empty()) {
      artifacts.push_back(json::Object{{"location", json::Object{{"uri", uri(report.data)}}}});
    }
  }
  json::Object driver{{"name", "aright"},
                      {"semanticVersion", version},
                      {"fullName", "aright " + version},
                      {"shortDescription",
                       json::Object{{"text", "Judges documents by CloudFormation Guard rules."}}}};
  json::Object run{{"tool", json::Object{{"driver", std::move(driver)}}},
                   {"artifacts", std::move(artifacts)},
                   {"results", std::move(results)}};
  return json::Object{
      {"$schema", schema}, {"version", "2.1.0"}, {"runs", json::Array{std::move(run)}}};
}

}  // namespace aright::guard
