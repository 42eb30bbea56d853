#include "remediation/refold.h"

#include <optional>
#include <set>

#include "ledger/timers.h"
#include "remediation/escalation.h"
#include "remediation/projection.h"
#include "remediation/put.h"
#include "remediation/event_replay.h"
#include "remediation/rollback.h"
#include "remediation/runner.h"

namespace aright::remediation {

namespace {

struct ToldState {
  State state;
  Timestamp updated_at;
};

// An execution as its row shows it.
struct Run {
  ExecutionRow row;
  std::string parent, owner;
  Timestamp started;
  json::Value begun;  // the entry
  std::optional<runbook::Machine> machine;  // where entries do not say themselves what the execution came to

  void show(std::string status, Timestamp at) {
    if (row.status == status) return;
    row.ended = runbook::ended(status) ? at : Timestamp{};
    row.status = std::move(status);
  }
};

class Fold {
 public:
  Result<> take(const ledger::Entry& entry) {
    if (entry.stream.starts_with(FindingTag::prefix)) {
      auto& finding = findings_[entry.stream];
      add_to_track(finding, entry);
      fold(finding, entry);
    } else if (entry.stream.ends_with(rollback_suffix)) {
      return {};  // the gateway's journal of a rollback: calls, of which no list tells
    } else if (entry.stream.starts_with(RemediationTag::prefix)) {
      auto& told = remediations_[entry.stream];
      add_to_track(told.state, entry);
      fold(told.state, entry);
      if (auto outcome = outcome_document(told.state, entry)) put(std::move(*outcome));
      told.updated_at = entry.time;
    } else if (entry.stream.starts_with(ExecutionTag::prefix)) {
      return take_execution(entry);
    } else if (entry.kind == entry::plan_sealed) {
      auto plan = TRY(plan_from_json(json::at(entry.body, "plan")));
      put(plan_document(plan));
    } else if (entry.kind == entry::scanned) {
      for (auto& document : scan_documents(entry)) put(std::move(document));
    } else if (entry.stream.starts_with(replay_prefix)) {
      auto document = replay_document(entry);
      if (document.status == "running") replaying_.insert(entry.stream);
      else replaying_.erase(entry.stream);
      put(std::move(document));
    } else if (entry.stream.starts_with(EscalationTag::prefix)) {
      fold(escalations_[entry.stream], entry);
    } else if (entry.kind == entry::source_read) {
      put(source_file_document(entry));
    } else if (entry.kind == entry::aws_put) {
      for (auto& change : put_changes(entry)) {
        if (change.document) put(std::move(*change.document));
        else out_.documents.erase({std::string(put_kind), change.key});
      }
    } else if (entry.kind == entry::schedule_set || entry.kind == entry::schedule_ran) {
      scheduled_.insert(entry.stream);
    } else if (entry.kind == entry::schedule_ended) {
      scheduled_.erase(entry.stream);
    } else if (entry.kind == entry::signal_received) {
      unheard_.insert(entry.stream);
    } else if (entry.kind == entry::signal_handled) {
      unheard_.erase(entry.stream);
    }
    return {};
  }

  Refolded end(const rules::Controls& controls) {
    put(version_document());
    for (const auto& [stream, finding] : findings_) {
      auto told = remediations_.find(finding.remediation.str());
      put(finding_document(finding, told == remediations_.end() ? json::Value(nullptr)
                                                                : json::Value(name(told->second.state.stage))));
    }
    for (const auto& [stream, told] : remediations_) {
      put(remediation_document(told.state, controls, told.updated_at));
      if (auto at_work = at_work_document(told.state, told.updated_at)) put(std::move(*at_work));
      if (open(told.state)) out_.awake.push_back(stream);
    }
    for (const auto& [stream, run] : executions_) {
      put(execution_document(run.row));
      put(execution_name_document(run.row.id));
      if (!runbook::ended(run.row.status) && run.owner == stream) out_.awake.push_back(stream);
      auto told = remediations_.find(run.row.remediation);
      if (run.parent.empty() && told != remediations_.end())
        for (auto& document : start_documents(run.row.id, told->second.state, run.started)) put(std::move(document));
    }
    for (const auto& [stream, one] : escalations_) {
      put(escalation_document(one));
      if (one.waits()) out_.awake.push_back(stream);
    }
    out_.awake.insert(out_.awake.end(), unheard_.begin(), unheard_.end());
    out_.awake.insert(out_.awake.end(), scheduled_.begin(), scheduled_.end());
    out_.awake.insert(out_.awake.end(), replaying_.begin(), replaying_.end());
    return std::move(out_);
  }

 private:
  void put(ledger::Document document) {
    auto key = std::pair(document.kind, document.id);
    out_.documents.insert_or_assign(std::move(key), std::move(document));
  }

  template <typename Before>
  void add_to_track(const Before& before, const ledger::Entry& entry) {
    auto& track = tracks_.try_emplace(before.control, Track{.control = before.control}).first->second;
    if (track.take(before, entry)) put(track_document(track));
  }

  Result<> take_execution(const ledger::Entry& entry) {
    if (entry.kind == entry::runbook_started) return begin(entry);
    auto found = executions_.find(entry.stream);
    bool tells = entry.kind == entry::runbook_event || entry.kind == entry::step_waiting;
    if (found == executions_.end() || !tells) return {};
    auto& run = found->second;
    auto status = json::text(entry.body, "status", "");
    if (status.empty()) status = TRY(worked_out(run, entry));
    // An event has a time of its own, which the entry that tells it comes after.
    const auto& event = json::at(entry.body, "event");
    run.show(std::move(status), event.is_null() ? entry.time : Timestamp{json::integer(json::at(event, "at"))});
    return {};
  }

  // Of an entry that an earlier version wrote.
  Result<std::string> worked_out(Run& run, const ledger::Entry& entry) {
    if (!run.machine) {
      auto start = TRY(runbook::start_from_json(json::at(run.begun, "start")));
      auto document = TRY(documents_.load(json::text(run.begun, "document_hash", ""),
                                          json::members(json::at(run.begun, "source"))));
      run.machine.emplace(document, start);
    }
    if (entry.kind == entry::runbook_event) {
      auto event = TRY(runbook::event_from_json(json::at(entry.body, "event")));
      if (auto applied = run.machine->apply(event); !applied)
        return fail(Errc::corrupt, "{}: entry {} does not fit: {}", entry.stream, entry.position,
                    applied.error().message);
    }
    return std::string(runbook::name(run.machine->status()));
  }

  Result<> begin(const ledger::Entry& entry) {
    const auto& body = entry.body;
    auto started = Timestamp{json::integer(json::at(json::at(body, "start"), "at"))};
    auto id = TRY(ExecutionId::parse(entry.stream));
    Run run{.row = {.id = id,
                    .remediation = json::text(body, "remediation", ""),
                    .parent = json::text(body, "parent", ""),
                    .document = json::text(body, "document", ""),
                    .status = std::string(runbook::name(runbook::Status::in_progress)),
                    .target = json::text(json::at(body, {"start", "about", "Target"})),
                    .started = started},
            .parent = json::text(body, "parent", ""),
            .owner = json::text(body, "owner", ""),
            .started = started,
            .begun = body,
            .machine = std::nullopt};
    run.show(json::text(body, "status", run.row.status), started);
    executions_.insert_or_assign(entry.stream, std::move(run));
    return {};
  }

  std::map<std::string, Finding> findings_;
  std::map<std::string, ToldState> remediations_;
  std::map<std::string, Run> executions_;
  std::map<std::string, Escalation> escalations_;
  std::map<std::string, Track> tracks_;  // by control
  std::set<std::string> unheard_;  // signals
  std::set<std::string> scheduled_, replaying_;
  DocumentCache documents_;
  Refolded out_;
};

// What is wrong with a stored document; "" when nothing is.
std::string difference_of(const ledger::Document& stored, const ledger::Document& told) {
  auto differs = [](std::string_view what, const auto& here, const auto& there) {
    return fmt::format("its {} is {}, and the entries say {}", what, json::print(json::Value(here)),
                       json::print(json::Value(there)));
  };
  if (stored.sort != told.sort) return differs("place in lists", stored.sort, told.sort);
  if (stored.status != told.status) return differs("status", stored.status, told.status);
  if (stored.parent != told.parent) return differs("parent", stored.parent, told.parent);
  if (stored.body == told.body) return "";
  if (!stored.body.is_object()) return "it is unreadable";
  for (const auto& [member, value] : json::members(told.body))
    if (json::at(stored.body, member) != value)
      return differs(std::string_view(member), json::at(stored.body, member), value);
  return "it has members that the entries do not tell of";
}

class Comparison {
 public:
  explicit Comparison(Refolded told) : told_(std::move(told)) {}

  void take(const ledger::Document& stored) {
    auto found = told_.documents.find({stored.kind, stored.id});
    if (found == told_.documents.end()) return add({stored.kind, stored.id, "the entries tell of no such thing"});
    auto what = difference_of(stored, found->second);
    if (!what.empty()) add({stored.kind, stored.id, what});
    told_.documents.erase(found);
  }
  void take(const std::vector<ledger::Timer>& timers) {
    std::set<std::string> set;
    for (const auto& timer : timers) set.insert(timer.stream);
    for (const auto& stream : told_.awake)
      if (!set.contains(stream)) add({"timer", stream, "it has something to do, and nothing will wake it"});
  }
  std::vector<Difference> end() {
    for (const auto& [key, document] : told_.documents) add({key.first, key.second, "it is missing"});
    return std::move(out_);
  }

 private:
  void add(Difference difference) {
    if (out_.size() < differences_max) out_.push_back(std::move(difference));
  }

  Refolded told_;
  std::vector<Difference> out_;
};

}  // namespace

json::Object to_json(const Difference& difference) {
  return {{"kind", difference.kind}, {"id", difference.id}, {"what", difference.what}};
}

Result<Refolded> refold(store::Transaction& tx, const rules::Controls& controls) {
  Fold fold;
  CHECK_OK(ledger::each_entry(tx, [&](const ledger::Entry& entry) { return fold.take(entry); }));
  return fold.end(controls);
}

Result<std::vector<Difference>> compare_projections(const ledger::Ledger& ledger, const rules::Controls& controls) {
  std::vector<Difference> out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    bool current = TRY(documents_are_current(tx));
    if (!current) {
      out.push_back({"version", "documents",
                     "another version of aright made them; `aright serve` makes them anew when it starts"});
      return {};
    }
    auto told = TRY(refold(tx, controls));
    Comparison comparison(std::move(told));
    CHECK_OK(ledger::documents::each(tx, [&](const ledger::Document& stored) -> Result<> {
      comparison.take(stored);
      return {};
    }));
    auto timers = TRY(ledger::timers::all(tx));
    comparison.take(timers);
    out = comparison.end();
    return {};
  }));
  return out;
}

Result<bool> renew_projections(ledger::Ledger& ledger, const rules::Controls& controls) {
  bool current = false;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    current = TRY(documents_are_current(tx));
    return {};
  }));
  if (!current) TRY(rebuild_projections(ledger, controls));
  return !current;
}

Result<std::size_t> rebuild_projections(ledger::Ledger& ledger, const rules::Controls& controls) {
  std::size_t count = 0;
  CHECK_OK(ledger.database().transact([&](store::Transaction& tx) -> Result<> {
    auto told = TRY(refold(tx, controls));
    CHECK_OK(ledger::documents::erase_all(tx));
    for (const auto& [key, document] : told.documents) CHECK_OK(ledger::documents::put(tx, document));
    CHECK_OK(ledger::timers::cancel_all(tx));
    for (const auto& stream : told.awake)
      CHECK_OK(ledger::timers::set(tx, {.id = stream, .stream = stream, .due = ledger.clock().now()}));
    count = told.documents.size();
    return {};
  }));
  return count;
}

}  // namespace aright::remediation
