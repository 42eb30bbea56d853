#include "remediation/projection.h"

#include "ledger/documents.h"

namespace aright::remediation {

namespace {

namespace documents = ledger::documents;

constexpr std::string_view finding_kind = "finding";
constexpr std::string_view remediation_kind = "remediation";
constexpr std::string_view at_work_kind = "at_work";
constexpr std::string_view execution_kind = "execution";
constexpr std::string_view execution_name_kind = "execution_name";
constexpr std::string_view start_kind = "start";
constexpr std::string_view outcome_kind = "outcome";
constexpr std::string_view plan_kind = "plan";
constexpr std::string_view track_kind = "track";
constexpr std::string_view scanned_kind = "scanned";
constexpr std::string_view version_kind = "version";
constexpr std::string_view version_id = "documents";

Result<std::vector<json::Value>> list(const ledger::Ledger& ledger, std::string_view kind, const ListFilter& filter) {
  documents::Filter wanted{.limit = documents::list_max};
  if (!filter.status.empty()) wanted.status = filter.status;
  if (!filter.parent.empty()) wanted.parent = filter.parent;
  std::vector<json::Value> out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    do {
      auto page = TRY(documents::list(tx, kind, wanted));
      for (auto& document : page.documents) out.push_back(std::move(document.body));
      wanted.page_token = page.next_token;
    } while (!wanted.page_token.empty() && out.size() < list_max);
    return {};
  }));
  return out;
}

json::Value optional_time(Timestamp at) { return at.ms == 0 ? json::Value(nullptr) : json::Value(at.iso()); }

}  // namespace

json::Object summary(const State& state, const rules::Controls& controls) {
  const auto* control = controls.find(state.control);
  return {{"id", state.id.str()},
          {"finding", state.finding.str()},
          {"control", state.control},
          {"title", !state.title.empty() ? state.title : control ? control->title : state.control},
          {"severity", !state.severity.empty() ? state.severity : control ? control->severity : "medium"},
          {"resource", to_json(state.resource)},
          {"stage", name(state.stage)},
          {"decision", state.reasons.empty() ? json::Value(nullptr) : json::Value(name(state.decision))},
          {"action", to_json(state.action)},
          {"plan_hash", state.plan ? json::Value(state.plan->hash) : json::Value(nullptr)},
          {"requester", state.requester},
          {"opened_at", state.opened_at.iso()}};
}

ledger::Document finding_document(const Finding& finding, json::Value stage) {
  auto body = to_json(finding);
  body["stage"] = std::move(stage);
  return {.kind = std::string(finding_kind),
          .id = finding.id.str(),
          .body = std::move(body),
          .sort = finding.last_seen.iso(),
          .status = finding.open ? "open" : "resolved",
          .parent = finding.control};
}

ledger::Document remediation_document(const State& state, const rules::Controls& controls, Timestamp updated_at) {
  auto body = summary(state, controls);
  body["updated_at"] = updated_at.iso();
  return {.kind = std::string(remediation_kind),
          .id = state.id.str(),
          .body = std::move(body),
          .sort = state.id.str(),
          .status = std::string(name(state.stage)),
          .parent = state.finding.str()};
}

std::optional<ledger::Document> at_work_document(const State& state, Timestamp updated_at) {
  if (!is_at_work(state)) return std::nullopt;
  return ledger::Document{.kind = std::string(at_work_kind),
                          .id = state.id.str(),
                          .body = json::Object{{"since", updated_at.iso()}},
                          .sort = state.id.str(),
                          .status = "",
                          .parent = state.resource.key()};
}

ledger::Document execution_document(const ExecutionRow& row) {
  json::Object body{{"id", row.id.str()},
                    {"remediation", row.remediation},
                    {"parent", row.parent},
                    {"document", row.document},
                    {"target", row.target},
                    {"status", row.status},
                    {"started_at", row.started.iso()},
                    {"ended_at", optional_time(row.ended)}};
  return {.kind = std::string(execution_kind),
          .id = row.id.str(),
          .body = std::move(body),
          .sort = row.started.iso() + row.id.str(),
          .status = row.status,
          .parent = row.remediation.empty() ? row.parent : row.remediation};
}

ledger::Document execution_name_document(const ExecutionId& id) {
  return {.kind = std::string(execution_name_kind),
          .id = uuid_from(id.str()),
          .body = json::Object{{"execution", id.str()}},
          .sort = id.str(),
          .status = {},
          .parent = {}};
}

std::vector<ledger::Document> start_documents(const ExecutionId& id, const State& state, Timestamp at) {
  std::vector<ledger::Document> out;
  for (auto& key : count_keys(state.control, state.resource))
    out.push_back({.kind = std::string(start_kind),
                   .id = id.str() + "/" + key,
                   .body = json::Object{{"at", at.ms}},
                   .sort = at.iso() + id.str(),
                   .status = "",
                   .parent = key});
  return out;
}

std::optional<ledger::Document> outcome_document(const State& state, const ledger::Entry& entry) {
  auto outcome = outcome_of(entry, state.executions.size());
  if (!outcome) return std::nullopt;
  return ledger::Document{.kind = std::string(outcome_kind),
                          .id = fmt::format("{}/{}", entry.stream, entry.sequence),
                          .body = json::Object{{"at", outcome->at.ms}, {"good", outcome->good}},
                          // Within an instant the order is that of the ledger.
                          .sort = fmt::format("{}#{:020}", outcome->at.iso(), entry.position),
                          .status = "",
                          .parent = state.control};
}

ledger::Document version_document() {
  return {.kind = std::string(version_kind),
          .id = std::string(version_id),
          .body = json::Object{{"version", documents_version}},
          .sort = "",
          .status = "",
          .parent = ""};
}

Result<bool> documents_are_current(store::Transaction& tx) {
  auto document = TRY(documents::get(tx, version_kind, version_id));
  return document && json::integer(json::at(document->body, "version")) == documents_version;
}

ledger::Document plan_document(const Plan& plan) {
  return {.kind = std::string(plan_kind),
          .id = plan.hash,
          .body = json::Object{{"plan", plan.id.str()}},
          .sort = plan.id.str(),
          .status = "",
          .parent = plan.finding.str()};
}

Result<> store_finding(store::Transaction& tx, const Finding& finding, const State* remediation) {
  auto known = TRY(documents::get(tx, finding_kind, finding.id.str()));
  auto stage = remediation ? json::Value(name(remediation->stage))
               : known     ? json::at(known->body, "stage")
                           : json::Value(nullptr);
  return documents::put(tx, finding_document(finding, std::move(stage)));
}

Result<> store_remediation(store::Transaction& tx, const State& state, const rules::Controls& controls,
                           Timestamp updated_at) {
  CHECK_OK(documents::put(tx, remediation_document(state, controls, updated_at)));
  if (auto at_work = at_work_document(state, updated_at)) CHECK_OK(documents::put(tx, *at_work));
  else TRY(documents::erase(tx, at_work_kind, state.id.str()));
  // The finding's list shows how far its remediation is.
  auto finding = TRY(documents::get(tx, finding_kind, state.finding.str()));
  if (!finding || json::text(finding->body, "remediation", "") != state.id.str()) return {};
  finding->body.as_object()["stage"] = name(state.stage);
  return documents::put(tx, *finding);
}

Result<std::optional<Timestamp>> at_work_since(const ledger::Ledger& ledger, const std::string& resource_key,
                                               const RemediationId& but) {
  std::optional<Timestamp> since;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    auto page = TRY(documents::list(tx, at_work_kind, {.parent = resource_key}));
    for (const auto& document : page.documents)
      if (document.id != but.str()) since = TRY(parse_timestamp(json::text(document.body, "since", "")));
    return {};
  }));
  return since;
}

Result<> store_execution(store::Transaction& tx, const ExecutionRow& row) {
  return documents::put(tx, execution_document(row));
}

Result<> store_execution_name(store::Transaction& tx, const ExecutionId& id) {
  return documents::put(tx, execution_name_document(id));
}

Result<std::optional<ExecutionId>> execution_named(const ledger::Ledger& ledger, std::string_view uuid) {
  std::optional<ledger::Document> found;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    found = TRY(documents::get(tx, execution_name_kind, uuid));
    return {};
  }));
  if (!found) return std::nullopt;
  return TRY(ExecutionId::parse(json::text(found->body, "execution", "")));
}

Result<> store_start(store::Transaction& tx, const ExecutionId& id, const State& state, Timestamp at) {
  for (const auto& document : start_documents(id, state, at)) CHECK_OK(documents::put(tx, document));
  return {};
}

Result<std::vector<Timestamp>> latest_starts(store::Transaction& tx, const std::string& key, std::size_t count) {
  auto page = TRY(documents::list(tx, start_kind, {.parent = key, .limit = count}));
  std::vector<Timestamp> out;
  for (const auto& document : page.documents) out.push_back({json::integer(json::at(document.body, "at"))});
  return out;
}

Result<> store_outcome(store::Transaction& tx, const State& state, const ledger::Entry& entry) {
  auto document = outcome_document(state, entry);
  if (!document) return {};
  return documents::put(tx, *document);
}

Result<std::vector<Outcome>> latest_outcomes(store::Transaction& tx, const std::string& control, std::size_t count) {
  auto page = TRY(documents::list(tx, outcome_kind, {.parent = control, .limit = count}));
  std::vector<Outcome> out;
  for (const auto& document : page.documents)
    out.push_back({json::truth(json::at(document.body, "good")), {json::integer(json::at(document.body, "at"))}});
  return out;
}

ledger::Document track_document(const Track& track) {
  return {.kind = std::string(track_kind), .id = track.control, .body = to_json(track), .sort = track.control,
          .status = "", .parent = ""};
}

namespace {

template <typename Before>
Result<> add_to_track(store::Transaction& tx, const Before& before, const ledger::Entry& entry) {
  if (!Track::hears(entry.kind)) return {};
  auto stored = TRY(documents::get(tx, track_kind, before.control));
  auto track = stored ? track_from_json(stored->body) : Track{.control = before.control};
  return track.take(before, entry) ? documents::put(tx, track_document(track)) : Result<>();
}

}  // namespace

Result<> store_track(store::Transaction& tx, const State& before, const ledger::Entry& entry) {
  return add_to_track(tx, before, entry);
}
Result<> store_track(store::Transaction& tx, const Finding& before, const ledger::Entry& entry) {
  return add_to_track(tx, before, entry);
}

Result<std::optional<Track>> track_of(const ledger::Ledger& ledger, const std::string& control) {
  std::optional<Track> out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    auto stored = TRY(documents::get(tx, track_kind, control));
    if (stored) out = track_from_json(stored->body);
    return {};
  }));
  return out;
}

Result<std::vector<json::Value>> list_tracks(const ledger::Ledger& ledger) { return list(ledger, track_kind, {}); }

Result<> store_plan(store::Transaction& tx, const Plan& plan) { return documents::put(tx, plan_document(plan)); }

Result<std::optional<PlanId>> plan_by_hash(const ledger::Ledger& ledger, std::string_view hash) {
  std::optional<ledger::Document> found;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    found = TRY(documents::get(tx, plan_kind, hash));
    return {};
  }));
  if (!found) return std::nullopt;
  auto id = TRY(PlanId::parse(json::text(found->body, "plan", "")));
  return id;
}

Result<std::vector<json::Value>> list_findings(const ledger::Ledger& ledger, const ListFilter& filter) {
  return list(ledger, finding_kind, filter);
}

Result<std::vector<std::string>> controls_of_findings(const ledger::Ledger& ledger) {
  std::vector<std::string> out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    out = TRY(documents::parents(tx, finding_kind));
    return {};
  }));
  return out;
}

Result<std::vector<json::Value>> list_remediations(const ledger::Ledger& ledger, const ListFilter& filter) {
  return list(ledger, remediation_kind, filter);
}

Result<std::vector<json::Value>> list_executions(const ledger::Ledger& ledger, const ListFilter& filter) {
  return list(ledger, execution_kind, filter);
}

std::vector<ledger::Document> scan_documents(const ledger::Entry& scanned) {
  std::vector<ledger::Document> out;
  for (const auto& [control, counts] : json::members(json::at(scanned.body, "controls"))) {
    auto body = json::members(counts);
    body["control"] = control;
    body["at"] = scanned.time.iso();
    out.push_back({.kind = std::string(scanned_kind),
                   .id = std::string(control),
                   .body = std::move(body),
                   .sort = std::string(control),
                   .status = {},
                   .parent = {}});
  }
  return out;
}

Result<> store_scan(store::Transaction& tx, const ledger::Entry& scanned) {
  for (const auto& document : scan_documents(scanned)) CHECK_OK(documents::put(tx, document));
  return {};
}

std::int64_t judged_in(const json::Value& counts) {
  auto count = [&](rules::Compliance compliance) { return json::integer(json::at(counts, rules::name(compliance))); };
  return count(rules::Compliance::compliant) + count(rules::Compliance::non_compliant);
}

Result<std::optional<std::int64_t>> count_judged(store::Transaction& tx, const std::string& control) {
  auto scanned = TRY(documents::get(tx, scanned_kind, control));
  if (!scanned) return std::nullopt;
  return judged_in(scanned->body);
}

Result<std::vector<json::Value>> list_scanned(const ledger::Ledger& ledger) { return list(ledger, scanned_kind, {}); }

ledger::Document source_file_document(const ledger::Entry& read) {
  auto source = json::text(read.body, "source", ""), key = json::text(read.body, "key", "");
  return {.kind = std::string(source_file_kind), .id = source + "/" + key, .body = read.body, .sort = key,
          .status = {}, .parent = source};
}

Result<std::int64_t> count_open_findings(const ledger::Ledger& ledger, const std::string& control) {
  std::int64_t count = 0;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    count = TRY(documents::count(tx, finding_kind, {.status = "open", .parent = control}));
    return {};
  }));
  return count;
}

}  // namespace aright::remediation
