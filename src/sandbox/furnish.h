#pragma once
// What AWS puts into a new account before anybody calls: in each region a default VPC, with its subnets, internet
// gateway, main route table, network ACL and default security group.

#include <cstdint>
#include <string_view>

#include "sandbox/hook.h"

namespace aright::sandbox {

// Made as if it had always been there: no call, and no change, is on record. Ids are a function of seed, account and
// region, whatever was drawn before.
Result<> furnish(World& world, const cloud::Catalog& catalog, std::string_view account, std::string_view region,
                 std::uint64_t seed, Timestamp now);

}  // namespace aright::sandbox
