#pragma once
// The bytes that are hashed. README.md has the format in words; nothing else in the house computes
// these.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace aright::ledger {

inline constexpr std::size_t hash_bytes = 32;

// What one entry says, with its body in canonical form already.
struct Leaf {
  std::uint64_t position = 0;
  std::string_view stream;
  std::uint64_t sequence = 0;
  std::string_view kind;
  Timestamp time;
  std::string_view body;
};
// RFC 8785 of {"body","kind","position","sequence","stream","time"}. One byte more or less in any
// part gives other bytes: the parts cannot flow into one another.
std::string canonical(const Leaf& leaf);

// RFC 6962: SHA-256 of a zero byte and the canonical bytes.
std::string leaf_hash(std::string_view canonical);
std::string leaf_hash(const Leaf& leaf);

// What stands before the first entry: 32 zero bytes.
std::string first_hash();
// SHA-256 of a one byte, the chained hash so far, and the leaf's hash.
std::string chained_hash(std::string_view previous, std::string_view leaf_hash);

}  // namespace aright::ledger
