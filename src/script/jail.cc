#include "script/jail.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/embedded.h"
#include "script/filter.h"

namespace aright::script {

ARIGHT_EMBEDDED(bootstrap)

namespace {

// The range that systemd keeps for users who exist only while something runs, and own no files.
constexpr uid_t user_first = 61'184;
constexpr uid_t users_max = 4'336;
constexpr int control_descriptor = 3;
constexpr int filter_descriptor = 4;

uid_t next_user() {
  static std::atomic<uid_t> next{static_cast<uid_t>(::getpid())};
  return user_first + next++ % users_max;
}

std::unexpected<Error> system_error(const char* what) {
  return fail(Errc::unavailable, "{}: {}", what, std::strerror(errno));
}

Result<Descriptor> filter_file() {
  static const Result<std::string> program = system_call_filter();
  std::string bytes = TRY(Result<std::string>(program));
  Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file.is_open()) return system_error("memfd_create");
  if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0)
    return system_error("writing the filter");
  return file;
}

void append(std::vector<std::string>& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more);
}

void add_namespaces(std::vector<std::string>& arguments, const Footing& footing) {
  append(arguments, {"--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
                     "--unshare-cgroup-try", "--hostname", "jail", "--die-with-parent",
                     "--new-session", "--cap-drop", "ALL"});
  if (footing.user_namespace)
    append(arguments, {"--unshare-user", "--uid", "1000", "--gid", "1000"});
  else
    append(arguments,
           {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
}

void add_files(std::vector<std::string>& arguments, const Limits& limits, std::size_t task_bytes) {
  for (const char* parent : {"/usr", "/usr/share", "/dev", "/var"})
    append(arguments, {"--perms", "0755", "--dir", parent});
  for (const char* folder : {"/usr/bin", "/usr/lib"})
    append(arguments, {"--ro-bind", folder, folder});
  for (const char* folder : {"/usr/lib64", "/usr/share/zoneinfo"})
    if (std::filesystem::exists(folder)) append(arguments, {"--ro-bind", folder, folder});
  for (const char* name : {"bin", "lib", "lib64"})
    append(arguments, {"--symlink", std::string("usr/") + name, std::string("/") + name});
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"})
    append(arguments, {"--dev-bind", device, device});
  append(arguments,
         {"--perms", "1777", "--size", std::to_string(limits.disk_bytes), "--tmpfs", "/tmp"});
  append(arguments,
         {"--perms", "1777", "--size", std::to_string(task_bytes), "--tmpfs", "/var/task"});
  append(arguments, {"--remount-ro", "/", "--chdir", "/tmp"});
}

std::vector<std::string> arguments_of(const Footing& footing, const Limits& limits,
                                      std::size_t task_bytes, uid_t user) {
  std::vector<std::string> arguments = {"/usr/bin/bwrap"};
  add_namespaces(arguments, footing);
  add_files(arguments, limits, task_bytes);
  // A set's order depends on the hash seed, and a list made of a set may be part of a planned call.
  append(arguments,
         {"--setenv", "PYTHONHASHSEED", "0", "--seccomp", std::to_string(filter_descriptor), "--"});
  if (!footing.user_namespace) {
    std::string id = std::to_string(user);
    append(arguments, {"/usr/bin/setpriv", "--reuid", id, "--regid", id, "--clear-groups",
                       "--inh-caps", "-all", "--bounding-set", "-all"});
  }
  append(arguments,
         {"/usr/bin/python3", "-s", "-S", "-B", "-u", "-c", std::string(embedded_bootstrap())});
  return arguments;
}

}  // namespace

Result<> prepare_jails() {
  CHECK_OK(filter_file());
  return {};
}

Result<Jail> start_jail(const Footing& footing, const Limits& limits, std::size_t task_bytes) {
  Descriptor filter = TRY(filter_file());
  int sockets[2], pipes[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return system_error("socketpair");
  Descriptor ours(sockets[0]), theirs(sockets[1]);
  if (::pipe2(pipes, O_CLOEXEC) != 0) return system_error("pipe");
  Descriptor output(pipes[0]), printed(pipes[1]);
  Descriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!input.is_open()) return system_error("/dev/null");
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);

  uid_t user = footing.as_root ? next_user() : 0;
  Command command{.arguments = arguments_of(footing, limits, task_bytes, user),
                  .descriptors = {{input.get(), 0},
                                  {printed.get(), 1},
                                  {printed.get(), 2},
                                  {theirs.get(), control_descriptor},
                                  {filter.get(), filter_descriptor}},
                  .user = footing.user_namespace ? user : 0};
  Process process = TRY(Process::start(command));
  return Jail{std::move(process), std::move(ours), std::move(output)};
}

}  // namespace aright::script
