#pragma once
// The shapes that the REST API answers with; docs/reference/api.md shows them. Reads only.

#include "json/value.h"
#include "remediation/engine.h"

namespace aright::server {

struct Surroundings;

json::Object entry_view(const ledger::Entry& entry);
json::Object plan_view(const remediation::Plan& plan);
// What the verifier says, of the entries and of what stands beside them:
// {"ok", "entries", "head", "fault", "differences"}.
Result<json::Object> verdict_view(const ledger::Ledger& ledger, const rules::Controls& controls);
// {"checkpoint", "key", "size", "root"}: all of the ledger, signed.
Result<json::Value> checkpoint_view(const Surroundings& surroundings);
// Proofs (ledger/notary.h) of entries by position, and of all entries of streams; those of a remediation include its
// executions'. `of` has them with commas between.
Result<json::Value> proofs_view(const ledger::Ledger& ledger, const Surroundings& surroundings, std::string_view of);
Result<json::Value> overview_view(remediation::Engine& engine, const Surroundings& surroundings);
Result<json::Value> finding_view(remediation::Engine& engine, const FindingId& id);
Result<json::Value> remediation_view(remediation::Engine& engine, const RemediationId& id);
Result<json::Value> controls_view(remediation::Engine& engine);
// One of them, with the names of its tests.
Result<json::Value> control_view(remediation::Engine& engine, const Surroundings& surroundings, const std::string& id);
// What the policy in force says of everything that has no page of its own; nothing secret.
json::Object policy_view(const remediation::Policy& policy);
// What each control that has started a fix has earned, and by which figures.
Result<json::Value> autonomy_view(remediation::Engine& engine);
// The exceptions that hold, of findings and of the policy.
Result<json::Value> exceptions_view(remediation::Engine& engine);
// The policy's channels, without what lets one write to them.
Result<json::Value> channels_view(const remediation::Engine& engine);
// The policy's Config rules, those of a pack ("" for all), with the compliance that GetComplianceSummary would tell.
Result<json::Value> config_rules_view(remediation::Engine& engine, std::string_view pack);
Result<json::Value> why_view(remediation::Engine& engine, const FindingId& id);
// {"document", "steps", "svg"}: the flow of the document that an execution runs, by its steps and as a picture.
Result<json::Value> flow_view(remediation::Engine& engine, const ExecutionId& id);
// What waits for a person: plans to approve, and steps of runbooks that ask.
Result<json::Array> waiting(remediation::Engine& engine);
// Executions under way.
Result<json::Array> in_flight(remediation::Engine& engine);

}  // namespace aright::server
