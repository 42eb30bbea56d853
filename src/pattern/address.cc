#include "pattern/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace aright::pattern {

namespace {

constexpr std::size_t address_chars_max = INET6_ADDRSTRLEN;

// Four decimal numbers up to 255, without leading zeros; as inet_pton has it, but quicker.
std::optional<Address> parse_quad(std::string_view text) {
  Address out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0 && (at == text.size() || text[at++] != '.')) return std::nullopt;
    unsigned number = 0;
    const auto begin = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 3; ++at)
      number = number * 10 + static_cast<unsigned>(text[at] - '0');
    if (at == begin || number > 255 || (text[begin] == '0' && at - begin > 1)) return std::nullopt;
    out.bytes[i] = static_cast<std::uint8_t>(number);
  }
  if (at != text.size()) return std::nullopt;
  return out;
}

}  // namespace

void clear_host_bits(Address& address, int prefix_bits) {
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (whole >= address.bytes.size()) return;
  address.bytes[whole] &= static_cast<std::uint8_t>(0xFF00 >> prefix_bits % 8);
  std::fill(address.bytes.begin() + static_cast<std::ptrdiff_t>(whole) + 1, address.bytes.end(), 0);
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() < 2 || text.size() > address_chars_max) return std::nullopt;
  if (!text.contains(':')) return parse_quad(text);
  // Most texts are no addresses: say so before calling into the C library.
  if (text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos) return std::nullopt;
  Address address{.v6 = true};
  char terminated[address_chars_max + 1] = {};
  std::ranges::copy(text, terminated);
  if (inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) return std::nullopt;
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
