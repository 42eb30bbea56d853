#include "base/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace aright {

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    auto code = errno == EACCES || errno == EROFS ? Errc::denied : Errc::unavailable;
    return fail(code, "{}: {}", path.string(), std::strerror(errno));
  }
  FileLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  return fail(Errc::conflict, "another process holds {}", path.string());
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace aright
