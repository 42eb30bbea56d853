#pragma once
// What the tools that told of a finding are to hear about it: Security Hub's workflow, note and user-defined fields,
// and that Config has to judge again. Told from how the finding stands now, so that a word that comes late, or twice,
// says nothing that is not so. Pure.

#include <optional>

#include "remediation/finding.h"
#include "remediation/policy.h"
#include "remediation/remediation.h"
#include "rules/control.h"

namespace aright::remediation {

// One thing to tell, and of which finding.
struct Errand {
  enum class Kind { import_finding, update_finding, evaluate_again };
  Kind kind = Kind::update_finding;
  FindingId finding;
};
json::Object to_json(const Errand& errand);
Result<Errand> errand_from_json(const json::Value& value);

// What there is to tell after an entry of a finding or of its remediation.
std::vector<Errand::Kind> errands_of(const ledger::Entry& entry, const HubSettings& hub, bool config_hears);
// Of findings that a tool told itself, it is not told anew.
bool is_imported(const Finding& finding, const rules::Controls& controls);

struct Word {
  std::string workflow;  // NEW, NOTIFIED, SUPPRESSED, RESOLVED; "": as it is
  std::string note;
  json::Object fields;
};
// `remediation`: the finding's latest. None while there is nothing to say.
std::optional<Word> word_about(const Finding& finding, const State* remediation);

// What BatchUpdateFindings has to write into a finding that stands in Security Hub like this, so that it says the word;
// empty when it does. What a person suppressed there stays as it is, until it is resolved.
json::Object update_for(const Word& word, const json::Value& there);

}  // namespace aright::remediation
