#pragma once
// For simulations: ids that are the same whenever the seed is. Everywhere else they are drawn from the system.

#include <cstdint>

namespace aright {

// While one lives, the ids and UUIDs that its thread makes are a function of the seed and of how many it made. One at a
// time in each thread.
class SeededIds {
 public:
  explicit SeededIds(std::uint64_t seed);
  ~SeededIds();
  SeededIds(const SeededIds&) = delete;
  SeededIds& operator=(const SeededIds&) = delete;
};

}  // namespace aright
