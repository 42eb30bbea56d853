#pragma once
// Short texts, hashed and compared eight bytes at a time. Internal to pattern.
//
// Texts given to these functions must stand in memory that can be read for slack_bytes past their end; what stands
// there does not matter.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace aright::pattern {

inline constexpr std::size_t slack_bytes = 8;

inline std::uint64_t load8(const char* at) {
  std::uint64_t out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

// The first `size` (0 to 8) bytes of a word, as it is loaded.
inline std::uint64_t first_bytes(std::uint64_t word, std::size_t size) {
  return size >= 8 ? word : word & ((std::uint64_t{1} << (8 * size)) - 1);
}

__extension__ using Wide = unsigned __int128;

inline std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  const auto product = static_cast<Wide>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Not for use against people who choose texts that collide; what is looked up by it is bounded.
inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t one = 0xA0761D6478BD642F, two = 0xE7037ED1A0B428DB, three = 0x8EBC6AF09C88C6E3;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = seed * three ^ text.size();
  if (left <= 8) return mix(first_bytes(load8(at), left) ^ one, hash ^ two);
  for (; left > 16; at += 16, left -= 16)
    hash = mix(load8(at) ^ one, load8(at + 8) ^ hash);
  const char* end = at + left;
  return mix(load8(text.size() > 16 ? end - 16 : at) ^ one ^ hash, load8(end - 8) ^ two ^ hash);
}

inline bool same_text(std::string_view left, std::string_view right) {
  const auto size = left.size();
  if (size != right.size()) return false;
  if (size <= 8) return first_bytes(load8(left.data()) ^ load8(right.data()), size) == 0;
  std::uint64_t different = load8(left.data() + size - 8) ^ load8(right.data() + size - 8);
  for (std::size_t at = 0; at + 8 < size; at += 8)
    different |= load8(left.data() + at) ^ load8(right.data() + at);
  return different == 0;
}

}  // namespace aright::pattern
