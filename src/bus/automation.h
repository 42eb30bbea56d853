#pragma once
// Security Hub's automation rules: what a finding in ASFF must be like, and what is written into it then. Criteria,
// comparisons and limits are Security Hub's own (CreateAutomationRule). Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "json/value.h"

namespace aright::bus {

inline constexpr std::size_t automation_rules_max = 100;
inline constexpr int automation_order_max = 1'000;
inline constexpr std::size_t criterion_values_max = 100;  // of one criterion; most have 20

struct AutomationRule {
  std::string name;
  int order = 1;          // the lowest first
  bool terminal = false;  // no rule behind it is asked
  bool enabled = true;
  json::Object criteria;  // as CreateAutomationRule takes them
  json::Object update;    // FindingFieldsUpdate
};

// Fails with invalid, and with what is wrong.
Result<AutomationRule> read_automation_rule(const json::Value& said);

// Sorted by order; of two with one order the first stays first.
std::vector<AutomationRule> in_order(std::vector<AutomationRule> rules);

// Whether all criteria hold for a finding.
bool holds(const AutomationRule& rule, const json::Value& finding, Timestamp now);
// Writes into the finding what the rules say, which are in order. The names of those that held.
std::vector<std::string> automate(const std::vector<AutomationRule>& rules, json::Object& finding, Timestamp now);

// The names of all criteria, sorted.
std::vector<std::string> criterion_names();

}  // namespace aright::bus
