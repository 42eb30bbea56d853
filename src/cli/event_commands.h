#pragma once
// events match|test-pattern|put.

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

}  // namespace aright::cli
