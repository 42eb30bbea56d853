#pragma once
// Many events about one resource in a short time come to one judgement of it: the first is judged at once, and what
// comes within the window is judged together when the window is over, by the last of them. And one resource is judged
// by one signal at a time, so that what is told of it is told in order.
//
// Thread-safe. Knows only this process' signals: after a restart a resource may be judged once more than it had to be.

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace aright::remediation {

inline constexpr seconds burst_window_default{1}, burst_window_max{300};
inline constexpr int burst_windows_held_max = 5;  // so many windows a judgement may be put off by later events
inline constexpr std::size_t burst_resources_max = 100'000;  // remembered
inline constexpr milliseconds resource_pause{100};           // until a look whether another signal has done with it

class Bursts {
 public:
  explicit Bursts(milliseconds window) : window_(window) {}
  void set_window(milliseconds window);  // from now on

  struct Answer {
    bool wait = false;  // ask again at `until`; nothing else holds then
    Timestamp until;
    std::set<std::string> others;  // resources that a later signal judges
  };
  // The signal is about these resources, and came as the `order`-th. After a yes, end() must follow.
  Answer begin(const std::string& signal, std::uint64_t order, const std::vector<std::string>& resources,
               Timestamp now);
  // It judged those that were not left to others; or failed, and comes again.
  void end(const std::string& signal, const std::vector<std::string>& resources, bool judged, Timestamp now);

 private:
  struct Standing {
    std::string judging;                           // the signal that is at it, or ""
    std::map<std::uint64_t, std::string> waiting;  // signals that were seen and not judged, by order
    Timestamp held_since;                          // when the first of them was
    Timestamp judged_at{-1};                       // -1: never
  };
  void forget_idle(Timestamp now);

  std::mutex mutex_;
  milliseconds window_;                        // guarded by mutex_
  std::map<std::string, Standing> standings_;  // guarded by mutex_
};

}  // namespace aright::remediation
