#pragma once
// What somebody asked for and may not have, or what there is not, is on record: it shows who tries what is not theirs.
// But nobody fills the disk with it.

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"

namespace aright::remediation {

inline constexpr int refusals_of_one_max = 20;    // on record within the window; whom nobody knows are one together
inline constexpr int refusals_max = 200;          // of all
inline constexpr seconds refusals_window{3'600};
inline constexpr std::size_t asked_chars_max = 200;

// Thread-safe.
class RefusalBounds {
 public:
  // How many were left out since the last one that was not; nothing: this one is left out as well.
  std::optional<std::int64_t> admit(const std::string& name, Timestamp now);

 private:
  std::mutex mutex_;                  // guards what follows
  Timestamp began_;                   // the window
  std::map<std::string, int> of_one_;
  int all_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace aright::remediation
