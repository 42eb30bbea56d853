// How what is told to people becomes an escalation: in the same append, so that neither is there without the other.

#include <algorithm>

#include "ledger/timers.h"
#include "remediation/telling.h"

namespace aright::remediation {

namespace {

constexpr std::string_view escalated_kind = "escalated";

// Stages that pass by themselves, where nothing is wrong.
bool should_pass(std::string_view stage) {
  return stage == "planning" || stage == "ready" || stage == "executing" || stage == "verifying" ||
         stage == "rolling_back";
}

bool is_open_for(const std::vector<json::Value>& open, Reason reason) {
  return std::ranges::any_of(
      open, [&](const json::Value& one) { return json::text(one, "reason", "") == name(reason); });
}

}  // namespace

std::string watch_of(const RemediationId& id) { return std::string(watch_prefix) + id.str(); }

bool is_watched(const Stage& stage) { return should_pass(name(stage)); }

// A finding that a fix had resolved, and that is there again without anybody having taken the fix back.
void Telling::tell_of_recurrence() {
  bool taken_back = std::ranges::any_of(
      drafts_, [](const ledger::Draft& draft) { return draft.kind == entry::rolled_back; });
  for (const auto& draft : drafts_) {
    auto found = findings_.find(draft.stream);
    if (taken_back || draft.kind != entry::finding_reopened || found == findings_.end()) continue;
    const auto& finding = found->second;
    if (!finding.resolved_by.starts_with(RemediationTag::prefix)) continue;
    recurrences_.push_back({.id = fmt::format("{}/recurring/{}", draft.stream, *draft.sequence),
                            .kind = std::string(escalated_kind),
                            .subject = fmt::format("{} {} is out of policy again after a fix", finding.resource.type,
                                                   finding.resource.id),
                            .body = {{"escalation", name(Reason::recurring)},
                                     {"remediation", finding.resolved_by},
                                     {"finding", finding.id.str()},
                                     {"control", finding.control},
                                     {"resource", to_json(finding.resource)}}});
  }
}

Result<> Telling::raise(notify::Notice& notice) {
  auto reason = parse_reason(json::text(json::Value(notice.body), "escalation", "")).value_or(Reason::failed);
  notice.body["escalation"] = name(reason);
  const auto& ladder = policy_.escalations.ladder_for(reason);
  if (ladder.empty()) return {};
  auto one = escalation_of(reason, notice.body, notice.subject, notice.id);
  std::vector<json::Value> open;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    open = TRY(list_escalations(tx, parent_of(one)));
    return {};
  }));
  if (is_open_for(open, reason)) return {};
  notice.body["acknowledge"] = one.id.str();
  drafts_.push_back({.stream = one.id.str(), .kind = entry::escalation_raised,
                     .body = raised_body(one, ladder, ledger_.clock().now()), .sequence = 1});
  escalations_.emplace(one.id.str(), std::move(one));
  notify(ladder.front().tell, notice);
  return {};
}

Result<> Telling::follow_up() {
  if (followed_ || !policy_.escalations.any()) return {};
  followed_ = true;
  tell_of_recurrence();
  for (auto& notice : notices_)
    if (notice.kind == escalated_kind) CHECK_OK(raise(notice));
  for (auto& notice : recurrences_) CHECK_OK(raise(notice));
  return {};
}

// Whoever is escalated about this looks again.
Result<> Telling::wake_escalations(store::Transaction& tx, const std::string& parent, Timestamp now) {
  for (const auto& one : TRY(list_escalations(tx, parent))) {
    auto id = json::text(one, "id", "");
    CHECK_OK(ledger::timers::set(tx, {.id = id, .stream = id, .due = now}));
  }
  return {};
}

Result<> Telling::project_escalations(store::Transaction& tx, const std::vector<ledger::Entry>& entries) {
  auto now = entries.back().time;
  for (const auto& [stream, finding] : findings_) CHECK_OK(wake_escalations(tx, stream, now));
  for (const auto& [stream, state] : remediations_) {
    CHECK_OK(wake_escalations(tx, state.finding.str(), now));
    CHECK_OK(wake_escalations(tx, parent_of_control(state.control), now));
  }
  for (const auto& entry : entries) {
    auto found = escalations_.find(entry.stream);
    if (found == escalations_.end()) continue;
    fold(found->second, entry);
    CHECK_OK(store_escalation(tx, found->second));
    if (found->second.due)
      CHECK_OK(ledger::timers::set(tx, {.id = entry.stream, .stream = entry.stream, .due = *found->second.due}));
  }
  return {};
}

Result<> Telling::watch(store::Transaction& tx, std::string_view stage_before, const State& state, Timestamp now) {
  if (!policy_.escalations.any() || stage_before == name(state.stage)) return {};
  auto id = watch_of(state.id);
  if (is_watched(state.stage))
    return ledger::timers::set(tx, {.id = id, .stream = id, .due = now + policy_.escalations.stuck_after});
  CHECK_OK(ledger::timers::cancel(tx, id));
  return {};
}

}  // namespace aright::remediation
