#pragma once
// What was judged last, by control and resource, since this process began. Thread-safe.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "remediation/detect.h"

namespace aright::server {

inline constexpr std::size_t judgements_max = 200'000;  // of all controls; further ones are not kept

// Stands for a control in what people attested of a process check.
inline std::string attested_as(std::string_view rule) { return "process-check:" + std::string(rule); }

class Judgements {
 public:
  struct One {
    remediation::Resource resource;
    rules::Evaluation evaluation;
    Timestamp at;
  };

  void hear(const std::vector<remediation::Judged>& judged, Timestamp now);
  // In the order of the resources' keys. Those that a rule is not about, and those that are gone, are not among them.
  std::vector<One> of(std::string_view control) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, One>, std::less<>> by_control_;  // guarded by mutex_
  std::size_t count_ = 0;                                                      // as well
};

}  // namespace aright::server
