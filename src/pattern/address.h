#pragma once
// IP addresses and ranges, as the cidr operator sees them. Internal to pattern.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace aright::pattern {

struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // an IPv4 address is the first four
  bool operator==(const Address&) const = default;
};

// Dotted quad or any IPv6 spelling; nothing else. ::ffff:1.2.3.4 is an IPv6 address.
std::optional<Address> parse_address(std::string_view text);

struct AddressRange {
  Address network;  // host bits are zero
  int prefix_bits = 0;
  bool contains(const Address& address) const;
};

// Sets all bits behind the first `prefix_bits` to zero.
void clear_host_bits(Address& address, int prefix_bits);

// "10.0.0.0/8": IPv4 with 0 to 31 bits, IPv6 with 0 to 127. Fails with invalid.
Result<AddressRange> parse_range(std::string_view text);

}  // namespace aright::pattern
