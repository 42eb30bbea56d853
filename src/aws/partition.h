#pragma once
// The separate worlds that AWS's regions belong to. Pure, any thread.

#include <string_view>

namespace aright::aws {

struct Partition {
  std::string_view name;           // aws-cn
  std::string_view region_prefix;  // cn-
  std::string_view suffix;         // of its hosts: amazonaws.com.cn
};

// A region that no other partition claims is one of "aws".
const Partition& partition_for(std::string_view region);

}  // namespace aright::aws
