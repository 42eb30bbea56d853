#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "base/digest.h"
#include "base/random.h"

namespace aright {

namespace fs = std::filesystem;

namespace {

std::unexpected<Error> system_error(const fs::path& path) {
  int number = errno;
  auto code = number == ENOENT ? Errc::not_found : number == EACCES ? Errc::denied : Errc::unavailable;
  return fail(code, "{}: {}", path.string(), std::strerror(number));
}

Result<std::string> read_whole(std::istream& in, std::string_view name, std::size_t bytes_max) {
  std::string bytes;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    bytes.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > bytes_max) return fail(Errc::invalid, "{} is larger than {} bytes", name, bytes_max);
  }
  return bytes;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t bytes_max) {
  std::error_code code;
  if (fs::is_directory(path, code)) return fail(Errc::invalid, "{} is a directory", path.string());
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return system_error(path);
  return read_whole(in, path.string(), bytes_max);
}

// By its descriptor: a socket has no path that could be opened.
Result<std::string> read_standard_input(std::size_t bytes_max) {
  return read_whole(std::cin, "standard input", bytes_max);
}

Result<> write_file(const fs::path& path, std::string_view bytes, unsigned mode) {
  fs::path beside = path;
  beside += "." + to_hex(random_bytes(6));
  int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return system_error(beside);
  bool written = write_all(fd, bytes) && ::fsync(fd) == 0;
  ::close(fd);
  if (written && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  auto error = system_error(path);
  ::unlink(beside.c_str());
  return error;
}

TemporaryDirectory::TemporaryDirectory(std::string_view prefix) {
  path_ = fs::temp_directory_path() / (std::string(prefix) + to_hex(random_bytes(8)));
  fs::create_directories(path_);
  fs::permissions(path_, fs::perms::owner_all);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace aright
