#pragma once
// events match|test-pattern|put|archive|replay.

#include <string>
#include <vector>

#include "cli/settings.h"

namespace aright::cli {

struct EventMatching {
  std::string rules;                // file of {"id", "pattern"}, one a line
  std::vector<std::string> events;  // files of events, one a line; none, or "-": standard input
  bool count = false;               // totals only
  bool keep_going = false;          // a line that is no event gives null
  double bench_s = 0;               // match for so long, and tell how fast
};
int events_match(const Settings& settings, const EventMatching& matching);

// Each a file, "-", or the JSON text itself.
int events_test_pattern(const Settings& settings, const std::string& pattern, const std::string& event);

// Files, directories, or "-" and none for standard input. Stops at the first that is refused, and says where.
int events_put(const Settings& settings, const std::vector<std::string>& files);

// What the policy archives, and the replays so far.
int events_archive(const Settings& settings);

struct ReplayOptions {
  std::string name, archive, from, until;  // `until` "": now
  std::vector<std::string> rules;          // none: all of the bus
  bool again = false;
  int events_max = 0;  // 0: the server's default
};
int events_replay(const Settings& settings, const ReplayOptions& options);

}  // namespace aright::cli
