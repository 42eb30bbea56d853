#pragma once
// What shall go wrong, as data: which calls are throttled, fail, get lost or slow, how stale reads may be,
// how small pages are, and which rates hold. docs/guide/sandbox.md explains every word; YAML or JSON.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/value.h"

namespace aright::sandbox {

inline constexpr std::size_t fault_rules_max = 1'000;
inline constexpr int thousand = 1000;

// Which calls: wildcards over service and operation; reads, writes, or both.
struct Which {
  std::string service = "*", operation = "*";
  enum class Only { all, reads, writes } only = Only::all;

  bool matches(std::string_view service_name, std::string_view operation_name, bool reads) const;
};

// How often of a thousand calls. What is left goes through.
struct FaultRule {
  Which which;
  int throttled = 0;     // the service's own throttling error: nothing happened
  int failed = 0;        // 500: nothing happened
  int lost_before = 0;   // time-out, and nothing happened
  int lost_after = 0;    // time-out, but it took effect
  int reset_before = 0;  // connection reset, and nothing happened
  int reset_after = 0;   // connection reset, but it took effect
  int slow = 0;          // the answer takes `by` longer
  milliseconds by{1'000};

  int sum() const { return throttled + failed + lost_before + lost_after + reset_before + reset_after + slow; }
};

// Reads that answer as it was up to `window` ago, in the cloud's own time.
struct StaleRule {
  Which which;
  milliseconds window{0};
  int often = thousand;   // of a thousand reads
  bool always_whole = false;  // exactly `window` ago, every time: writes show with that delay
};

// A token bucket for each account, region, service and `share`: `burst` tokens, `per_second` new ones.
struct LimitRule {
  Which which;
  double burst = 0, per_second = 0;
  std::string share;  // operations with the same share one bucket; "": each has its own
};

struct FaultPlan {
  std::uint64_t seed = 1;
  milliseconds timeout{2'000};  // how long a client of the HTTP server waits for an answer that is lost
  std::vector<FaultRule> faults;  // the first that matches decides
  std::vector<StaleRule> stale;
  std::vector<LimitRule> limits;
  std::optional<std::size_t> page_items;  // at most, whatever callers ask for

  bool empty() const { return faults.empty() && stale.empty() && limits.empty() && !page_items; }
};

// Fails with invalid: what is wrong, and where.
Result<FaultPlan> parse_fault_plan(std::string_view yaml);
json::Object to_json(const FaultPlan& plan);

// `stale: aws`: windows of a few seconds where AWS documents or shows eventual consistency.
std::vector<StaleRule> usual_stale_rules();
// `throttling: aws`: the rates that AWS publishes, by service and operation.
std::vector<LimitRule> usual_limits();

}  // namespace aright::sandbox
