#include "remediation/telling.h"

#include "ledger/timers.h"

namespace aright::remediation {

void Telling::about(const Finding& finding, const char* kind, json::Object body) {
  auto [known, fresh] = findings_.try_emplace(finding.id.str(), finding);
  if (!fresh) ++known->second.sequence;
  drafts_.push_back({.stream = finding.id.str(), .kind = kind, .body = std::move(body),
                     .sequence = known->second.sequence + 1});
}

void Telling::about(const State& remediation, const char* kind, json::Object body) {
  auto [known, fresh] = remediations_.try_emplace(remediation.id.str(), remediation);
  if (!fresh) ++known->second.sequence;
  drafts_.push_back({.stream = remediation.id.str(), .kind = kind, .body = std::move(body),
                     .sequence = known->second.sequence + 1});
}

Result<> Telling::commit() {
  CHECK_OK(follow_up());
  auto drafts = std::move(drafts_);
  CHECK_OK(ledger_.append(std::move(drafts), [this](store::Transaction& tx, const auto& entries) {
    return project(tx, entries);
  }));
  return {};
}

Result<> Telling::project(store::Transaction& tx, const std::vector<ledger::Entry>& entries) {
  auto now = entries.back().time;
  std::map<std::string, std::string_view> stages_before;
  for (const auto& [stream, state] : remediations_) stages_before[stream] = name(state.stage);
  for (const auto& entry : entries) {
    if (auto finding = findings_.find(entry.stream); finding != findings_.end()) {
      CHECK_OK(store_track(tx, finding->second, entry));
      fold(finding->second, entry);
      CHECK_OK(queue_errands(tx, policy_, finding->second.id, entry));
    }
    auto state = remediations_.find(entry.stream);
    if (state == remediations_.end()) continue;
    CHECK_OK(store_track(tx, state->second, entry));
    fold(state->second, entry);
    CHECK_OK(queue_errands(tx, policy_, state->second.finding, entry));
    CHECK_OK(store_outcome(tx, state->second, entry));
  }
  for (const auto& [stream, finding] : findings_) {
    auto state = remediations_.find(finding.remediation.str());
    CHECK_OK(store_finding(tx, finding, state == remediations_.end() ? nullptr : &state->second));
  }
  for (const auto& [stream, state] : remediations_) {
    CHECK_OK(store_remediation(tx, state, controls_, now));
    CHECK_OK(set_timer(tx, state, now));
    CHECK_OK(watch(tx, stages_before[stream], state, now));
  }
  if (policy_.escalations.any()) CHECK_OK(project_escalations(tx, entries));
  // What is meant for one comes first: the same message to all is then no second one there.
  for (const auto& one : directed_) CHECK_OK(queue_notice_for(tx, policy_, one, now));
  for (const auto& notice : notices_) CHECK_OK(queue_notice(tx, policy_, notice, now));
  for (const auto& work : works_) CHECK_OK(work(tx));
  return {};
}

Result<> set_timer(store::Transaction& tx, const State& state, Timestamp now) {
  auto command = next(state, now);
  auto id = state.id.str();
  if (std::holds_alternative<Nothing>(command)) {
    CHECK_OK(ledger::timers::cancel(tx, id));
    return {};
  }
  const auto* wait = std::get_if<WaitUntil>(&command);
  return ledger::timers::set(tx, {.id = id, .stream = id, .due = wait ? wait->due : now});
}

}  // namespace aright::remediation
