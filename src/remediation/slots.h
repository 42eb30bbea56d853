#pragma once
// In which order starts go that one limit holds. Each of them gets the time at which there is room for it, behind those
// that came before, so that no more wake at one time than may start. It is no record: after a restart, or beside other
// workers, a start that wakes too early finds no room, and gets a time anew.
//
// Thread-safe.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "remediation/brakes.h"

namespace aright::remediation {

inline constexpr milliseconds slot_grace{10'000};  // a slot that was not used for so long is free again
inline constexpr std::size_t slots_max = 100'000;  // of one limit; who comes later waits for the last of them

class Slots {
 public:
  // As held_by() of a limit says, with those that wait before `who` taken for starts. `key`: what the limit counts by.
  // Where it has to wait, it is in the line from now on.
  std::optional<Hold> held_by(const Limit& limit, const std::string& key, int allowed, std::vector<Timestamp> latest,
                              const std::string& who, Timestamp now);
  // Of all limits that hold it, it starts when the last one lets it: its place in each of their lines is that time.
  void waits_until(const std::string& who, Timestamp until);
  // It started, or waits for nothing any more.
  void leave(const std::string& who);
  // Nobody waits: the limits are others now.
  void clear();

 private:
  using Line = std::map<std::string, Timestamp>;  // who waits, and for when

  std::mutex mutex_;  // guards what follows
  // Who came first, of all lines: whom two limits hold would else be first in one and last in the other, for ever.
  std::map<std::string, std::uint64_t> tickets_;
  std::uint64_t tickets_given_ = 0;
  std::map<std::string, Line> lines_;  // by key and window: two limits may count by the same
};

}  // namespace aright::remediation
