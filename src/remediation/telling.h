#pragma once
// Entries about findings and remediations that belong together: appended at once, bound to the ends of their streams as
// they were read, with projections, timers and notices in the same transaction. Used once, on one thread.

#include <map>
#include <vector>

#include "ledger/ledger.h"
#include "remediation/escalation.h"
#include "remediation/finding.h"
#include "remediation/notices.h"
#include "remediation/policy.h"
#include "remediation/projection.h"
#include "remediation/remediation.h"
#include "rules/control.h"

namespace aright::remediation {

inline constexpr std::string_view watch_prefix = "watch/";  // of the timer that finds a remediation stuck
std::string watch_of(const RemediationId& id);
bool is_watched(const Stage& stage);

class Telling {
 public:
  using Work = std::function<Result<>(store::Transaction&)>;

  Telling(ledger::Ledger& ledger, const Policy& policy, const rules::Controls& controls)
      : ledger_(ledger), policy_(policy), controls_(controls) {}

  // What the streams were when they were read: each entry must come right after. A new one has no entries yet.
  void about(const Finding& finding, const char* kind, json::Object body);
  void about(const State& remediation, const char* kind, json::Object body);
  void add(ledger::Draft draft) { drafts_.push_back(std::move(draft)); }
  void notify(notify::Notice notice) { notices_.push_back(std::move(notice)); }
  // To one channel, whatever it wants; with a link, to the channel of one person.
  void notify(std::string channel, notify::Notice notice, std::optional<AnswerLink> link = {}) {
    directed_.push_back({std::move(channel), std::move(notice), std::move(link)});
  }
  void also(Work work) { works_.push_back(std::move(work)); }

  bool knows(const FindingId& id) const { return findings_.contains(id.str()); }
  bool empty() const { return drafts_.empty(); }
  // Adds the escalations that what is told leads to (following_up.cc); commit() does so by itself. Once.
  Result<> follow_up();
  // Fails with conflict when somebody else told something about the same first: read again, and decide again.
  Result<> commit();

 private:
  Result<> project(store::Transaction& tx, const std::vector<ledger::Entry>& entries);
  void tell_of_recurrence();
  Result<> raise(notify::Notice& notice);
  Result<> project_escalations(store::Transaction& tx, const std::vector<ledger::Entry>& entries);
  Result<> wake_escalations(store::Transaction& tx, const std::string& parent, Timestamp now);
  Result<> watch(store::Transaction& tx, std::string_view stage_before, const State& state, Timestamp now);

  ledger::Ledger& ledger_;
  const Policy& policy_;
  const rules::Controls& controls_;
  std::vector<ledger::Draft> drafts_;
  std::map<std::string, Finding> findings_;    // by stream, as they were before
  std::map<std::string, State> remediations_;
  std::vector<notify::Notice> notices_;
  std::vector<Directed> directed_;
  std::vector<Work> works_;
  std::map<std::string, Escalation> escalations_;  // new ones, by stream
  std::vector<notify::Notice> recurrences_;
  bool followed_ = false;
};

// When a remediation has to be looked at again: its timer, set or cancelled.
Result<> set_timer(store::Transaction& tx, const State& state, Timestamp now);

}  // namespace aright::remediation
