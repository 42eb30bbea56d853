#pragma once
// EventBridge envelopes: how PutEvents makes them, and which resources they speak of. Pure.

#include <string>
#include <vector>

#include "base/clock.h"
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
// What an envelope must have to be taken in: id, source, detail-type, and an object as detail. Fills in what may be
// missing (version, account, region, time, resources).
Result<json::Object> complete(json::Object event, std::string_view account, std::string_view region, Timestamp now);

// A resource that an event speaks of, and the control it was judged by when the event says so.
struct Mention {
  cloud::ResourceRef resource;
  std::string config_rule;      // Config compliance change: the rule's name
  std::string security_control; // Security Hub: the control's id, S3.2
  std::string compliance;       // as the event tells it: NON_COMPLIANT, FAILED …
  std::string title;            // what a finding calls itself
  std::string finding_id;       // of the other tool

  bool says_only_changed() const { return config_rule.empty() && security_control.empty() && finding_id.empty(); }
};
// CloudTrail calls, Config compliance changes, Security Hub (ASFF and OCSF) and GuardDuty findings; else the ARNs under
// `resources`. Resources of no described type are left out, and so are our own findings that come back.
std::vector<Mention> mentions(const json::Object& event, const cloud::Catalog& catalog);

}  // namespace aright::bus
