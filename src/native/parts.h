#pragma once
// An export as templates that CloudFormation takes. What refers to each other stays together, so each template stands
// by itself: no exports, no imports, and a stack set can take it. Pure: the same export gives the same bytes.

#include <map>
#include <string>
#include <vector>

#include "native/export.h"

namespace aright::native {

inline constexpr std::size_t inline_bytes_max = 51'200;    // that CloudFormation takes in a request
inline constexpr std::size_t stored_bytes_max = 1u << 20;  // and from a bucket
inline constexpr std::size_t resources_max = 500;          // of one template

struct Bounds {
  std::size_t bytes = inline_bytes_max, resources = resources_max;
};

// Templates, as many as are needed. `home`: which of them, from 0, holds a resource already, by logical name; there it
// stays as long as there is room, since its name can be only once. One that nothing is left of is empty. Fails with
// unsupported where what belongs together is too much for one.
Result<std::vector<json::Object>> templates_of(const Exported& exported, const Bounds& bounds = {},
                                               const std::map<std::string, std::size_t>& home = {});

}  // namespace aright::native
