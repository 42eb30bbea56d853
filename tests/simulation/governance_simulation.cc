// The whole engine in virtual time, run after run, each drawn from its seed. Prints figures; for each violation its
// seed and the story. Exits 1 when there is one. README.md beside this file says what is checked.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "governance.h"

namespace aright::simulation {
namespace {

constexpr std::size_t failures_told_max = 5;

struct Orders {
  std::uint64_t seed = 1;
  std::size_t runs = 100, remediations = 0, every = 0, twice = 0;
  unsigned jobs = 1;
  std::string seeds;
};

class Simulation {
 public:
  explicit Simulation(const Orders& orders) : orders_(orders), began_(std::chrono::steady_clock::now()) {}

  int run() {
    if (!orders_.seeds.empty()) play_file();
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < orders_.jobs; ++i) threads.emplace_back([this] { work(); });
    }
    print_progress();
    print_figures();
    return failures_ == 0 ? 0 : 1;
  }

 private:
  void work() {
    while (failures_ < failures_told_max) {
      auto nth = next_++;
      if (nth >= orders_.runs) return;
      play(orders_.seed + nth, orders_.twice > 0 && nth % orders_.twice == 0);
      std::lock_guard lock(mutex_);
      if (orders_.every > 0 && sum_.runs % orders_.every == 0) print_progress();
      if (orders_.remediations > 0 && sum_.remediations >= orders_.remediations) next_ = orders_.runs;
    }
  }

  // One a line; # begins what is said of it.
  void play_file() {
    std::ifstream in(orders_.seeds);
    if (!in) {
      fmt::print("{} cannot be read\n", orders_.seeds);
      ++failures_;
    }
    for (std::string line; std::getline(in, line);)
      if (auto seed = std::strtoull(line.c_str(), nullptr, 10); seed > 0) play(seed, false);
  }

  void play(std::uint64_t seed, bool twice) {
    auto run = play_governance(seed);
    bool same = !twice || !run.violations.empty() || play_governance(seed).trace == run.trace;
    std::lock_guard lock(mutex_);
    sum_ += run.figures;
    traces_[seed] = run.trace;
    repeated_ += twice ? 1 : 0;
    if (!same) tell(seed, {"the same seed gave another run"}, {});
    if (!run.violations.empty()) tell(seed, run.violations.front().what, run.story);
  }

  void tell(std::uint64_t seed, const std::string& what, const std::vector<std::string>& story) {
    ++failures_;
    fmt::print("seed {}: {}\n", seed, what);
    for (const auto& line : story) fmt::print("    {}\n", line);
    std::fflush(stdout);
  }

  void print_progress() {
    double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    fmt::print("{} remediations in {} runs (from seed {}) in {:.0f} s, {:.0f}/s: {} writes, {} entries, {} deaths, {} "
               "faults, {} rollbacks compared, {} runs played twice, {} failures\n",
               sum_.remediations, sum_.runs, orders_.seed, elapsed_s,
               static_cast<double>(sum_.remediations) / std::max(elapsed_s, 1e-3), sum_.writes, sum_.entries,
               sum_.deaths, sum_.faults, sum_.compared, repeated_, failures_.load());
    std::fflush(stdout);
  }

  void print_figures() {
    std::string traces;
    for (const auto& [seed, trace] : traces_) traces += trace;
    fmt::print("trace of all: {}\n", to_hex(sha256(traces)));
    for (const auto& [stage, count] : sum_.ends) fmt::print("  {:<20} {:>9}\n", stage, count);
    fmt::print("entries of remediations:\n");
    for (const auto& [kind, count] : sum_.kinds) fmt::print("  {:<20} {:>9}\n", kind, count);
    fmt::print("  {} answers of people refused, {} writes made again without effect\n", sum_.refused, sum_.again);
  }

  const Orders orders_;
  const std::chrono::steady_clock::time_point began_;
  std::atomic<std::size_t> next_ = 0, failures_ = 0;
  std::mutex mutex_;  // guards what follows
  Figures sum_;
  std::size_t repeated_ = 0;
  std::map<std::uint64_t, std::string> traces_;  // by seed
};

}  // namespace
}  // namespace aright::simulation

int main(int argc, char** argv) {
  aright::simulation::Orders orders;
  CLI::App app("Plays the whole engine in virtual time, with people, policies, faults and crashes drawn from seeds.");
  app.add_option("--seed", orders.seed, "The first run's; each further run has the next")->capture_default_str();
  app.add_option("--runs", orders.runs, "How many runs")->capture_default_str();
  app.add_option("--remediations", orders.remediations, "End when so many were simulated; 0: when the runs are over")
      ->capture_default_str();
  app.add_option("--jobs", orders.jobs, "Runs at one time, each on a thread of its own")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--twice", orders.twice, "Play each nth seed twice, and compare the traces; 0: none")
      ->capture_default_str();
  app.add_option("--every", orders.every, "Print a line of progress after so many runs; 0: only at the end")
      ->capture_default_str();
  app.add_option("--seeds", orders.seeds, "A file with seeds to play first, one a line");
  CLI11_PARSE(app, argc, argv);
  return aright::simulation::Simulation(orders).run();
}
