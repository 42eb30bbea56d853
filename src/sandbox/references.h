#pragma once
// What resources say of others: names that must be there, names that keep what they name from
// going, and what a resource that is made from another takes over. Fails with the errors that the
// descriptions name.

#include "cloud/description.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

// Whether everything that the aspect's value names is there.
Result<> check_named(Scene& scene, const cloud::Aspect& aspect, const json::Value& value);

// Whether nothing keeps it from going: children, its own state, another resource that names it.
Result<> check_removable(const Scene& scene, const cloud::Removal& removal, const Resource& resource);

// Aspects of the other resource, which the input names, become this one's: the creation is `like` it.
Result<> take_likeness(Scene& scene, const cloud::Creation& creation, Resource& resource);

}  // namespace aright::sandbox
