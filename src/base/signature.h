#pragma once
// Signatures of others, checked by their public keys, which come as the numbers that they consist of (big-endian).

#include <string_view>

namespace aright {

inline constexpr int rsa_bits_min = 2048;

// RSASSA-PKCS1-v1_5 with SHA-256. False for keys that are too short, too.
bool verify_rs256(std::string_view modulus, std::string_view exponent, std::string_view message,
                  std::string_view signature);
// ECDSA with P-256 and SHA-256; the signature is r and s, 32 bytes each (RFC 7518, 3.4).
bool verify_es256(std::string_view x, std::string_view y, std::string_view message, std::string_view signature);

}  // namespace aright
