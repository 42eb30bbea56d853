#include "cloud/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace aright::cloud {

namespace {

constexpr std::size_t v4_bytes = 4, v6_bytes = 16;

void clear_host_bits(std::array<std::uint8_t, v6_bytes>& bytes, std::size_t prefix) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto kept = prefix > i * 8 ? std::min<std::size_t>(prefix - i * 8, 8) : 0;
    bytes.at(i) &= static_cast<std::uint8_t>(0xFF00U >> kept);
  }
}

}  // namespace

std::optional<std::string> masked_cidr(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string address(text.substr(0, slash));
  const auto bits = text.substr(slash + 1);
  std::size_t prefix = 0;
  auto [end, wrong] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
  if (bits.empty() || wrong != std::errc() || end != bits.data() + bits.size()) return std::nullopt;
  const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  std::array<std::uint8_t, v6_bytes> bytes{};
  if (prefix > (family == AF_INET ? v4_bytes : v6_bytes) * 8) return std::nullopt;
  if (inet_pton(family, address.c_str(), bytes.data()) != 1) return std::nullopt;
  clear_host_bits(bytes, prefix);
  std::array<char, INET6_ADDRSTRLEN> shown{};
  inet_ntop(family, bytes.data(), shown.data(), shown.size());
  return std::string(shown.data()) + "/" + std::to_string(prefix);
}

}  // namespace aright::cloud
