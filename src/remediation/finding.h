#pragma once
// A finding: one open non-compliance of one resource against one control, whichever source told it. Pure.

#include <map>
#include <optional>
#include <set>

#include "bus/event.h"
#include "ledger/ledger.h"
#include "remediation/story.h"

namespace aright::remediation {

// The same resource and control give the same id, today and after a restart.
FindingId finding_id(const Resource& resource, std::string_view control);

struct Finding;

// A person's word that a resource is not set right by itself, as Config's remediation exceptions are. It ends some day.
struct Exception {
  std::string message, by;
  Timestamp until;  // forever: until somebody ends it
  std::string owner = {};         // who answers for it
  std::string compensating = {};  // a control that has to be met by the resource meanwhile; or ""
  std::vector<seconds> reminders = {};  // so long before its end, the owner hears of it; descending
  std::string tell = {};          // a channel that hears it, whatever else it wants; or ""

  bool holds(Timestamp now) const { return now < until; }
  // One that says anything else is another exception.
  std::string key() const;
};
inline constexpr Timestamp forever{253'402'300'799'000};  // the end of the year 9999
json::Object to_json(const Exception& exception);
Exception exception_from_json(const json::Value& value);
// How long before its end its owner is to be reminded now; nothing when not.
std::optional<seconds> reminder_due(const Exception& exception, const Finding& finding, Timestamp now);
// When to look at it again: at its next reminder, or whether its compensating control is met.
std::optional<Timestamp> next_look(const Exception& exception, Timestamp now);
inline constexpr milliseconds compensating_look_pause{3'600'000};
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
  std::vector<bus::Sighting> sightings;    // threats that it is contained for, since it was opened last
  std::optional<Exception> exception;      // the latest
  std::set<std::string> voided;            // keys of exceptions whose compensating control was not met
  std::map<std::string, seconds> reminded;  // by key, the last reminder: so long before the end
  std::uint64_t sequence = 0;              // of its last entry, for fencing

  bool exists() const { return sequence > 0; }
};

void fold(Finding& finding, const ledger::Entry& entry);
json::Object to_json(const Finding& finding);
json::Array to_json(const std::vector<bus::Sighting>& sightings);

}  // namespace aright::remediation
