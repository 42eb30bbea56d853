#include "observe/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"

namespace aright::observe {

namespace {

using telemetry::Kind;

// Fields of /proc/self/stat behind the name in parentheses, counted from 0 (proc(5) counts from 1 and begins at pid).
constexpr std::size_t user_ticks = 11, system_ticks = 12, threads = 17, start_ticks = 19, virtual_bytes = 20,
                      resident_pages = 21;

double number(std::string_view text) {
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// Seconds since 1970 at which the system started.
std::optional<double> booted() {
  auto text = read_file("/proc/stat");
  auto at = text ? text->find("\nbtime ") : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  return number(std::string_view(*text).substr(at + 7));
}

void expose_files(telemetry::Exposition& out) {
  std::error_code error;
  std::size_t open = 0;
  for (const auto& one : std::filesystem::directory_iterator("/proc/self/fd", error))
    open += one.path().empty() ? 0 : 1;
  rlimit limit{};
  if (!error) out.one({"process_open_fds", Kind::gauge, "Open file descriptors."}, static_cast<double>(open));
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    out.one({"process_max_fds", Kind::gauge, "File descriptors that may be open."},
            static_cast<double>(limit.rlim_cur));
}

}  // namespace

void expose_process(telemetry::Exposition& out) {
  expose_files(out);
  auto text = read_file("/proc/self/stat");
  auto end = text ? text->rfind(") ") : std::string::npos;
  if (end == std::string::npos) return;
  auto fields = split(std::string_view(*text).substr(end + 2), ' ');
  if (fields.size() <= resident_pages) return;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  out.one({"process_cpu_seconds_total", Kind::counter, "Processor time, of user and system."},
          (number(fields[user_ticks]) + number(fields[system_ticks])) / ticks);
  out.one({"process_threads", Kind::gauge, "Threads."}, number(fields[threads]));
  out.one({"process_virtual_memory_bytes", Kind::gauge, "Address space."}, number(fields[virtual_bytes]));
  out.one({"process_resident_memory_bytes", Kind::gauge, "Memory in use."}, number(fields[resident_pages]) * page);
  if (auto boot = booted())
    out.one({"process_start_time_seconds", Kind::gauge, "When it started, as Unix time."},
            *boot + number(fields[start_ticks]) / ticks);
}

}  // namespace aright::observe
