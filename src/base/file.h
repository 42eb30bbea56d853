#pragma once
// Whole files, at once.

#include <filesystem>
#include <string>

#include "base/error.h"

namespace aright {

// Fails with not_found, denied, or invalid when the file is larger than `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max = 64u << 20);
// As much of standard input as comes, whatever it is: a file, a pipe, a terminal, a socket.
Result<std::string> read_standard_input(std::size_t bytes_max = 64u << 20);
// Written beside, synced, and renamed over: readers see the old bytes or the new ones, never half.
Result<> write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0600);

// A fresh directory, removed with all it holds when this object goes.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(std::string_view prefix = "aright-");
  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace aright
