#include "script/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/context.h"

namespace aright::script {

namespace {

constexpr int exec_failed_status = 127;
constexpr int descriptors_free_from = 64;  // above every number that a child is given
constexpr milliseconds stop_wait{1'000}, stop_pause{1};  // for a process that was told to stand still

// Between fork and exec: system calls only, since another thread may hold any lock.
class Child {
 public:
  explicit Child(const Command& command) : command_(command) {
    for (const std::string& argument : command.arguments)
      arguments_.push_back(const_cast<char*>(argument.c_str()));
    arguments_.push_back(nullptr);
    moved_.resize(command.descriptors.size());
  }

  [[noreturn]] void become() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (place_descriptors() && drop_to(command_.user)) {
      char* const empty[] = {nullptr};
      ::execve(arguments_[0], arguments_.data(), empty);
    }
    ::_exit(exec_failed_status);
  }

 private:
  // First out of the way of every target, then into place.
  bool place_descriptors() {
    int last = 2;
    for (std::size_t i = 0; i < moved_.size(); ++i) {
      moved_[i] = ::fcntl(command_.descriptors[i].first, F_DUPFD_CLOEXEC, descriptors_free_from);
      if (moved_[i] < 0) return false;
    }
    for (std::size_t i = 0; i < moved_.size(); ++i) {
      if (::dup2(moved_[i], command_.descriptors[i].second) < 0) return false;
      last = std::max(last, command_.descriptors[i].second);
    }
    return ::syscall(SYS_close_range, static_cast<unsigned>(last) + 1, ~0u, 0u) == 0;
  }

  // Raw calls: the wrappers want to tell the other threads, which are not here.
  static bool drop_to(uid_t user) {
    if (user == 0) return true;
    return ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
           ::syscall(SYS_setresgid, user, user, user) == 0 &&
           ::syscall(SYS_setresuid, user, user, user) == 0;
  }

  const Command& command_;
  std::vector<char*> arguments_;
  std::vector<int> moved_;
};

}  // namespace

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Process> Process::start(const Command& command) {
  Child child(command);
  pid_t pid = ::fork();
  if (pid < 0) return fail(Errc::unavailable, "fork: {}", std::strerror(errno));
  if (pid == 0) child.become();
  Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  bool opened = handle.is_open();
  int number = errno;
  if (!opened) ::kill(pid, SIGKILL);
  Process process(pid, std::move(handle));
  if (!opened)
    return fail(Errc::unsupported, "pidfd_open: {} (Linux 5.3 or later)", std::strerror(number));
  return process;
}

Process::~Process() {
  if (pid_ != 0) wait(std::chrono::milliseconds(0));
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code gone;
  std::filesystem::directory_iterator thread(fmt::format("/proc/{}/task", pid), gone);
  for (; !gone && thread != std::filesystem::directory_iterator(); thread.increment(gone)) {
    std::ifstream list(thread->path() / "children");
    for (pid_t child; list >> child;) children.push_back(child);
  }
  return children;
}

bool Process::stands_or_ended() const {
  siginfo_t seen{};
  auto handle = static_cast<id_t>(handle_.get());
  return ::waitid(P_PIDFD, handle, &seen, WSTOPPED | WEXITED | WNOHANG | WNOWAIT) != 0 || seen.si_pid != 0;
}

void Process::signal(int number) const {
  if (handle_.is_open()) ::syscall(SYS_pidfd_send_signal, handle_.get(), number, nullptr, 0);
}

// bwrap's child waits for it before it asks to die with it: killed in between, bwrap would leave it behind for ever.
// One that stands still has no further children, and what it has keeps its number.
void Process::kill() const {
  if (!has_ended()) {
    signal(SIGSTOP);
    auto patience = Context::within(stop_wait);
    while (!stands_or_ended() && patience.sleep(stop_pause)) {
    }
    for (pid_t child : children_of(pid_)) ::kill(child, SIGKILL);
  }
  signal(SIGKILL);
}

bool Process::has_ended() const {
  pollfd ended{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 0) != 0;
}

int Process::wait(std::chrono::milliseconds patience) {
  if (status_) return *status_;
  pollfd ended{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, handle_.is_open() ? 1 : 0, static_cast<int>(patience.count())) <= 0) kill();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0)
    if (errno != EINTR) break;
  status_ = status;
  return status;
}

}  // namespace aright::script
