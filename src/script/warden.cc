#include "script/warden.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

namespace aright::script {

namespace {

constexpr milliseconds memory_pause{25};  // a process fills about 100 MB in this time
constexpr std::size_t processes_seen_max = 4'096;

// Private and shared pages, in bytes; files it maps do not count.
std::size_t memory_of(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::size_t kilobytes = 0;
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("RssAnon:") && !line.starts_with("RssShmem:")) continue;
    std::size_t digits = line.find_first_of("0123456789");
    std::size_t count = 0;
    if (digits != line.npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), count);
    kilobytes += count;
  }
  return kilobytes * 1024;
}

}  // namespace

std::size_t memory_of_tree(pid_t root) {
  std::vector<pid_t> found = {root};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < found.size() && i < processes_seen_max; ++i) {
    bytes += memory_of(found[i]);
    for (pid_t child : children_of(found[i]))
      found.push_back(child);
  }
  return bytes;
}

Warden::Warden(const Process& process, const Limits& limits, milliseconds initialisation, const Context& context)
    : process_(process),
      limits_(limits),
      context_(context),
      wall_(Context::within(initialisation + limits.wall)),
      thread_([this](std::stop_token done) { watch(done); }) {}

Warden::~Warden() {
  dismiss();
}

void Warden::event_begins() {
  std::lock_guard lock(mutex_);
  wall_ = wall_.at_most(limits_.wall);
}

Warden::Verdict Warden::dismiss() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return verdict_;
}

void Warden::watch(const std::stop_token& done) {
  std::stop_callback asked(context_.stop, [this] { end(Verdict::out_of_context); });
  std::unique_lock lock(mutex_);
  while (!done.stop_requested()) {
    if (!context_.check()) return end(Verdict::out_of_context);
    if (!wall_.check()) return end(Verdict::overtime);
    if (memory_of_tree(process_.pid()) > limits_.memory_bytes) return end(Verdict::oversize);
    auto pause = std::min({memory_pause, wall_.remaining(), context_.remaining()});
    wake_.wait_for(lock, done, std::max(pause, milliseconds(1)), [] { return false; });
  }
}

void Warden::end(Verdict verdict) {
  Verdict none = Verdict::none;
  verdict_.compare_exchange_strong(none, verdict);
  process_.kill();
}

}  // namespace aright::script
