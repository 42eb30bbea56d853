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
constexpr std::size_t runtime_bytes = 256u << 10;  // what a language's runtime of ours needs

uid_t next_user() {
  static std::atomic<uid_t> next{static_cast<uid_t>(::getpid())};
  return user_first + next++ % users_max;
}

std::unexpected<Error> system_error(const char* what) {
  return fail(Errc::unavailable, "{}: {}", what, std::strerror(errno));
}

Result<Descriptor> filter_file(bool sockets) {
  static const Result<std::string> closed = system_call_filter(false), open = system_call_filter(true);
  std::string bytes = TRY(Result<std::string>(sockets ? open : closed));
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

void add_space(std::vector<std::string>& arguments, const char* folder, std::size_t bytes) {
  append(arguments, {"--perms", "1777", "--size", std::to_string(bytes), "--tmpfs", folder});
}

void add_files(std::vector<std::string>& arguments, const Room& room) {
  for (const char* parent : {"/usr", "/usr/share", "/dev", "/var"})
    append(arguments, {"--perms", "0755", "--dir", parent});
  for (const char* folder : {"/usr/bin", "/usr/lib"})
    append(arguments, {"--ro-bind", folder, folder});
  // Debian's node keeps parts of itself in /usr/share/nodejs.
  for (const char* folder : {"/usr/lib64", "/usr/share/zoneinfo", "/usr/share/nodejs"})
    if (std::filesystem::exists(folder)) append(arguments, {"--ro-bind", folder, folder});
  for (const char* name : {"bin", "lib", "lib64"})
    append(arguments, {"--symlink", std::string("usr/") + name, std::string("/") + name});
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"})
    append(arguments, {"--dev-bind", device, device});
  add_space(arguments, "/tmp", room.disk_bytes);
  add_space(arguments, "/var/task", room.task_bytes);
  if (room.loopback) add_space(arguments, "/var/runtime", runtime_bytes);
  if (room.layer_bytes > 0) {
    add_space(arguments, "/opt", room.layer_bytes);
    append(arguments, {"--symlink", "opt/nodejs/node_modules", "/node_modules"});  // where an import looks last
  }
  append(arguments, {"--remount-ro", "/", "--chdir", "/tmp"});
}

std::vector<std::string> arguments_of(const Footing& footing, const Room& room, uid_t user) {
  std::vector<std::string> arguments = {"/usr/bin/bwrap"};
  add_namespaces(arguments, footing);
  add_files(arguments, room);
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
  CHECK_OK(filter_file(false));
  return {};
}

Result<Jail> start_jail(const Footing& footing, const Room& room) {
  Descriptor filter = TRY(filter_file(room.loopback));
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
  Command command{.arguments = arguments_of(footing, room, user),
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
