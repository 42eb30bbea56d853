#include "observe/follower.h"

#include "base/context.h"

namespace aright::observe {

Follower::Follower(const ledger::Ledger& ledger, Hear hear)
    : ledger_(ledger), hear_(std::move(hear)), fresh_after_(ledger.size()) {}

Result<bool> Follower::look() {
  if (ledger_.size() > position_) {
    auto entries = TRY(ledger_.read(position_ + 1, follow_batch));
    for (const auto& entry : entries) {
      hear_(entry, entry.position > fresh_after_);
      position_ = entry.position;
    }
    if (!entries.empty()) return true;
  }
  caught_up_ = true;
  return false;
}

void Follower::start() {
  thread_ = std::jthread([this](std::stop_token stop) {
    Context context{.stop = stop};
    while (!stop.stop_requested()) {
      auto more = look();
      // One that cannot be read now may be later; the engine tells of the fault.
      if ((!more || !*more) && !context.sleep(follow_look)) break;
    }
    // What was told last is heard as well.
    for (bool more = caught_up(); more;) {
      auto looked = look();
      more = looked && *looked;
    }
  });
}

void Follower::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace aright::observe
