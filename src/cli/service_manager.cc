#include "cli/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace aright::cli {

void tell_manager(std::string_view state) {
  const char* named = std::getenv("NOTIFY_SOCKET");
  std::string path = named ? named : "";
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return;
  if (path[0] == '@') path[0] = '\0';  // an abstract name
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  int out = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (out < 0) return;
  auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  (void)::sendto(out, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  ::close(out);
}

std::optional<milliseconds> watchdog_interval() {
  const char* said = std::getenv("WATCHDOG_USEC");
  std::string_view text = said ? said : "";
  long long us = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), us);
  if (text.empty() || error != std::errc() || us <= 0) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(std::chrono::microseconds(us));
}

long long monotonic_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace aright::cli
