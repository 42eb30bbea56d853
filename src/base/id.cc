#include "base/id.h"

#include <cstdint>
#include <optional>

#include "base/digest.h"
#include "base/random.h"
#include "base/seeded_ids.h"

namespace aright {

namespace {

thread_local std::optional<Random> seeded;

std::string id_bytes(std::size_t count) {
  if (!seeded) return random_bytes(count);
  std::string out(count, '\0');
  for (auto& byte : out) byte = static_cast<char>(seeded->next());
  return out;
}

}  // namespace

SeededIds::SeededIds(std::uint64_t seed) { seeded.emplace(seed); }
SeededIds::~SeededIds() { seeded.reset(); }

std::string ulid(Timestamp now) {
  static constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text(26, '0');
  auto time = static_cast<std::uint64_t>(now.ms);
  for (int i = 9; i >= 0; --i, time >>= 5) text[i] = alphabet[time & 31];
  auto random = id_bytes(16);
  for (int i = 0; i < 16; ++i) text[10 + i] = alphabet[static_cast<unsigned char>(random[i]) & 31];
  return text;
}

namespace {

std::string as_uuid(std::string bytes) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  auto hex = to_hex(std::string_view(bytes).substr(0, 16));
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20, 12));
}

}  // namespace

std::string uuid() { return as_uuid(id_bytes(16)); }

std::string uuid_from(std::string_view seed) { return as_uuid(sha256(seed)); }

}  // namespace aright
