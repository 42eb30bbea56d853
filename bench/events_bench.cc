// How fast events find their rules, on one core: events per second at 10 to 10,000 rules, beside what simdjson's own
// parser needs for the same bytes in the same run.
//
//     events_bench [SECONDS of each measurement] [RULES…]

#include <fmt/format.h>
#include <simdjson.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "event_workload.h"
#include "pattern/pattern.h"
#include "pattern/rule_set.h"

namespace aright::bench {
namespace {

constexpr std::size_t events_count = 4'000;  // about 9 MB: no event is still in the cache when it comes again
constexpr std::uint64_t events_seed = 1, rules_seed = 2;
constexpr int repeats = 5;  // the best counts: other programs use this machine as well
constexpr int changes = 5;

// The processor's time, not the wall's: others may use this machine meanwhile.
double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Events per second of the best repeat. `work` takes one event.
template <typename Work>
double best_rate(const std::vector<simdjson::padded_string>& events, double seconds, Work work) {
  double best = 0;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::clock();
    std::size_t done = 0;
    double spent = 0;
    while (spent < seconds / repeats) {
      for (const auto& event : events)
        work(event);
      done += events.size();
      spent = seconds_since(start);
    }
    best = std::max(best, static_cast<double>(done) / spent);
  }
  return best;
}

void fail_with(const Error& error) {
  fmt::print("{}\n", error.message);
  std::exit(1);
}

std::vector<pattern::Matcher::Entry> compile(const std::vector<std::string>& patterns) {
  std::vector<pattern::Matcher::Entry> out;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto pattern = pattern::Pattern::parse(patterns[i]);
    if (!pattern) fail_with(pattern.error());
    out.push_back({.id = fmt::format("rule-{:05}", i), .pattern = *pattern});
  }
  return out;
}

void measure(const std::vector<simdjson::padded_string>& events, std::size_t rules, double seconds, double bare) {
  const auto patterns = make_patterns(rules, rules_seed);
  auto start = std::clock();
  auto entries = compile(patterns);
  const double parse_ms = seconds_since(start) * 1e3;
  start = std::clock();
  const pattern::Matcher matcher(entries);
  const double build_ms = seconds_since(start) * 1e3;

  pattern::Workspace workspace;
  std::size_t matches = 0;
  for (const auto& event : events) {
    auto found = matcher.match_padded(event, workspace);
    if (!found) fail_with(found.error());
    matches += found->size();
  }
  std::size_t ignored = 0;
  const double rate =
      best_rate(events, seconds, [&](const auto& event) { ignored += matcher.match_padded(event, workspace)->size(); });
  pattern::RuleSet set;
  set.put(std::move(entries));
  auto extra = compile({R"({"source":["aws.s3"],"detail":{"eventName":["PutBucketPolicy"]}})"});
  extra[0].id = "extra";
  double change_ms = 1e9;
  for (int i = 0; i < changes; ++i) {
    start = std::clock();
    set.put(extra);
    change_ms = std::min(change_ms, seconds_since(start) * 1e3);
    set.remove({"extra"});
  }
  const auto size = matcher.compiled_size();
  fmt::print("{:>7} {:>12.0f} {:>8.2f} {:>10.1f} % {:>12.1f} {:>9} {:>8} {:>9.0f} {:>9.1f} {:>9.1f} {:>10.2f}\n", rules,
             rate, 1e6 / rate, 100 * rate / bare, static_cast<double>(matches) / static_cast<double>(events.size()),
             size.sub_rules, size.fields, static_cast<double>(size.bytes) / 1024, parse_ms, build_ms, change_ms);
  if (ignored == 1) fmt::print("\n");  // so that no compiler leaves the work out
}

void report(double seconds, const std::vector<std::size_t>& sizes) {
  std::vector<simdjson::padded_string> events;
  std::size_t bytes = 0, shortest = SIZE_MAX, longest = 0;
  for (const auto& event : make_events(events_count, events_seed)) {
    events.emplace_back(event);
    bytes += event.size();
    shortest = std::min(shortest, event.size());
    longest = std::max(longest, event.size());
  }
  const double mean = static_cast<double>(bytes) / static_cast<double>(events.size());
  fmt::print("{} events of {} to {} bytes, {:.0f} on average; best of {} runs of {:.1f} s, one core, simdjson's {}\n",
             events.size(), shortest, longest, mean, repeats, seconds / repeats,
             simdjson::get_active_implementation()->name());
  simdjson::dom::parser parser;
  std::size_t ignored = 0;
  const double bare = best_rate(events, seconds, [&](const auto& event) { ignored += parser.parse(event).error(); });
  fmt::print("simdjson's bare parse (DOM): {:.0f} events/s, {:.2f} us, {:.2f} GB/s\n", bare, 1e6 / bare,
             bare * mean / 1e9);
  fmt::print("{:>7} {:>12} {:>8} {:>12} {:>12} {:>9} {:>8} {:>9} {:>9} {:>9} {:>10}\n", "rules", "events/s", "us",
             "of the parse", "matches each", "sub-rules", "fields", "KiB", "parse ms", "build ms", "change ms");
  for (auto rules : sizes)
    measure(events, rules, seconds, bare);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print("peak memory {} MiB, {} of it events\n", used.ru_maxrss / 1024, bytes >> 20);
  if (ignored == 1) fmt::print("\n");
}

}  // namespace
}  // namespace aright::bench

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
  std::vector<std::size_t> sizes;
  for (int i = 2; i < argc; ++i)
    sizes.push_back(static_cast<std::size_t>(std::atoll(argv[i])));
  if (sizes.empty()) sizes = {10, 100, 1'000, 10'000};
  aright::bench::report(seconds, sizes);
}
