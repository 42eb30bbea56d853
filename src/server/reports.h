#pragma once
// The review of effectiveness (report/review.h) of a window of time. It is a fold over the whole ledger, and so what
// was told is told again while nothing was written since. Thread-safe.

#include <deque>
#include <mutex>
#include <string>

#include "remediation/engine.h"

namespace aright::server {

inline constexpr std::size_t reports_kept_max = 8;       // the latest windows that somebody asked for
inline constexpr milliseconds report_age_max{60'000};    // what waits is told with how long it has waited

class Reports {
 public:
  Result<json::Object> tell(remediation::Engine& engine, const std::string& since, const std::string& until);

 private:
  struct Told {
    std::string since, until;
    std::uint64_t entries = 0;  // of the ledger
    Timestamp at;
    json::Object review;
  };
  std::mutex mutex_;
  std::deque<Told> told_;  // guarded by mutex_
};

}  // namespace aright::server
