#pragma once
// The files of a Lambda deployment package: a zip archive, read from memory. Nothing is written
// anywhere.

#include <string_view>

#include "script/package.h"

namespace aright::script {

inline constexpr std::size_t archive_files_max = 4'096;
inline constexpr std::size_t unzipped_bytes_max =
    50u << 20;  // of all files together; as much as a jail takes

// Folders, and what Python compiled for itself, are passed over. Fails with invalid for what is no zip,
// holds links or encrypted files, breaks a limit, or is not what its checksums say.
Result<Package> unzip(std::string_view bytes);

}  // namespace aright::script
