#pragma once
// A GuardDuty finding as its event tells it: what was seen, how sure and how bad it is, and the resources that a
// containment may be about, each under its role in the story. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bus/event.h"
#include "cloud/catalog.h"
#include "json/value.h"

namespace aright::bus {

// What a containment may be about. Names stand in catalog/threats.
enum class Subject { instance, security_group, access_key, user, role, bucket, function, database, cluster, account };
std::string_view name(Subject subject);
std::string_view type_of(Subject subject);  // AWS::EC2::Instance …
Result<Subject> parse_subject(std::string_view text);

struct Threat {
  std::string id;    // GuardDuty's own
  std::string type;  // ThreatPurpose:ResourceType/ThreatFamily.Mechanism!Artifact
  std::string title;
  std::string role;                  // of the resource: TARGET, ACTOR; "" where it is not said
  double severity = 0;               // 1.0 to 10.0
  std::optional<double> confidence;  // 0 to 100; few types say it
  std::map<Subject, std::vector<cloud::ResourceRef>> resources;
  std::optional<Teller> teller;  // where Security Hub told it
  std::string suppressed;        // suppression_of()
};

// None for other events, for samples, and for findings that are archived.
std::optional<Threat> threat_of(const json::Object& event);
// The same, and what Security Hub tells of GuardDuty's findings, in ASFF or in OCSF: the same threat, whoever told it.
std::vector<Threat> threats_of(const json::Object& event);

}  // namespace aright::bus
