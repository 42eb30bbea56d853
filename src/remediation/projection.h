#pragma once
// What lists and pages show, kept ready beside the entries and written in their transaction. All of it can be rebuilt
// from the entries.

#include <string>
#include <vector>

#include "ledger/documents.h"
#include "ledger/ledger.h"
#include "remediation/brakes.h"
#include "remediation/finding.h"
#include "remediation/remediation.h"
#include "remediation/track.h"
#include "rules/control.h"

namespace aright::remediation {

inline constexpr std::size_t list_max = 1000;
inline constexpr int documents_version = 6;  // raised whenever other documents are made of the same entries

// The members that every list of remediations shows; docs/reference/api.md has them.
json::Object summary(const State& state, const rules::Controls& controls);

Result<> store_finding(store::Transaction& tx, const Finding& finding, const State* remediation);
Result<> store_remediation(store::Transaction& tx, const State& state, const rules::Controls& controls,
                           Timestamp updated_at);

// Since when another remediation than `but` is at the resource of this key: executes, verifies or takes back. Nothing:
// none is.
Result<std::optional<Timestamp>> at_work_since(const ledger::Ledger& ledger, const std::string& resource_key,
                                               const RemediationId& but);

struct ExecutionRow {
  ExecutionId id;
  std::string remediation, parent, document, status;  // parent: the execution that started it, or ""
  std::string target;  // whom its parent started it for, or ""
  Timestamp started;
  Timestamp ended = {};  // {}: it has not
};
Result<> store_execution(store::Transaction& tx, const ExecutionRow& row);
// By which UUID it is known outside, as AWS would name it; and which one goes by that name.
Result<> store_execution_name(store::Transaction& tx, const ExecutionId& id);
Result<std::optional<ExecutionId>> execution_named(const ledger::Ledger& ledger, std::string_view uuid);

// That an execution of a control's remediation started, for limits; and the latest `count` of those that count under a
// key of brakes.h, newest first.
Result<> store_start(store::Transaction& tx, const ExecutionId& id, const State& state, Timestamp at);
Result<std::vector<Timestamp>> latest_starts(store::Transaction& tx, const std::string& key, std::size_t count);

// How a control's fixes came out, for its breaker: what an entry of a remediation says of that, and the latest `count`,
// newest first.
Result<> store_outcome(store::Transaction& tx, const State& state, const ledger::Entry& entry);
Result<std::vector<Outcome>> latest_outcomes(store::Transaction& tx, const std::string& control, std::size_t count);

// The track record of a control's fix (track.h): what an entry of one of its remediations adds, and all of them.
// `before`: the remediation without the entry.
Result<> store_track(store::Transaction& tx, const State& before, const ledger::Entry& entry);
Result<> store_track(store::Transaction& tx, const Finding& before, const ledger::Entry& entry);
Result<std::optional<Track>> track_of(const ledger::Ledger& ledger, const std::string& control);
Result<std::vector<json::Value>> list_tracks(const ledger::Ledger& ledger);
ledger::Document track_document(const Track& track);

// Where the plan of this hash is on record.
Result<> store_plan(store::Transaction& tx, const Plan& plan);
Result<std::optional<PlanId>> plan_by_hash(const ledger::Ledger& ledger, std::string_view hash);

// What the latest scan of each control said, from a scan's entry: {"control", "at", "COMPLIANT", "NON_COMPLIANT", …}.
Result<> store_scan(store::Transaction& tx, const ledger::Entry& scanned);
Result<std::vector<json::Value>> list_scanned(const ledger::Ledger& ledger);
// How many resources a control judged, from what one scan counted of it: {"COMPLIANT": n, …}.
std::int64_t judged_in(const json::Value& counts);
// The same of its latest scan; nothing when it never was scanned.
Result<std::optional<std::int64_t>> count_judged(store::Transaction& tx, const std::string& control);
// The controls of all findings, open or not.
Result<std::vector<std::string>> controls_of_findings(const ledger::Ledger& ledger);
Result<std::int64_t> count_open_findings(const ledger::Ledger& ledger, const std::string& control);

// Whether what stands there was made by this version. One of its documents says by which it was.
Result<bool> documents_are_current(store::Transaction& tx);
ledger::Document version_document();

// The documents themselves, which refold.h makes again from the entries.
ledger::Document finding_document(const Finding& finding, json::Value stage);
ledger::Document remediation_document(const State& state, const rules::Controls& controls, Timestamp updated_at);
std::optional<ledger::Document> at_work_document(const State& state, Timestamp updated_at);
ledger::Document execution_document(const ExecutionRow& row);
ledger::Document execution_name_document(const ExecutionId& id);
std::vector<ledger::Document> start_documents(const ExecutionId& id, const State& state, Timestamp at);
std::optional<ledger::Document> outcome_document(const State& state, const ledger::Entry& entry);
ledger::Document plan_document(const Plan& plan);
std::vector<ledger::Document> scan_documents(const ledger::Entry& scanned);

struct ListFilter {
  std::string status, parent;  // empty: any
};
Result<std::vector<json::Value>> list_findings(const ledger::Ledger& ledger, const ListFilter& filter);
Result<std::vector<json::Value>> list_remediations(const ledger::Ledger& ledger, const ListFilter& filter);
// `parent`: a remediation, or the execution that started them where they are of no remediation.
Result<std::vector<json::Value>> list_executions(const ledger::Ledger& ledger, const ListFilter& filter);

// A log file that was read, by the source_read entry that says so.
inline constexpr std::string_view source_file_kind = "source_file";
ledger::Document source_file_document(const ledger::Entry& read);

}  // namespace aright::remediation
