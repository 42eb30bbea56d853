#pragma once
// A finding: one open non-compliance of one resource against one control, whichever source told it. Pure.

#include "ledger/ledger.h"
#include "remediation/story.h"

namespace aright::remediation {

// The same resource and control give the same id, today and after a restart.
FindingId finding_id(const Resource& resource, std::string_view control);

struct Finding {
  FindingId id;
  std::string control, title, annotation, source;
  Severity severity = Severity::medium;
  Resource resource;
  bool open = false;
  int times_opened = 0;
  Timestamp first_seen, last_seen, resolved_at;
  std::string resolved_by;                 // a remediation, or "observed"
  RemediationId remediation;               // the latest
  std::string other_id;                    // of the tool that imported it
  std::uint64_t sequence = 0;              // of its last entry, for fencing

  bool exists() const { return sequence > 0; }
};

void fold(Finding& finding, const ledger::Entry& entry);
json::Object to_json(const Finding& finding);

}  // namespace aright::remediation
