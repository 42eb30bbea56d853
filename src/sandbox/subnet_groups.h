#pragma once
// Where a database stands when its creation does not say: in the default VPC, as each service has it.

#include <string_view>

#include "sandbox/hook.h"

namespace aright::sandbox {

// Aspects of a database that name its network, and the type of the groups of subnets it stands in.
struct Network {
  std::string_view subnet_group_type, subnet_group, security_groups;
};

// Gives it the subnet group `default`, which the service makes over all of the default VPC, and the default security
// group of its VPC. Does nothing where there is no such VPC, or where both were said.
Result<> give_network(Scene& scene, Resource& resource, const Network& network);

}  // namespace aright::sandbox
