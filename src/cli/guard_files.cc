#include "cli/guard_files.h"

#include <algorithm>

namespace aright::cli {

namespace fs = std::filesystem;

namespace {

void collect(const fs::path& directory, const GuardOrder& order, int depth,
             std::vector<fs::path>& out) {
  if (depth > guard_directories_max) return;
  std::error_code code;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(directory, code), end; !code && at != end; at.increment(code))
    entries.push_back(*at);
  std::ranges::sort(entries, {},
                    [](const auto& entry) { return entry.path().filename().string(); });
  if (order.last_modified) {
    std::ranges::stable_sort(entries, {}, [](const auto& entry) {
      std::error_code unknown;
      return entry.last_write_time(unknown);
    });
  }
  for (const auto& entry : entries) {
    if (entry.is_directory(code) && !entry.is_symlink(code)) {
      collect(entry.path(), order, depth + 1, out);
    } else if (entry.is_regular_file(code)) {
      out.push_back(entry.path());
    }
  }
}

}  // namespace

bool has_ending(const fs::path& path, std::span<const std::string_view> endings) {
  auto name = path.filename().string();
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

Result<std::vector<fs::path>> files_below(const fs::path& path, const GuardOrder& order) {
  std::error_code code;
  if (!fs::exists(path, code))
    return fail(Errc::not_found, "{}: there is no such file or directory", path.string());
  std::vector<fs::path> out;
  if (fs::is_directory(path, code)) {
    collect(path, order, 0, out);
  } else {
    out.push_back(path);
  }
  return out;
}

}  // namespace aright::cli
