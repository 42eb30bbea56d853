#include "net/guard.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace aright::net {

namespace {

struct Range {
  std::uint32_t network;
  int bits;
  const char* what;
};

constexpr std::array internal_ranges = {
    Range{0x00000000, 8, "unspecified"},   Range{0x0a000000, 8, "private"},
    Range{0x64400000, 10, "shared"},       Range{0x7f000000, 8, "loopback"},
    Range{0xa9fe0000, 16, "link-local"},   Range{0xac100000, 12, "private"},
    Range{0xc0000000, 24, "reserved"},     Range{0xc0a80000, 16, "private"},
    Range{0xc6120000, 15, "benchmarking"}, Range{0xe0000000, 4, "multicast"},
    Range{0xf0000000, 4, "reserved"},
};

const char* internal_v4(std::uint32_t address) {
  for (const Range& range : internal_ranges) {
    if ((address ^ range.network) >> (32 - range.bits) == 0) return range.what;
  }
  return nullptr;
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool starts_with(const unsigned char* bytes, std::initializer_list<unsigned char> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes);
}

const char* internal_v6(const unsigned char* bytes) {
  if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) {  // ::, ::1, ::ffff:v4 and ::v4
    if (starts_with(bytes + 10, {0xff, 0xff})) return internal_v4(big_endian(bytes + 12));
    return "loopback or reserved";
  }
  if (starts_with(bytes, {0x00, 0x64, 0xff, 0x9b})) return "translated";            // NAT64
  if (starts_with(bytes, {0x20, 0x02})) return internal_v4(big_endian(bytes + 2));  // 6to4
  if ((bytes[0] & 0xfe) == 0xfc) return "private";
  if (bytes[0] == 0xfe && bytes[1] >= 0x80) return "link-local";
  if (bytes[0] == 0xff) return "multicast";
  return nullptr;
}

}  // namespace

Result<> refuse_internal_address(const std::string& address) {
  unsigned char bytes[16];
  auto plain = address.substr(0, address.find('%'));  // without the interface of fe80::1%eth0
  const char* what = "unreadable";
  if (inet_pton(AF_INET, plain.c_str(), bytes) == 1) {
    what = internal_v4(big_endian(bytes));
  } else if (inet_pton(AF_INET6, plain.c_str(), bytes) == 1) {
    what = internal_v6(bytes);
  }
  if (what) return fail(Errc::denied, "{} is an internal address ({})", address, what);
  return {};
}

}  // namespace aright::net
