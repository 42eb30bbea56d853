#include "aws/partition.h"

#include <algorithm>
#include <array>

#include "aws/client.h"

namespace aright::aws {

namespace {

// The first whose prefix fits; the last fits every region.
constexpr std::array partitions = {
    Partition{"aws-cn", "cn-", "amazonaws.com.cn"},
    Partition{"aws-us-gov", "us-gov-", "amazonaws.com"},
    Partition{"aws-iso-b", "us-isob-", "sc2s.sgov.gov"},
    Partition{"aws-iso", "us-iso-", "c2s.ic.gov"},
    Partition{"aws", "", "amazonaws.com"},
};

}  // namespace

const Partition& partition_for(std::string_view region) {
  return *std::ranges::find_if(partitions, [&](const Partition& partition) {
    return region.starts_with(partition.region_prefix);
  });
}

std::string_view partition_of(std::string_view region) {
  return partition_for(region).name;
}

}  // namespace aright::aws
