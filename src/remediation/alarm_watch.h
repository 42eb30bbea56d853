#pragma once
// The alarms of CloudWatch that StartAutomationExecution was given for an execution.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "aws/call.h"
#include "runbook/machine.h"

namespace aright::remediation {

inline constexpr milliseconds alarm_pause{30'000};  // between looks at the alarms of an execution

// The alarms that an execution was given: one that goes off, or that cannot be read, stops it.
class AlarmWatch {
 public:
  AlarmWatch(const runbook::Start& start, std::unique_ptr<aws::Caller> reader)
      : start_(start), given_(json::at(start.about, "AlarmConfiguration")), reader_(std::move(reader)) {}

  // When to look again, at the latest.
  Timestamp at_most(Timestamp due) const { return given_.is_null() ? due : std::min(due, next_); }

  std::optional<runbook::StopRequested> look(Timestamp now, runbook::Status status, const Context& context) {
    const bool runs = !runbook::ended(status) && status != runbook::Status::cancelling;
    if (given_.is_null() || now < next_ || !runs) return std::nullopt;
    next_ = now + alarm_pause;
    auto states = states_of_alarms(context);
    const bool forgiving = json::truth(json::at(given_, "IgnorePollAlarmFailure"));
    for (const auto& alarm : json::items(json::at(given_, "Alarms"))) {
      auto name = json::text(alarm, "Name", "");
      auto state = states.contains(name) ? states[name] : forgiving ? "" : "UNKNOWN";
      if (state != "ALARM" && state != "UNKNOWN") continue;
      auto arn = fmt::format("arn:{}:cloudwatch:{}:{}:alarm:{}", start_.partition, start_.region, start_.account, name);
      return runbook::StopRequested{.principal = std::move(arn), .reason = state};
    }
    return std::nullopt;
  }

 private:
  std::map<std::string, std::string> states_of_alarms(const Context& context) {
    json::Array names;
    for (const auto& alarm : json::items(json::at(given_, "Alarms"))) names.push_back(json::at(alarm, "Name"));
    aws::Call ask{.service = "cloudwatch", .operation = "DescribeAlarms", .region = start_.region,
                  .account = start_.account,
                  .input = {{"AlarmNames", std::move(names)},
                            {"AlarmTypes", json::Array{"MetricAlarm", "CompositeAlarm"}}}};
    std::map<std::string, std::string> out;
    auto answer = reader_->call(ask, context);
    if (!answer) return out;
    for (const char* list : {"MetricAlarms", "CompositeAlarms"})
      for (const auto& alarm : json::items(json::at(*answer, list)))
        out[json::text(alarm, "AlarmName", "")] = json::text(alarm, "StateValue", "");
    return out;
  }

  const runbook::Start& start_;
  const json::Value given_;
  std::unique_ptr<aws::Caller> reader_;
  Timestamp next_;
};

}  // namespace aright::remediation
