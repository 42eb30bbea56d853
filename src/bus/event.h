#pragma once
// EventBridge envelopes: how PutEvents makes them, and which resources they speak of. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bus/automation.h"
#include "cloud/catalog.h"
#include "json/value.h"

namespace aright::bus {

inline constexpr const char* schedule_source = "aws.events";  // of scheduled events
inline constexpr std::size_t put_events_entries_max = 10;        // of one PutEvents request
inline constexpr std::size_t put_events_bytes_max = 1u << 20;    // of all its entries together
inline constexpr std::size_t detail_type_chars_max = 128;

// The envelope that a PutEvents entry becomes. Fails with the wire codes that PutEvents answers per entry:
// InvalidArgument, MalformedDetail.
Result<json::Object> envelope(const json::Object& entry, std::string_view account, std::string_view region,
                              Timestamp now);
// One entry that lacks something fails alone; a request of which no entry has source, type and detail fails as a whole,
// with ValidationException.
Result<> check_entries(const json::Array& entries);
// By PutEvents nobody speaks in the name of AWS's own services; their events come in by the REST API, queues and files.
// Fails with NotAuthorizedForSourceException.
Result<> check_source(const json::Object& entry);
// What an envelope must have to be taken in: id, source, detail-type, and an object as detail. Fills in what may be
// missing (version, account, region, time, resources).
Result<json::Object> complete(json::Object event, std::string_view account, std::string_view region, Timestamp now);

// Whose finding it is elsewhere, so that it can be told there what became of it.
struct Teller {
  std::string tool;              // aws.securityhub, aws.config
  std::string id, product_arn;   // of a finding; of Config the rule's name, and nothing
  std::string account, region;   // where it is
  bool operator==(const Teller&) const = default;
};
json::Object to_json(const Teller& teller);
// None where nobody is named.
std::optional<Teller> teller_from_json(const json::Value& value);
// Of a finding in ASFF.
Teller teller_of(const json::Value& asff);

// What a threat finding says was seen: its id there, and its type: UnauthorizedAccess:IAMUser/MaliciousIPCaller.
struct Sighting {
  std::string id, type, title;
  bool operator==(const Sighting&) const = default;
};
json::Object to_json(const Sighting& sighting);
Sighting sighting_from_json(const json::Value& value);

// What aright signs its notes in Security Hub with.
inline constexpr std::string_view note_author = "aright";
// Whether Security Hub tells nothing but what aright wrote into the finding: its own note is the latest of it.
bool is_echo(const json::Value& asff);
// Why nothing is to be done about a finding, as its workflow and note say; "" when they do not.
std::string suppression_of(const json::Value& asff);

// A resource that an event speaks of, and the control it was judged by when the event says so.
struct Mention {
  cloud::ResourceRef resource;
  std::string config_rule;      // Config compliance change: the rule's name
  std::string security_control; // Security Hub: the control's id, S3.2
  std::string compliance;       // as the event tells it: NON_COMPLIANT, FAILED …
  std::string title;            // what a finding calls itself
  std::string finding_id;       // of the other tool
  std::optional<Teller> teller;
  std::string suppressed;       // suppression_of()
  std::string severity;         // that an automation rule wrote; "" else. Not of mentions() itself
  std::optional<Sighting> sighting;  // of the threat that it is contained for. Not of mentions() itself

  bool says_only_changed() const { return config_rule.empty() && security_control.empty() && finding_id.empty(); }
};
// CloudTrail calls, Config compliance changes, Security Hub (ASFF and OCSF) and GuardDuty findings; else the ARNs under
// `resources`. Resources of no described type are left out, and so are our own findings that come back.
std::vector<Mention> mentions(const json::Object& event, const cloud::Catalog& catalog);

// The event as Security Hub's automation rules let it pass: each finding that is imported, with what the rules wrote.
struct Automated {
  json::Object event;
  std::vector<std::string> held;                  // names of rules
  std::map<std::string, std::string> severities;  // that were written, in our words; by the finding's Id
};
Automated automated(json::Object event, const std::vector<AutomationRule>& rules, Timestamp now);

}  // namespace aright::bus
