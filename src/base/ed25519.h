#pragma once
// Ed25519 signatures (RFC 8032). Pure but for generate(); any thread.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace aright::ed25519 {

inline constexpr std::size_t key_bytes = 32;  // of a seed as of a public key
inline constexpr std::size_t signature_bytes = 64;

Secret generate();  // a new seed
// Both fail with invalid when the seed has not 32 bytes.
Result<std::string> public_key(const Secret& seed);
Result<std::string> sign(const Secret& seed, std::string_view message);
// False for keys and signatures of any other length as well.
bool verify(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace aright::ed25519
