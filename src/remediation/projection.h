#pragma once
// What lists and pages show, kept ready beside the entries and written in their transaction. All of it can be rebuilt
// from the entries.

#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "remediation/finding.h"
#include "remediation/remediation.h"
#include "rules/control.h"

namespace aright::remediation {

inline constexpr std::size_t list_max = 1000;

// The members that every list of remediations shows; docs/reference/api.md has them.
json::Object summary(const State& state, const rules::Controls& controls);

Result<> store_finding(store::Transaction& tx, const Finding& finding, const State* remediation);
Result<> store_remediation(store::Transaction& tx, const State& state, const rules::Controls& controls,
                           Timestamp updated_at);
// `execution` in the shape of GetAutomationExecution; parent is the remediation, or "".
Result<> store_execution(store::Transaction& tx, const ExecutionId& id, const std::string& parent,
                         const std::string& document, const std::string& status, Timestamp started, Timestamp ended);

struct ListFilter {
  std::string status, parent;  // empty: any
};
Result<std::vector<json::Value>> list_findings(const ledger::Ledger& ledger, const ListFilter& filter);
Result<std::vector<json::Value>> list_remediations(const ledger::Ledger& ledger, const ListFilter& filter);
Result<std::vector<json::Value>> list_executions(const ledger::Ledger& ledger, const ListFilter& filter);

}  // namespace aright::remediation
