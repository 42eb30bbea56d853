#pragma once
// A finding: one open non-compliance of one resource against one control, whichever source told it. Pure.

#include <optional>

#include "bus/event.h"
#include "ledger/ledger.h"
#include "remediation/story.h"

namespace aright::remediation {

// The same resource and control give the same id, today and after a restart.
FindingId finding_id(const Resource& resource, std::string_view control);

// A person's word that a resource is not set right by itself, as Config's remediation exceptions are. It ends some day.
struct Exception {
  std::string message, by;
  Timestamp until;  // forever: until somebody ends it

  bool holds(Timestamp now) const { return now < until; }
};
inline constexpr Timestamp forever{253'402'300'799'000};  // the end of the year 9999
json::Object to_json(const Exception& exception);
std::string reason_of(const Exception& exception);  // for a person who asks why nothing is done

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
  std::vector<bus::Teller> tellers;        // all that ever told of it
  std::optional<Exception> exception;      // the latest
  std::uint64_t sequence = 0;              // of its last entry, for fencing

  bool exists() const { return sequence > 0; }
};

void fold(Finding& finding, const ledger::Entry& entry);
json::Object to_json(const Finding& finding);

}  // namespace aright::remediation
