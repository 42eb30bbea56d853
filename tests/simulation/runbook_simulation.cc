// Random documents × random crash points × answers that get lost, in virtual time. Each document is first run without
// interruption; then it is killed and resumed, several times in one run, around commits and around calls of the cloud.
// Every run must end as the uninterrupted one did, and must have made the same writes: counted at the cloud.
//
//   runbook_simulation [runs] [first seed]
//
// Prints figures, and the seed of each failure; exits 1 when there is one.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "documents.h"
#include "play.h"

namespace aright::simulation {
namespace {

constexpr int runs_per_document = 4;
constexpr int deaths_max = 3;  // in one run
constexpr int failures_told_max = 20;

struct Tally {
  std::size_t documents = 0, runs = 0, deaths = 0, lost = 0, writes = 0, failures = 0;
};

Death random_death(Random& random, const End& whole) {
  auto at = static_cast<Death::At>(1 + random.below(4));
  bool commit = at == Death::At::before_commit || at == Death::At::after_commit;
  auto among = commit ? whole.commits : whole.calls;
  return {at, 1 + random.below(std::max<std::uint64_t>(among, 1))};
}

void tell(Tally& tally, std::uint64_t seed, int run, const std::string& what) {
  if (++tally.failures > failures_told_max) return;
  fmt::print("seed {} run {}: {}\n", seed, run, what);
}

constexpr std::size_t shown_chars = 300;

// Both from where they part.
std::string parting(const std::string& one, const std::string& other) {
  auto at = static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
  auto from = at < shown_chars / 2 ? 0 : at - shown_chars / 2;
  return fmt::format("\n  without: …{}…\n  with:    …{}…", one.substr(from, shown_chars),
                     other.substr(std::min(from, other.size()), shown_chars));
}

std::string difference(const End& whole, const End& end) {
  if (!end.fault.empty()) return "did not end: " + end.fault;
  if (end.writes != whole.writes)
    return fmt::format("other writes\n  without:\n    {}\n  with:\n    {}", fmt::join(whole.writes, "\n    "),
                       fmt::join(end.writes, "\n    "));
  if (end.told != whole.told) return "another end" + parting(whole.told, end.told);
  return "";
}

void simulate(std::uint64_t seed, Tally& tally) {
  ++tally.documents;
  auto whole = play({.seed = seed});
  if (!whole.fault.empty()) return tell(tally, seed, 0, whole.fault);
  tally.writes += whole.writes.size();
  for (int run = 1; run <= runs_per_document; ++run) {
    Random random(seed * 1'000 + static_cast<std::uint64_t>(run));
    Plot plot{.seed = seed};
    auto deaths = 1 + random.below(deaths_max);
    for (std::uint64_t i = 0; i < deaths; ++i) plot.deaths.push_back(random_death(random, whole));
    if (run % 2 == 0) plot.losses = {.before = 150, .after = 150};
    auto end = play(plot);
    ++tally.runs;
    tally.deaths += end.deaths;
    tally.lost += end.lost;
    if (auto what = difference(whole, end); !what.empty()) tell(tally, seed, run, what);
  }
}

int simulate_all(std::size_t runs, std::uint64_t first) {
  Tally tally;
  auto start = std::chrono::steady_clock::now();
  for (auto seed = first; tally.runs < runs && tally.failures < failures_told_max; ++seed) simulate(seed, tally);
  double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} runs of {} documents (seeds {} to {}) in {:.0f} s: {} deaths, {} lost answers, {} writes without "
             "interruption; {} failures\n",
             tally.runs, tally.documents, first, first + tally.documents - 1, elapsed_s, tally.deaths, tally.lost,
             tally.writes, tally.failures);
  return tally.failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace aright::simulation

int main(int argc, char** argv) {
  auto runs = static_cast<std::size_t>(argc > 1 ? std::atoll(argv[1]) : 1'000);
  auto first = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 1);
  return aright::simulation::simulate_all(runs, first);
}
