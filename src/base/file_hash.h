#pragma once
// The digest of a file that need not fit into memory.

#include <filesystem>
#include <string>

#include "base/error.h"

namespace aright {

// SHA-256 in hexadecimal. Fails with not_found, denied or unavailable.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace aright
