#pragma once
// Lines to and from a jail, while what it prints is collected so that it never has to wait. One
// thread. Internal to script.

#include <string>
#include <string_view>

#include "script/jail.h"

namespace aright::script {

inline constexpr milliseconds ready_within{20'000};  // bwrap and Python, on a very busy machine
inline constexpr milliseconds farewell{1'000};  // from closing its end of the line to being gone
inline constexpr std::size_t line_bytes_max =
    16u << 20;  // of one message from the jail: a call with a blob in it

class Channel {
 public:
  Channel(Jail& jail, std::size_t output_bytes) : jail_(jail), output_bytes_(output_bytes) {}

  // Until the jail says that it is set up. Fails with unsupported and what the jail said instead.
  Result<> await_ready(const Context& context);
  // The next line, without its end. Fails with unavailable when the jail has closed, with invalid
  // when the line is too long or more was printed than may be, and as the context does.
  Result<std::string> receive(const Context& context);
  // Fails with unavailable when the jail has closed, with invalid when more was printed than may be,
  // and as the context does.
  Result<> send(std::string_view line, const Context& context);

  // What it has printed so far: of a jail that goes on.
  std::string take_log_so_far();
  // After the jail has ended: the end of what it printed, log_bytes_max at most.
  std::string take_log();
  // Whether more was printed than may be.
  bool overflowed() const { return printed_ > output_bytes_; }

 private:
  // Waits until the control socket is ready for `events`.
  Result<> wait(short events, const Context& context);
  bool drain_output();  // false at its end
  std::string kept_log() const;
  Result<> send_some(std::string_view& bytes, const Context& context);

  Jail& jail_;
  const std::size_t output_bytes_;
  std::size_t printed_ = 0;
  std::string received_;
  std::size_t searched_ = 0;  // of received_: has no end of line
  std::string log_;
  bool cut_ = false;  // the log's beginning is gone
  bool output_open_ = true;
};

}  // namespace aright::script
