#pragma once
// One child process: started with exactly the descriptors it is given, killed and reaped at the
// latest when this object goes. kill() may be called from any thread while the object lives; the
// rest from one. Internal to script.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace aright::script {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

struct Command {
  std::vector<std::string> arguments;            // the first is the program's path
  std::vector<std::pair<int, int>> descriptors;  // (ours, the child's); all others stay closed
  uid_t user = 0;  // become this user and group first; 0: stay who we are
};

// Of all its threads, as the kernel lists them now.
std::vector<pid_t> children_of(pid_t pid);

class Process {
 public:
  // The child gets an empty environment. Fails with unavailable. It does not die with us by itself: the jail's program
  // sees to that, when it is past the point where its own death would leave somebody behind.
  static Result<Process> start(const Command& command);
  ~Process();
  Process(Process&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)),
        handle_(std::move(other.handle_)),
        status_(other.status_) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(handle_, other.handle_);
    std::swap(status_, other.status_);
    return *this;
  }

  pid_t pid() const { return pid_; }
  void kill() const;  // with its children
  bool has_ended() const;
  // Waits until it has ended, kills it when that takes longer than `patience`: the status as
  // waitpid gives it.
  int wait(std::chrono::milliseconds patience);

 private:
  void signal(int number) const;
  bool stands_or_ended() const;
  Process(pid_t pid, Descriptor handle) : pid_(pid), handle_(std::move(handle)) {}

  pid_t pid_ = 0;
  Descriptor handle_;  // a pidfd: names this process and never another that got its number
  std::optional<int> status_;
};

}  // namespace aright::script
