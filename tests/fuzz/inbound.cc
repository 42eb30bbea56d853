// What queues and log files hold: envelopes, CloudTrail's log files, notices of S3, and messages of SNS around them.
// Events that come out are whole once completed, and automation rules write into findings no matter what they are.

#include <cstdint>
#include <string_view>

#include "bus/event.h"
#include "bus/inbound.h"
#include "bus/threat.h"

namespace {

using namespace aright;

const std::vector<bus::AutomationRule>& rules() {
  static const std::vector<bus::AutomationRule> read{bus::read_automation_rule(*json::parse(R"({
      "RuleName": "all", "RuleOrder": 1,
      "Criteria": {"SeverityLabel": [{"Comparison": "PREFIX_NOT_EQUALS", "Value": "LOW"}],
                   "ResourceTags": [{"Comparison": "NOT_EQUALS", "Key": "env", "Value": "test"}],
                   "CreatedAt": [{"DateRange": {"Value": 1, "Unit": "DAYS"}}], "Confidence": [{"Gte": 0}]},
      "Actions": [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Severity": {"Label": "LOW"}}}]})")).value()};
  return read;
}

void take(json::Object event) {
  auto whole = bus::complete(std::move(event), "111122223333", "us-east-1", Timestamp{});
  if (!whole) return;
  for (auto member : {"id", "source", "detail-type", "account", "time", "region", "detail"})
    if (json::at(*whole, member).is_null() && whole->find(member) == whole->end()) __builtin_trap();
  const auto findings = json::items(json::at(json::at(*whole, "detail"), "findings")).size();
  auto passed = bus::automated(*whole, rules(), Timestamp{});
  if (json::items(json::at(json::at(passed.event, "detail"), "findings")).size() != findings) __builtin_trap();
  for (const auto& mention : bus::mentions(passed.event, cloud::Catalog::embedded()))
    if (mention.resource.id.empty()) __builtin_trap();
  (void)bus::threats_of(passed.event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto inbound = bus::read_inbound(bytes)) {
    for (auto& event : inbound->events) take(std::move(event));
    for (const auto& file : inbound->files)
      if (!bus::is_log_file(file.key)) __builtin_trap();
  }
  if (auto events = bus::read_log_file(bytes))
    for (auto& event : *events) take(std::move(event));
  return 0;
}
