#pragma once
// Blocks of addresses as AWS keeps them: 10.0.0.5/8 is 10.0.0.0/8. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace aright::cloud {

// Without host bits, an IPv6 address in its shortest form. Nothing when it is no block: the bits must be said.
std::optional<std::string> masked_cidr(std::string_view text);

}  // namespace aright::cloud
