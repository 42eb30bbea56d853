// findings: as a list, by group, or in the formats of other tools.

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/terminal.h"
#include "net/url.h"
#include "remediation/exchange.h"

namespace aright::cli {

namespace {

void print_findings(const json::Array& findings) {
  if (findings.empty()) return print_line("No findings. `aright scan` looks for them.");
  Table table({"SEVERITY", "RESOURCE", "CONTROL", "STAGE", "FINDING"});
  for (const auto& item : findings) {
    auto severity = text_of(item, "severity");
    auto stage = text_of(item, "stage");
    table.row({{severity, tone_of_severity(severity)},
               {text_of(json::at(item, "resource"), "id"), Tone::strong},
               {text_of(item, "control")},
               {stage, tone_of_stage(stage)},
               {text_of(item, "id"), Tone::faint}});
  }
  table.print();
}

Result<> print_groups(const json::Array& findings, const std::string& word, bool as_json) {
  auto groups = TRY(remediation::grouped(findings, word));
  json::Array list;
  Table table({"FINDINGS", "GROUP"});
  for (const auto& group : groups) {
    list.push_back(json::Object{{"value", group.value}, {"findings", group.findings}});
    table.row({{std::to_string(group.findings)}, {group.value, Tone::strong}});
  }
  if (as_json)
    print_json(json::Object{{"group_by", word}, {"groups", std::move(list)}});
  else
    table.print();
  return {};
}

json::Array in_format(const json::Array& findings, const std::string& format) {
  const auto& controls = rules::Controls::embedded();
  json::Array out;
  for (const auto& finding : findings)
    out.push_back(format == "asff" ? remediation::asff(finding, controls)
                                   : remediation::ocsf(finding, controls, ARIGHT_VERSION));
  return out;
}

}  // namespace

int findings(const Settings& settings, const FindingFilter& filter) {
  auto body = [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    net::Query query;
    if (filter.status != "all") query.emplace_back("status", filter.status);
    if (!filter.control.empty()) query.emplace_back("control", filter.control);
    if (!filter.severity.empty()) query.emplace_back("severity", filter.severity);
    auto answer = TRY(desk->get("/findings?" + net::build_query(query)));
    const auto& list = json::items(json::at(answer, "findings"));
    if (!filter.group_by.empty())
      CHECK_OK(print_groups(list, filter.group_by, settings.json));
    else if (filter.format == "asff" || filter.format == "ocsf")
      print_json(in_format(list, filter.format));
    else if (settings.json)
      print_json(answer);
    else
      print_findings(list);
    return exit_ok;
  };
  return told(body(), settings.json);
}

}  // namespace aright::cli
