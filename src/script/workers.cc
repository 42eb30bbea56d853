#include "script/workers.h"

#include <signal.h>

#include <algorithm>

namespace aright::script {

namespace {

constexpr milliseconds look_every{10'000};  // whether one has rested too long
constexpr std::size_t processes_max = 4'096;

// To all within the jail: its own program, bwrap, waits for them in any case.
void tell_all(const Jail& jail, int signal) {
  std::vector<pid_t> found = children_of(jail.process.pid());
  for (std::size_t i = 0; i < found.size() && found.size() < processes_max; ++i)
    for (pid_t child : children_of(found[i])) found.push_back(child);
  for (pid_t pid : found) ::kill(pid, signal);
}

}  // namespace

Workers& Workers::instance() {
  static Workers workers;
  return workers;
}

Workers::Workers() {
  static_cast<void>(prepare_jails());  // made before this object, it is there until after it
  keeper_ = std::jthread([this](const std::stop_token& done) { keep(done); });
}

Workers::~Workers() {
  keeper_.request_stop();
  keeper_.join();
}

std::optional<Worker> Workers::take(const std::string& name) {
  std::lock_guard lock(mutex_);
  std::erase_if(resting_, [](const Resting& one) { return one.worker.jail.process.has_ended(); });
  // The one that rested last: its memory is there, and the others come to their end.
  auto found = std::ranges::find(resting_.rbegin(), resting_.rend(), name, &Resting::name);
  if (found == resting_.rend()) return {};
  std::optional<Worker> taken(std::move(found->worker));
  resting_.erase(std::next(found).base());
  tell_all(taken->jail, SIGCONT);
  return taken;
}

void Workers::give(const std::string& name, Worker worker) {
  if (++worker.events >= warm_events_max || worker.jail.process.has_ended()) return;
  tell_all(worker.jail, SIGSTOP);
  std::optional<Resting> oldest;  // ended outside of the lock
  std::lock_guard lock(mutex_);
  if (resting_.size() >= warm_max) {
    oldest = std::move(resting_.front());
    resting_.erase(resting_.begin());
  }
  resting_.push_back({name, std::move(worker), Context::within(warm_idle_max)});
}

Result<Jail> Workers::start(const Footing& footing, const Room& room) {
  std::packaged_task<Result<Jail>()> order([footing, room] { return start_jail(footing, room); });
  auto made = order.get_future();
  {
    std::lock_guard lock(mutex_);
    orders_.push_back(std::move(order));
  }
  wake_.notify_all();
  return made.get();
}

void Workers::keep(const std::stop_token& done) {
  std::unique_lock lock(mutex_);
  while (!done.stop_requested()) {
    wake_.wait_for(lock, done, look_every, [&] { return !orders_.empty(); });
    auto orders = std::exchange(orders_, {});
    std::erase_if(resting_, [](const Resting& one) { return !one.patience.check(); });
    lock.unlock();
    for (auto& order : orders) order();
    lock.lock();
  }
  for (auto& order : orders_) order();  // whoever waits gets an answer
  resting_.clear();
}

}  // namespace aright::script
