// Random documents × random crash points × answers that get lost, in virtual time. Each document is first run without
// interruption; then it is killed and resumed, several times in one run, around commits and around calls of the cloud.
// Every run must end as the uninterrupted one did, and must have made the same writes: counted at the cloud.
//
//   runbook_simulation [runs] [first seed]
//   runbook_simulation --trace DOCUMENTS [first seed]  each of so many; prints one hash of all that came to pass
//   runbook_simulation --twice DOCUMENTS [first seed]  all of it twice, which has to be the same
//
// Prints figures, and the seed of each failure; exits 1 when there is one.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>

#include "base/digest.h"
#include "documents.h"
#include "play.h"

namespace aright::simulation {
namespace {

constexpr int runs_per_document = 4;
constexpr int deaths_max = 3;  // in one run
constexpr int failures_told_max = 20;

struct Tally {
  std::size_t documents = 0, runs = 0, deaths = 0, lost = 0, writes = 0, failures = 0;
  std::size_t unseen = 0;  // writes that change nothing, and were not made
  std::string trace;       // of all runs
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

std::string_view parameter_of(std::string_view write) {
  constexpr std::string_view begins = "\"Name\":\"";
  auto at = write.find(begins);
  if (at == write.npos) return write;
  auto name = write.substr(at + begins.size());
  return name.substr(0, name.find('"'));
}

// What a parameter holds already is written once more. Where the answer of such a write got lost, no read tells whether
// it was made; aright then takes it for made, rather than make it twice.
bool changes_nothing(const std::vector<std::string>& writes, std::size_t index) {
  for (std::size_t i = index; i-- > 0;)
    if (parameter_of(writes[i]) == parameter_of(writes[index])) return writes[i] == writes[index];
  return false;
}

// The same writes in the same order, none of them twice; but those that change nothing may be missing.
bool same_order(const std::vector<std::string>& whole, const std::vector<std::string>& end, Tally& tally) {
  std::size_t made = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (made < end.size() && end[made] == whole[i])
      ++made;
    else if (changes_nothing(whole, i))
      ++tally.unseen;
    else
      return false;
  }
  return made == end.size();
}

// By whose they are: of children that run side by side, which one is first is not said.
using ByChild = std::map<std::string, std::vector<std::string>>;
ByChild by_child(const std::vector<std::string>& writes) {
  ByChild out;
  for (const auto& write : writes) {
    auto at = write.find(fleet_prefix);
    auto begins = at == write.npos ? at : at + std::string_view(fleet_prefix).size();
    out[at == write.npos ? "" : write.substr(begins, write.find('-', begins) - begins)].push_back(write);
  }
  return out;
}

bool same_writes(const End& whole, const End& end, Tally& tally) {
  auto ours = by_child(end.writes);
  for (const auto& [child, writes] : by_child(whole.writes))
    if (!same_order(writes, ours[child], tally)) return false;
  return std::ranges::all_of(ours, [&](const auto& one) { return by_child(whole.writes).contains(one.first); });
}

std::string difference(const End& whole, const End& end, Tally& tally) {
  if (!end.fault.empty()) return "did not end: " + end.fault;
  if (!same_writes(whole, end, tally))
    return fmt::format("other writes\n  without:\n    {}\n  with:\n    {}", fmt::join(whole.writes, "\n    "),
                       fmt::join(end.writes, "\n    "));
  if (end.told != whole.told) return "another end" + parting(whole.told, end.told);
  return "";
}

void simulate(std::uint64_t seed, Tally& tally) {
  ++tally.documents;
  auto whole = play({.seed = seed});
  tally.trace = sha256(tally.trace + whole.trace);
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
    tally.trace = sha256(tally.trace + end.trace);
    tally.deaths += end.deaths;
    tally.lost += end.lost;
    if (auto what = difference(whole, end, tally); !what.empty()) tell(tally, seed, run, what);
  }
}

Tally simulate_all(std::size_t runs, std::uint64_t first) {
  Tally tally;
  auto start = std::chrono::steady_clock::now();
  for (auto seed = first; tally.runs < runs && tally.failures < failures_told_max; ++seed) simulate(seed, tally);
  double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} runs of {} documents (seeds {} to {}) in {:.0f} s: {} deaths, {} lost answers, {} writes without "
             "interruption; {} that change nothing left out; {} failures\n",
             tally.runs, tally.documents, first, first + tally.documents - 1, elapsed_s, tally.deaths, tally.lost,
             tally.writes, tally.unseen, tally.failures);
  fmt::print("trace of all: {}\n", to_hex(tally.trace));
  return tally;
}

}  // namespace
}  // namespace aright::simulation

int main(int argc, char** argv) {
  using namespace aright::simulation;
  const std::string_view order = argc > 1 ? argv[1] : "";
  bool traced = order == "--trace", twice = order == "--twice";
  char** numbers = argv + (traced || twice ? 2 : 1);
  auto count = static_cast<std::size_t>(numbers < argv + argc ? std::atoll(numbers[0]) : 1'000);
  auto first = static_cast<std::uint64_t>(numbers + 1 < argv + argc ? std::atoll(numbers[1]) : 1);
  auto runs = traced || twice ? count * runs_per_document : count;
  auto tally = simulate_all(runs, first);
  bool same = !twice || simulate_all(runs, first).trace == tally.trace;
  if (!same) fmt::print("the same seeds gave other runs\n");
  return tally.failures == 0 && same ? 0 : 1;
}
