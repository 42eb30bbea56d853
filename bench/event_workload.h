#pragma once
// Events as AWS sends them and rules as people write them, made from a seed: the same seed, the same bytes.

#include <string>
#include <vector>

namespace aright::bench {

// One JSON text each, 1 to 6 KB: CloudTrail, Security Hub, GuardDuty, Config and EC2 state changes, in shares as a busy
// organization sees them.
std::vector<std::string> make_events(std::size_t count, std::uint64_t seed);

// One event pattern each. Most name a source and a detail type; all operators occur.
std::vector<std::string> make_patterns(std::size_t count, std::uint64_t seed);

}  // namespace aright::bench
