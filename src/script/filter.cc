#include "script/filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace aright::script {

namespace {

// What Python and ordinary programs need of a private file system, memory, time, threads,
// processes, pipes and signals. A name that this architecture lacks is passed over.
constexpr std::array allowed = {
    // Files.
    "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup",
    "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod",
    "fchmodat", "fchown", "fchownat", "fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync",
    "ftruncate", "futimesat", "getcwd", "getdents", "getdents64", "lchown", "link", "linkat",
    "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat", "openat2", "pipe",
    "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead",
    "readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile",
    "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync_file_range", "tee",
    "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "write", "writev",
    "fgetxattr", "flistxattr", "getxattr", "lgetxattr", "listxattr", "llistxattr",
    // Memory.
    "brk", "madvise", "membarrier", "mincore", "mmap", "mprotect", "mremap", "msync", "munmap",
    // Time, and waiting.
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create", "epoll_create1",
    "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "getitimer",
    "gettimeofday", "nanosleep", "pause", "poll", "ppoll", "pselect6", "select", "setitimer",
    "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
    "timerfd_create", "timerfd_gettime", "timerfd_settime", "times",
    // Threads and processes of its own.
    "arch_prctl", "execve", "exit", "exit_group", "fork", "futex", "get_robust_list", "getcpu",
    "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid", "getppid",
    "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid", "getuid",
    "kill", "pidfd_open", "pidfd_send_signal", "prlimit64", "restart_syscall", "rseq",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "sched_yield", "set_robust_list", "set_tid_address", "setpgid",
    "setpriority", "setrlimit", "setsid", "sysinfo", "tgkill", "tkill", "uname", "vfork", "wait4",
    "waitid",
    // Signals.
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
    "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "signalfd", "signalfd4",
    // The one socket that it was given, and pairs of its own.
    "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmsg", "sendmsg", "sendto",
    "setsockopt", "shutdown",
    // Randomness.
    "getrandom",
    // Who becomes an unprivileged user before it starts; without capabilities these change nothing.
    "capget", "capset", "setgid", "setgroups", "setregid", "setresgid", "setresuid", "setreuid",
    "setuid"};

// For a jail with a loopback; socket() itself has a condition.
constexpr std::array of_sockets = {"accept", "accept4", "bind", "connect", "listen", "recvmmsg", "sendmmsg"};

constexpr std::uint64_t namespace_flags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                          CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                          CLONE_NEWNET;

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// Rules that look at an argument: threads but no namespaces, pairs of local sockets, harmless
// ioctls and prctls.
bool add_conditional(scmp_filter_ctx filter) {
  auto allow = [&](int number, scmp_arg_cmp condition) {
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, condition) == 0;
  };
  // clone3 hides its flags behind a pointer: "not implemented" makes the C library use clone.
  bool ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
            allow(SCMP_SYS(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, namespace_flags, 0)) &&
            allow(SCMP_SYS(socketpair), SCMP_A0_32(SCMP_CMP_EQ, AF_UNIX));
  for (unsigned request : {FIOCLEX, FIONCLEX, FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ})
    ok = ok && allow(SCMP_SYS(ioctl), SCMP_A1_32(SCMP_CMP_EQ, request));
  for (unsigned option :
       {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE,
        PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_KEEPCAPS, PR_SET_KEEPCAPS})
    ok = ok && allow(SCMP_SYS(prctl), SCMP_A0_32(SCMP_CMP_EQ, option));
  return ok;
}

// Of the internet's families: the network that they reach is the jail's own.
bool add_socket(scmp_filter_ctx filter) {
  for (unsigned family : {AF_INET, AF_INET6})
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0_32(SCMP_CMP_EQ, family)) != 0)
      return false;
  return true;
}

Result<> add_names(scmp_filter_ctx filter, std::span<const char* const> names) {
  for (const char* name : names) {
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0) continue;
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) != 0)
      return fail(Errc::unsupported, "libseccomp refuses a rule for {}", name);
  }
  return {};
}

Result<std::string> exported(scmp_filter_ctx filter) {
  int fd = ::memfd_create("filter", MFD_CLOEXEC);
  if (fd < 0) return fail(Errc::unsupported, "memfd_create: {}", std::strerror(errno));
  std::string program;
  char buffer[4096];
  if (seccomp_export_bpf(filter, fd) == 0 && ::lseek(fd, 0, SEEK_SET) == 0)
    for (ssize_t count; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
      program.append(buffer, static_cast<std::size_t>(count));
  ::close(fd);
  if (program.empty()) return fail(Errc::unsupported, "the system call filter cannot be exported");
  return program;
}

}  // namespace

Result<std::string> system_call_filter(bool sockets) {
  Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return fail(Errc::unsupported, "libseccomp does not know this architecture");
  CHECK_OK(add_names(filter.get(), allowed));
  if (sockets) CHECK_OK(add_names(filter.get(), of_sockets));
  if (!add_conditional(filter.get()) || (sockets && !add_socket(filter.get())))
    return fail(Errc::unsupported, "libseccomp refuses a rule with a condition");
  return exported(filter.get());
}

}  // namespace aright::script
