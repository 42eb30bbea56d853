#include "sandbox/pending.h"

#include <algorithm>

#include "cloud/effect.h"

namespace aright::sandbox {

bool waits(const Scene& scene, const cloud::Aspect& aspect, const cloud::Write& write) {
  return write.pending && !json::truth(scene.input(aspect.type->pending->unless));
}

bool only_waits(const Scene& scene, const cloud::Meaning& meaning) {
  bool any = false;
  for (auto [aspect, write] : meaning.writes) {
    if (write->at.empty() || !cloud::engages(*write, scene.call.input)) continue;
    if (!waits(scene, *aspect, *write)) return false;
    any = true;
  }
  return any;
}

std::map<std::string, Timestamp> hastened(const Scene& scene, const cloud::ResourceType& type,
                                          const Resource& resource) {
  std::map<std::string, Timestamp> out;
  if (!type.pending || !json::truth(scene.input(type.pending->unless))) return out;
  for (const auto& aspect : type.aspects) {
    auto coming = resource.coming.find(aspect.name);
    bool deferred = std::ranges::any_of(aspect.writes, [](const auto& write) { return write.pending.has_value(); });
    if (deferred && coming != resource.coming.end()) out[aspect.name] = coming->second.due;
  }
  return out;
}

}  // namespace aright::sandbox
