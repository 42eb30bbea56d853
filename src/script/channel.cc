#include "script/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "base/utf8.h"

namespace aright::script {

namespace {

constexpr milliseconds look_pause{100};  // between looks whether somebody asked to stop
// For the last writer to be gone after the jail was killed.
constexpr milliseconds output_end_wait{10'000};
constexpr std::size_t chunk_bytes = 64u << 10;  // what a pipe holds
constexpr std::string_view cut_mark = "[the beginning is not kept]\n";

std::unexpected<Error> closed() {
  return fail(Errc::unavailable, "the jail has ended");
}

}  // namespace

Result<> Channel::wait(short events, const Context& context) {
  while (true) {
    CHECK_OK(context.check());
    pollfd ends[] = {
        {.fd = jail_.control.get(), .events = events, .revents = 0},
        {.fd = output_open_ ? jail_.output.get() : -1, .events = POLLIN, .revents = 0}};
    auto pause = std::min(look_pause, context.remaining());
    if (::poll(ends, 2, static_cast<int>(pause.count())) < 0 && errno != EINTR)
      return fail(Errc::internal, "poll: {}", std::strerror(errno));
    if (ends[1].revents != 0) output_open_ = drain_output();
    if (overflowed()) return fail(Errc::invalid, "more than {} bytes of output", output_bytes_);
    if (ends[0].revents != 0) return {};
  }
}

bool Channel::drain_output() {
  char chunk[chunk_bytes];
  ssize_t count = ::read(jail_.output.get(), chunk, sizeof chunk);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  printed_ += static_cast<std::size_t>(count);
  log_.append(chunk, static_cast<std::size_t>(count));
  if (log_.size() > 2 * log_bytes_max) {
    log_.erase(0, log_.size() - log_bytes_max);
    cut_ = true;
  }
  return true;
}

Result<> Channel::await_ready(const Context& context) {
  auto line = receive(context.at_most(ready_within));
  if (line && *line == R"({"ready": true})") return {};
  CHECK_OK(context.check());
  jail_.process.wait(farewell);
  std::string why(trim(take_log()));
  if (why.empty()) why = line ? "it does not say that it is ready" : line.error().message;
  return fail(Errc::unsupported, "the jail cannot be set up: {}", why);
}

Result<std::string> Channel::receive(const Context& context) {
  while (true) {
    std::size_t end = received_.find('\n', searched_);
    if (end != received_.npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      searched_ = 0;
      return line;
    }
    searched_ = received_.size();
    if (received_.size() > line_bytes_max)
      return fail(Errc::invalid, "a message of more than {} bytes", line_bytes_max);
    CHECK_OK(wait(POLLIN, context));
    char chunk[chunk_bytes];
    ssize_t count = ::recv(jail_.control.get(), chunk, sizeof chunk, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) return closed();
    received_.append(chunk, static_cast<std::size_t>(count));
  }
}

Result<> Channel::send_some(std::string_view& bytes, const Context& context) {
  CHECK_OK(wait(POLLOUT, context));
  ssize_t count = ::send(jail_.control.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EINTR) return closed();
  if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  return {};
}

Result<> Channel::send(std::string_view line, const Context& context) {
  while (!line.empty())
    CHECK_OK(send_some(line, context));
  std::string_view end = "\n";
  while (!end.empty())
    CHECK_OK(send_some(end, context));
  return {};
}

std::string Channel::take_log() {
  Context patience = Context::within(output_end_wait);
  while (output_open_ && patience.check()) {
    pollfd output{.fd = jail_.output.get(), .events = POLLIN, .revents = 0};
    if (::poll(&output, 1, static_cast<int>(patience.remaining().count())) > 0)
      output_open_ = drain_output();
  }
  return kept_log();
}

std::string Channel::take_log_so_far() {
  pollfd output{.fd = jail_.output.get(), .events = POLLIN, .revents = 0};
  while (output_open_ && !overflowed() && ::poll(&output, 1, 0) > 0) output_open_ = drain_output();
  return kept_log();
}

std::string Channel::kept_log() const {
  std::string text = valid_utf8(log_);
  if (!cut_ && text.size() <= log_bytes_max) return text;
  std::size_t from = text.size() - std::min(text.size(), log_bytes_max - cut_mark.size());
  while (from < text.size() && (text[from] & 0xC0) == 0x80)
    ++from;  // not in the middle of a character
  return std::string(cut_mark) + text.substr(from);
}

}  // namespace aright::script
