#include "pattern/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace aright::pattern {

namespace {

constexpr std::size_t address_chars_max = INET6_ADDRSTRLEN;

void clear_host_bits(Address& address, int prefix_bits) {
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const int kept = std::clamp(prefix_bits - static_cast<int>(i) * 8, 0, 8);
    address.bytes[i] &= static_cast<std::uint8_t>(0xFF00 >> kept);
  }
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  // Most texts are no addresses: say so before calling into the C library.
  if (text.size() < 2 || text.size() > address_chars_max) return std::nullopt;
  if (text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos)
    return std::nullopt;
  Address address{.v6 = text.contains(':')};
  const std::string terminated(text);
  if (inet_pton(address.v6 ? AF_INET6 : AF_INET, terminated.c_str(), address.bytes.data()) != 1)
    return std::nullopt;
  return address;
}

bool AddressRange::contains(const Address& address) const {
  if (address.v6 != network.v6) return false;
  Address masked = address;
  clear_host_bits(masked, prefix_bits);
  return masked == network;
}

Result<AddressRange> parse_range(std::string_view text) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return fail(Errc::invalid, "\"{}\" is no address range: there is no '/'", text);
  auto address = parse_address(text.substr(0, slash));
  if (!address) return fail(Errc::invalid, "\"{}\" is no IP address", text.substr(0, slash));
  auto digits = text.substr(slash + 1);
  int bits = -1;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const int bits_max = address->v6 ? 127 : 31;
  if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > bits_max) {
    return fail(Errc::invalid, "\"{}\": between 0 and {} bits may follow the '/'", text, bits_max);
  }
  clear_host_bits(*address, bits);
  return AddressRange{.network = *address, .prefix_bits = bits};
}

}  // namespace aright::pattern
