#pragma once
// Hashes and encodings. All take and return bytes in std::string.

#include <string>
#include <string_view>

#include "base/error.h"

namespace aright {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string sha1(std::string_view bytes);    // 20 bytes, only where a protocol asks for it
std::string md5(std::string_view bytes);     // 16 bytes, only where a protocol asks for it
std::string hmac_sha256(std::string_view key, std::string_view bytes);

std::string to_hex(std::string_view bytes);
Result<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

// Compares in a time that does not depend on where the first difference is.
bool equal_secret(std::string_view left, std::string_view right);

}  // namespace aright
