#pragma once
// A few files in one, in the form of POSIX's ustar, so that `tar tvf` shows what is in it. Read with suspicion: only
// plain files, of names that are asked for.

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace aright::cli {

inline constexpr std::size_t archive_files_max = 16;
inline constexpr std::uintmax_t archived_bytes_max = 8ull << 30;  // of one file: what ustar's octal digits hold

struct Archived {
  std::string name;            // without a directory
  std::filesystem::path from;  // where its bytes are
};
// Written beside, synced, and renamed over; readable by its owner only.
Result<> write_archive(const std::filesystem::path& file, const std::vector<Archived>& what);
// Each file into `directory`, by its name. Fails with invalid for anything that write_archive does not write, and for
// names that are not among `known`. The names, in their order.
Result<std::vector<std::string>> read_archive(const std::filesystem::path& file,
                                              const std::filesystem::path& directory,
                                              const std::vector<std::string>& known);

}  // namespace aright::cli
