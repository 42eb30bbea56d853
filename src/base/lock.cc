#include "base/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/stopwatch.h"

namespace aright {

namespace {

constexpr double dying_seconds_max = 10;  // a process that was killed ends when its last write to the disk does
constexpr milliseconds dying_look{20};
constexpr std::size_t stat_bytes_max = 4096;

// Of /proc/<pid>/stat, counted from the state.
constexpr std::size_t state_field = 0, flags_field = 6, signals_field = 28;
constexpr unsigned long exiting_flag = 0x4, kill_signal = 1ul << 8;

std::optional<pid_t> named_in(int file) {
  char text[24] = {};
  auto length = ::pread(file, text, sizeof text - 1, 0);
  pid_t pid = 0;
  if (length <= 0 || std::from_chars(text, text + length, pid).ec != std::errc() || pid <= 0) return std::nullopt;
  return pid;
}

// Whether the process is gone, or was killed and is on its way.
bool is_dying(pid_t pid) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/stat", stat_bytes_max);
  if (!text) return true;
  std::istringstream in(text->substr(std::min(text->rfind(')') + 1, text->size())));
  std::vector<std::string> fields;
  for (std::string field; in >> field;) fields.push_back(field);
  if (fields.size() <= signals_field) return false;
  auto bits = [&](std::size_t at) { return std::strtoul(fields[at].c_str(), nullptr, 10); };
  const auto state = fields[state_field];
  return state == "Z" || state == "X" || (bits(flags_field) & exiting_flag) || (bits(signals_field) & kill_signal);
}

void name_in(int file) {
  auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, text.data(), text.size(), 0);
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    auto code = errno == EACCES || errno == EROFS ? Errc::denied : Errc::unavailable;
    return fail(code, "{}: {}", path.string(), std::strerror(errno));
  }
  FileLock lock(file);
  Stopwatch waited;
  while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    auto holder = named_in(file);
    if (!holder || !is_dying(*holder) || waited.seconds() > dying_seconds_max)
      return fail(Errc::conflict, "another process holds {}", path.string());
    std::this_thread::sleep_for(dying_look);
  }
  name_in(file);
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace aright
