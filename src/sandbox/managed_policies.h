#pragma once
// The policies that AWS manages, as catalog/managed-policies.yaml has them. Immutable; any thread.

#include <map>
#include <string>

namespace aright::sandbox {

struct ManagedPolicy {
  std::string name, path;  // AWS_ConfigRole, /service-role/
  std::string document;
};

// By path and name, without the first slash: service-role/AWS_ConfigRole.
const std::map<std::string, ManagedPolicy, std::less<>>& managed_policies();

}  // namespace aright::sandbox
