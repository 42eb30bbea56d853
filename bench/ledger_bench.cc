// How many durable appends the ledger makes in a second, how long one takes, and what an entry
// costs on the disk. A disk's sync sets the pace, so every figure stands beside what this disk does
// when it only writes and syncs.
//
//   ledger_bench [seconds per measurement] [folder on the disk to measure]

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/file.h"
#include "ledger/documents.h"
#include "ledger/ledger.h"
#include "ledger/notary.h"
#include "ledger/timers.h"

namespace aright {
namespace {

using Steady = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int concurrencies[] = {1, 32, 256};

struct Figures {
  double per_second = 0;
  double p50_us = 0, p99_us = 0;
};

// `once` is called by `threads` threads for as long as the measurement takes.
template <typename Once>
Figures measure(int threads, std::chrono::duration<double> duration, Once once) {
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(threads));
  auto start = Steady::now();
  {
    std::vector<std::jthread> running;
    for (int thread = 0; thread < threads; ++thread)
      running.emplace_back([&, thread] {
        auto& mine = latencies[static_cast<std::size_t>(thread)];
        while (Steady::now() - start < duration) {
          auto before = Steady::now();
          once(thread, mine.size());
          mine.push_back(Microseconds(Steady::now() - before).count());
        }
      });
  }
  double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
  std::vector<double> all;
  for (auto& mine : latencies)
    all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  auto at = [&](double share) {
    return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
  };
  return {static_cast<double>(all.size()) / elapsed_s, at(0.50), at(0.99)};
}

void check(const auto& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}

// What the disk can do: one page appended and synced, over and over.
Figures measure_disk(const std::filesystem::path& folder, std::chrono::duration<double> duration) {
  int file = ::open((folder / "raw").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::string page(4096, 'x');
  auto figures = measure(1, duration, [&](int, std::size_t) {
    if (::write(file, page.data(), page.size()) != 4096 || ::fdatasync(file) != 0) std::exit(1);
  });
  ::close(file);
  return figures;
}

json::Object body(std::size_t n) {
  return {{"step", "revoke_ingress"},
          {"status", "Success"},
          {"attempt", n},
          {"resource", "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0123456789abcdef0"},
          {"output",
           json::Object{{"Return", true}, {"RequestId", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}}}};
}

std::vector<ledger::Draft> step(int thread, std::size_t n) {
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = fmt::format("exec_01J9Z{:04}{:08}", thread, n / 20),
                    .kind = "runbook_event",
                    .body = body(n),
                    .sequence = {}});
  return drafts;
}

// What an engine's step writes beside its entry: the projection it changes, and the timer that
// would resume it.
Result<> project(store::Transaction& tx, const std::vector<ledger::Entry>& entries) {
  const auto& entry = entries.front();
  CHECK_OK(ledger::documents::put(tx, {.kind = "execution",
                                       .id = entry.stream,
                                       .body = entry.body,
                                       .sort = entry.stream,
                                       .status = "InProgress",
                                       .parent = {}}));
  return ledger::timers::set(
      tx, {.id = entry.stream, .stream = entry.stream, .due = entry.time + seconds(60)});
}

void print(const std::string& what, int threads, const Figures& figures, const Figures& disk) {
  fmt::print("{:<26}{:>8}{:>12.0f}{:>12.2f}{:>12.2f}{:>14.2f}\n", what, threads, figures.per_second,
             figures.p50_us / 1000, figures.p99_us / 1000, figures.per_second / disk.per_second);
}

// What a checkpoint costs that has all entries to hash, one that has them hashed, and the proof of one entry.
void prove(ledger::Ledger& ledger) {
  ledger::Notary notary(ledger, ledger::Signer::generate("aright/bench"));
  auto timed = [](auto what) {
    auto start = Steady::now();
    check(what());
    return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
  };
  auto first_ms = timed([&] { return notary.checkpoint(); });
  auto again_ms = timed([&] { return notary.checkpoint(); });
  auto proof_ms = timed([&] { return notary.prove({ledger.size() / 2 + 1}); });
  fmt::print("{:<26}{:>20} entries: first checkpoint {:.1f} ms, the next {:.2f} ms, a proof {:.1f} ms\n", "",
             ledger.size(), first_ms, again_ms, proof_ms);
}

// Verifies the whole ledger, closes it, and weighs its file.
void weigh(std::unique_ptr<ledger::Ledger> ledger, const std::filesystem::path& path) {
  auto entries = std::max<std::uint64_t>(ledger->size(), 1);
  auto start = Steady::now();
  auto verification = ledger->verify();
  double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
  check(verification);
  if (verification->fault) {
    fmt::print(stderr, "position {}: {}\n", verification->fault->position,
               verification->fault->what);
    std::exit(1);
  }
  prove(*ledger);
  ledger.reset();  // moves the log into the file
  fmt::print("{:<26}{:>20.0f} entries verified per second, {} bytes each on the disk\n", "",
             static_cast<double>(entries) / elapsed_s, std::filesystem::file_size(path) / entries);
}

int run(double duration_s, const std::filesystem::path& folder) {
  const std::chrono::duration<double> duration(duration_s);
  auto disk = measure_disk(folder, duration);
  fmt::print("{:<26}{:>8}{:>12}{:>12}{:>12}{:>14}\n", "", "callers", "per second", "p50 ms",
             "p99 ms", "per disk sync");
  print("disk: write and sync", 1, disk, disk);
  for (bool projected : {false, true}) {
    for (int threads : concurrencies) {
      auto path =
          folder / fmt::format("ledger-{}-{}.db", projected ? "projected" : "plain", threads);
      auto ledger = ledger::Ledger::open({.path = path.string()});
      check(ledger);
      auto figures = measure(threads, duration, [&](int thread, std::size_t n) {
        auto also = projected ? ledger::Ledger::Also(project) : nullptr;
        check((*ledger)->append(step(thread, n), std::move(also)));
      });
      print(projected ? "append with projection" : "append", threads, figures, disk);
      weigh(std::move(*ledger), path);
    }
  }
  return 0;
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  aright::TemporaryDirectory temporary;
  return aright::run(argc > 1 ? std::atof(argv[1]) : 3.0,
                     argc > 2 ? std::filesystem::path(argv[2]) : temporary.path());
}
