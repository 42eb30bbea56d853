#pragma once
// What a planned fix does to whoever uses the resource, and how far its rehearsal can be trusted. Pure.

#include "remediation/plan.h"

namespace aright::remediation {

// The worst of its writes, from the least to the most.
enum class Disruption {
  none,     // settings that nobody notices at once
  access,   // takes somebody's access away, or opens less to them
  restart,  // something is away for a moment
  stop,     // something stops, or is gone
};
std::string_view name(Disruption disruption);
Disruption disruption_of(const Plan& plan);

enum class Confidence {
  partial,    // some of it could not be rehearsed
  rehearsed,  // all of it was
  proven,     // and on the rehearsed image the control is met, and no other one less than before
};
std::string_view name(Confidence confidence);
Confidence confidence_of(const Plan& plan);

template <typename Enum>
std::vector<std::string> names_of(std::initializer_list<Enum> all) {
  std::vector<std::string> out;
  for (auto one : all) out.emplace_back(name(one));
  return out;
}

}  // namespace aright::remediation
