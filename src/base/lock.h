#pragma once
// A lock between processes, by a file of its own. The system lets go of it when the process ends, however that happens.

#include <filesystem>
#include <utility>

#include "base/error.h"

namespace aright {

class FileLock {
 public:
  // Waits for nobody but a holder that was killed and has not ended yet. Fails with conflict when another process holds
  // it, and with denied or unavailable when the file can't be opened. The file names the holder.
  static Result<FileLock> take(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace aright
