#pragma once
// Which control contains which threat: catalog/threats/guardduty.yaml, read once. Pure.

#include <set>
#include <string>
#include <vector>

#include "bus/threat.h"
#include "rules/control.h"

namespace aright::remediation {

struct Containment {
  std::string name;
  std::vector<std::string> types;  // of findings; `*` stands for any text
  std::string role;                // ACTOR, TARGET; "": any
  double severity_min = 0;
  double confidence_min = 0;       // above 0, a finding that does not say its confidence is not contained
  bus::Subject about = bus::Subject::instance;
  std::string control;
};

// Types that nothing here contains, and what a person does about them.
struct ByHand {
  std::vector<std::string> types;
  std::string what;
};

// What a policy asks for beside what the catalog says: the higher one holds.
struct ThreatFloor {
  double severity_min = 0, confidence_min = 0;
};

struct Containments {
  std::vector<Containment> all;
  std::vector<ByHand> by_hand;

  // From the embedded catalog. Aborts only when the build is broken: the catalog is checked by tests.
  static const Containments& embedded();
  // From one YAML text. Fails with invalid, naming the entry; a control that `controls` does not hold, or that judges
  // another type than what the entry is about, is a fault.
  static Result<Containments> read(std::string_view yaml, const rules::Controls& controls);
};

bool matches_type(const Containment& one, const bus::Threat& threat);
// Why a containment does not hold for a threat; empty when it does.
std::string mismatch(const Containment& one, const bus::Threat& threat, const ThreatFloor& floor);
// What a person does about it; empty when the catalog does not say.
std::string by_hand(const Containments& containments, std::string_view type);

}  // namespace aright::remediation
