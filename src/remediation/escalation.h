#pragma once
// What is left to people is followed up: one after another is told, until somebody says that they see to it, or it is
// settled. One escalation is a state machine without I/O, on a stream of its own; docs/guide/escalations.md.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "json/value.h"
#include "ledger/documents.h"
#include "ledger/ledger.h"

namespace aright::remediation {

struct EscalationTag { static constexpr const char* prefix = "esc_"; };
using EscalationId = Id<EscalationTag>;

inline constexpr std::size_t escalation_rungs_max = 10;
inline constexpr int escalation_tellings_max = 100;  // of one; then nobody heeds it
inline constexpr seconds stuck_after_default{3600};

enum class Reason {
  failed,        // could not be planned, set right or taken back, or made another control worse
  stuck,         // an execution, or another stage that should pass by itself, takes too long
  unapproved,    // nobody approved in time
  recurring,     // a finding that a fix had resolved is there again
  fought,        // somebody undoes the fix, again and again
  breaker_open,  // so many fixes of a control failed that none is started
};
std::string_view name(Reason reason);
Result<Reason> parse_reason(std::string_view text);
std::vector<Reason> all_reasons();

// Who is told, and how long nobody may heed it until the next one is. The last one is told again after its wait; with
// none, once.
struct EscalationRung {
  std::string tell;  // a channel of the policy
  seconds wait{0};
};
using EscalationLadder = std::vector<EscalationRung>;

struct Escalations {
  EscalationLadder otherwise;                   // for reasons that have none of their own
  std::map<Reason, EscalationLadder> ladders;   // an empty one: it is not followed up
  seconds stuck_after = stuck_after_default;

  const EscalationLadder& ladder_for(Reason reason) const;
  bool any() const;  // whether anything is followed up
};

struct Acknowledged {
  std::string by, comment;
  Timestamp at;
};
struct Settled {
  std::string because;
  Timestamp at;
};

struct Escalation {
  EscalationId id;
  Reason reason = Reason::failed;
  std::string subject;                          // one line for people
  std::string remediation, finding, control;    // "" where there is none
  json::Value resource;
  std::string stage;                            // of the remediation, when it was found stuck
  Timestamp raised;
  std::vector<std::string> told;                // channels, one for each time
  std::optional<Timestamp> due;                 // when the next one is told
  std::optional<Acknowledged> acknowledged;
  std::optional<Settled> settled;
  std::uint64_t sequence = 0;                   // of the last entry, for fencing

  bool waits() const { return !acknowledged && !settled && due; }
  std::string status() const;  // open, acknowledged or settled
};
json::Object to_json(const Escalation& escalation);

// What a new one is about, from the message that tells of it. The id is a function of what is escalated and of `cause`,
// so that one cause is one escalation.
Escalation escalation_of(Reason reason, const json::Object& notice_body, std::string subject, std::string_view cause);
// Under which open escalations are found: a finding, or a control.
std::string parent_of(const Escalation& escalation);
std::string parent_of_control(const std::string& control);

// Entries: the first, which tells the first rung as well, and the rungs after it.
json::Object raised_body(const Escalation& escalation, const EscalationLadder& ladder, Timestamp now);
json::Object told_body(const EscalationRung& rung, std::size_t tellings, const EscalationLadder& ladder, Timestamp now);

void fold(Escalation& escalation, const ledger::Entry& entry);

// Where what it is about stands now.
struct Circumstances {
  bool finding_open = true;
  std::string latest_remediation;  // of the finding; "" when nobody knows
  std::string stage;               // of the remediation it is about
  bool breaker_open = false;
};
// Why nobody needs to be told any more; "" when somebody does.
std::string settled_because(const Escalation& escalation, const Circumstances& circumstances);
// Who is told when it is due; nothing when there is nobody left.
std::optional<EscalationRung> next_rung(const Escalation& escalation, const EscalationLadder& ladder);

ledger::Document escalation_document(const Escalation& escalation);
Result<> store_escalation(store::Transaction& tx, const Escalation& escalation);
// Those that are not settled, of a parent ("": of all), newest first, as to_json gives them.
Result<std::vector<json::Value>> list_escalations(store::Transaction& tx, const std::string& parent);

}  // namespace aright::remediation
