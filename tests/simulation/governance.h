#pragma once
// One run of the whole engine in virtual time, on one thread: an organization with its policy, people, weather and
// accidents, all drawn from a seed.

#include <map>
#include <string>
#include <vector>

#include "witness.h"

namespace aright::simulation {

struct Figures {
  std::size_t runs = 0, remediations = 0, entries = 0, writes = 0, again = 0, deaths = 0, faults = 0, compared = 0;
  std::size_t refused = 0;  // what people said that did not count
  std::map<std::string, std::size_t> ends;   // of remediations: stage → how many
  std::map<std::string, std::size_t> kinds;  // of their entries
  Figures& operator+=(const Figures& other);
};

struct Run {
  Figures figures;
  std::string trace;  // a hash of every entry, of every write, and of what the cloud is then: the same seed, the same
  std::vector<Violation> violations;
  std::vector<std::string> story;  // of the violations, when there are any: what was on record, line by line
};

Run play_governance(std::uint64_t seed);

}  // namespace aright::simulation
