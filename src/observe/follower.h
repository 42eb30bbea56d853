#pragma once
// Reads the ledger from its first entry on and stays at its end, on a thread of its own. Owned by whoever wants to
// hear; what it is given must outlive it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "ledger/ledger.h"

namespace aright::observe {

inline constexpr milliseconds follow_look{250};   // between looks for new entries
inline constexpr std::size_t follow_batch = 200;  // entries in one look

class Follower {
 public:
  // `fresh`: appended after the follower was made. On the follower's thread, in order of position.
  using Hear = std::function<void(const ledger::Entry&, bool fresh)>;

  Follower(const ledger::Ledger& ledger, Hear hear);
  ~Follower() { stop(); }
  void start();
  void stop();

  // Whether it has been at the end of the ledger once.
  bool caught_up() const { return caught_up_; }
  std::uint64_t position() const { return position_; }  // of the last entry it told
  // One look: as start()'s thread does. False when there is nothing new.
  Result<bool> look();

 private:
  const ledger::Ledger& ledger_;
  const Hear hear_;
  const std::uint64_t fresh_after_;
  std::atomic<std::uint64_t> position_ = 0;
  std::atomic<bool> caught_up_ = false;
  std::jthread thread_;
};

}  // namespace aright::observe
