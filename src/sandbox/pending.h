#pragma once
// Changes that wait for a maintenance window, as RDS, Redshift and ElastiCache have them.

#include <map>

#include "sandbox/hook.h"

namespace aright::sandbox {

// Whether the change waits.
bool waits(const Scene& scene, const cloud::Aspect& aspect, const cloud::Write& write);
// Whether all that the call asks for does: then nothing is on its way yet.
bool only_waits(const Scene& scene, const cloud::Meaning& meaning);
// What waits already, and until when; nothing where the call does not say that it cannot wait.
std::map<std::string, Timestamp> hastened(const Scene& scene, const cloud::ResourceType& type,
                                          const Resource& resource);

}  // namespace aright::sandbox
