#pragma once
// Which files the guard commands read, in which order. Internal to cli.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/guard_commands.h"

namespace aright::cli {

inline constexpr std::string_view guard_rule_endings[] = {".guard", ".ruleset"};
inline constexpr std::string_view guard_data_endings[] = {".yaml", ".yml", ".json", ".jsn",
                                                          ".template"};
inline constexpr std::string_view guard_test_endings[] = {".json", ".yaml", ".JSON",
                                                          ".YAML", ".yml",  ".jsn"};
inline constexpr int guard_directories_max = 64;  // within one another

bool has_ending(const std::filesystem::path& path, std::span<const std::string_view> endings);
// The file itself, or all files below a directory, by name or by time of change. Fails with
// not_found.
Result<std::vector<std::filesystem::path>> files_below(const std::filesystem::path& path,
                                                       const GuardOrder& order);

}  // namespace aright::cli
