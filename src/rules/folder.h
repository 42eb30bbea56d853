#pragma once
// Controls of a user's own: a directory with a folder for each, as catalog/controls has them. The one place of this
// module that reads files.

#include <filesystem>

#include "base/error.h"
#include "json/value.h"

namespace aright::rules {

inline constexpr std::size_t own_controls_max = 1'000;
inline constexpr std::size_t control_file_bytes_max = 256u << 10;

// What Controls::with() takes, of every folder that has a control.yaml. Fails with not_found where the directory is not
// there, with invalid where it holds none, or too many.
Result<json::Value> controls_in(const std::filesystem::path& directory);

}  // namespace aright::rules
