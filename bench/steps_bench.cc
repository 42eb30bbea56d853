// How many steps of runbooks become durable in a second, how long one takes, and what an execution costs that waits.
// The whole engine runs: timers, workers, the gateway, an emulated cloud in the process, and the ledger on the disk
// with full durability. A step is an aws:executeAwsApi call with an output; it counts when its entry is on the disk.
// An execution's first step is told by itself: it waits for one of the engine's workers, who runs an execution to its
// end before the next one.
//
//   steps_bench [seconds per measurement] [executions that wait] [folder on the disk to measure]

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "base/file.h"
#include "cloud/catalog.h"
#include "ledger/timers.h"
#include "remediation/engine.h"
#include "remediation/story.h"
#include "sandbox/cloud.h"

namespace aright::remediation {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* account = "111122223333";
constexpr const char* region = "us-east-1";
constexpr unsigned concurrencies[] = {1, 32, 256};
constexpr int steps_per_execution = 10;
constexpr milliseconds patience{60'000};

const Actor actor{"bench", "arn:aws:iam::111122223333:user/bench"};

void check(const auto& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}

std::string calling_document() {
  std::string text = "schemaVersion: \"0.3\"\nmainSteps:\n";
  for (int i = 0; i < steps_per_execution; ++i)
    text += fmt::format("  - name: Step{}\n    action: aws:executeAwsApi\n"
                        "    inputs: {{Service: sts, Api: GetCallerIdentity}}\n"
                        "    outputs: [{{Name: Account, Selector: $.Account, Type: String}}]\n", i);
  return text;
}

constexpr const char* waiting_document = R"(schemaVersion: "0.3"
mainSteps:
  - {name: Rest, action: aws:sleep, inputs: {Duration: PT24H}}
  - {name: Ask, action: "aws:pause", inputs: {}}
)";
constexpr std::chrono::hours rest{24};

// Goes like the system's, and is put forward.
class ForwardClock final : public Clock {
 public:
  Timestamp now() const override { return system_.now() + ahead_.load(); }
  void advance(milliseconds by) { ahead_ = ahead_.load() + by; }

 private:
  SystemClock system_;
  std::atomic<milliseconds> ahead_{};
};

std::size_t resident_bytes() {
  auto text = read_file("/proc/self/statm");
  check(text);
  std::size_t pages = 0, resident = 0;
  if (std::sscanf(text->c_str(), "%zu %zu", &pages, &resident) != 2) std::exit(1);
  return resident * 4096;
}

std::pair<double, double> middle_and_end(std::vector<double>& values) {
  if (values.empty()) return {0, 0};
  std::ranges::sort(values);
  auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {at(0.5), at(0.99)};
}

struct Figures {
  double steps_per_second = 0;
  double p50_ms = 0, p99_ms = 0;              // from one step's entry to the next one's, of the same execution
  double first_p50_ms = 0, first_p99_ms = 0;  // from an execution's start to its first step's entry
  double cpu_us_per_step = 0;
};

class Bench {
 public:
  explicit Bench(const std::filesystem::path& folder) : folder_(folder) {
    policy_.runbooks = {{"Call", calling_document()}, {"Wait", waiting_document}};
    policy_.targets.push_back({.account = account, .regions = {region}});
    auto library = Library::open(policy_);
    check(library);
    library_.emplace(std::move(*library));
  }

  Figures steps(unsigned concurrency, std::chrono::duration<double> duration) {
    open();
    auto subscription = ledger_->subscribe([&](const auto& entries) { see(entries); });
    engine_->run();
    auto cpu = std::clock();
    auto start = Steady::now();
    {
      std::vector<std::jthread> clients;
      for (unsigned i = 0; i < concurrency; ++i)
        clients.emplace_back([&] {
          Client client;
          while (Steady::now() - start < duration) run_one(client);
        });
    }
    double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
    double cpu_us = static_cast<double>(std::clock() - cpu) * 1e6 / CLOCKS_PER_SEC;
    engine_->stop();
    ledger_->unsubscribe(subscription);
    auto count = static_cast<double>(latencies_ms_.size() + firsts_ms_.size());
    auto [p50, p99] = middle_and_end(latencies_ms_);
    auto [first_p50, first_p99] = middle_and_end(firsts_ms_);
    return {count / elapsed_s, p50, p99, first_p50, first_p99, cpu_us / count};
  }

  // Executions that sleep, all at once: how long it takes to start them, what they hold in memory and on the disk, and
  // how long until each has taken its next step after a restart.
  void waiting(std::size_t count) {
    open();
    auto before = resident_bytes();
    auto start = Steady::now();
    engine_->run();
    {
      std::vector<std::jthread> clients;
      for (unsigned i = 0; i < 64; ++i)
        clients.emplace_back([&, i] {
          for (std::size_t n = i; n < count; n += 64)
            check(engine_->start_runbook("Wait", {}, account, region, actor, {}));
        });
    }
    auto all_asleep = [&] {
      auto none_due = true;
      check(ledger_->database().read([&](store::Transaction& tx) -> Result<> {
        auto next = TRY(ledger::timers::next(tx));
        none_due = next && *next > clock_.now();
        return {};
      }));
      return none_due;
    };
    while (!all_asleep()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
    auto grown = resident_bytes() - std::min(before, resident_bytes());
    auto disk = std::filesystem::file_size(folder_ / "ledger.db") +
                std::filesystem::file_size(folder_ / "ledger.db-wal");
    auto number = static_cast<double>(count);
    fmt::print("{} executions wait at once: {:.0f} started in a second, {:.2f} kB each in memory, "
               "{:.2f} kB on the disk\n",
               count, number / elapsed_s, static_cast<double>(grown) / 1024.0 / number,
               static_cast<double>(disk) / 1024.0 / number);
    engine_->stop();
    auto reopening = Steady::now();
    engine_.reset();
    ledger_.reset();
    open_ledger();
    make_engine();
    fmt::print("opened again in {:.3f} s\n", std::chrono::duration<double>(Steady::now() - reopening).count());
    print_next_steps(count);
  }

 private:
  // All are due at once, as after a process that was down for a day.
  void print_next_steps(std::size_t count) {
    std::mutex mutex;
    std::condition_variable all_went_on;
    std::set<std::string> went_on;
    clock_.advance(rest);
    auto cpu = std::clock();
    auto start = Steady::now();
    auto subscription = ledger_->subscribe([&](const auto& entries) {
      std::lock_guard lock(mutex);
      for (const auto& entry : entries)
        if (entry.kind == entry::runbook_event) went_on.insert(entry.stream);
      if (went_on.size() >= count) all_went_on.notify_one();
    });
    engine_->run();
    std::unique_lock lock(mutex);
    all_went_on.wait_for(lock, patience, [&] { return went_on.size() >= count; });
    double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
    double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    fmt::print("{} of {} took their next step in {:.3f} s, with {:.3f} s of processor time\n", went_on.size(), count,
               elapsed_s, cpu_s);
    lock.unlock();
    engine_->stop();
    ledger_->unsubscribe(subscription);
  }

  void open() {
    engine_.reset();
    ledger_.reset();
    latencies_ms_.clear();
    firsts_ms_.clear();
    seen_.clear();
    for (const char* name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"}) std::filesystem::remove(folder_ / name);
    open_ledger();
    make_engine();
  }
  void open_ledger() {
    auto opened = ledger::Ledger::open({.path = (folder_ / "ledger.db").string(), .clock = &clock_, .crash_at = {}});
    check(opened);
    ledger_ = std::move(*opened);
  }
  void make_engine() {
    auto opened = Engine::open({.policy = &policy_, .controls = &rules::Controls::embedded(),
                                .catalog = &cloud::Catalog::embedded(), .models = &model::Models::embedded(),
                                .cloud = &cloud_, .ledger = ledger_.get(), .clock = &clock_, .library = &*library_,
                                .log = [](const auto& line) { fmt::print(stderr, "{}\n", line); }});
    check(opened);
    engine_ = std::move(*opened);
  }

  struct Client {
    std::condition_variable ended;
  };
  struct Seen {
    int steps = 0;
    Steady::time_point last;
    Client* client = nullptr;  // who waits for it
  };
  void see(const std::vector<ledger::Entry>& entries) {
    auto now = Steady::now();
    std::lock_guard lock(mutex_);
    for (const auto& entry : entries) {
      if (entry.kind == entry::runbook_started) seen_[entry.stream].last = now;
      if (entry.kind != entry::runbook_event) continue;
      auto& seen = seen_[entry.stream];
      auto took = std::chrono::duration<double, std::milli>(now - seen.last).count();
      (seen.steps == 0 ? firsts_ms_ : latencies_ms_).push_back(took);
      seen.last = now;
      if (++seen.steps == steps_per_execution && seen.client) seen.client->ended.notify_one();
    }
  }
  void run_one(Client& client) {
    auto id = engine_->start_runbook("Call", {}, account, region, actor, {});
    check(id);
    std::unique_lock lock(mutex_);
    auto& seen = seen_[id->str()];
    seen.client = &client;
    auto done = client.ended.wait_for(lock, patience, [&] { return seen.steps >= steps_per_execution; });
    if (!done) {
      fmt::print(stderr, "{} did not end\n", id->str());
      std::exit(1);
    }
    seen_.erase(id->str());
  }

  std::filesystem::path folder_;
  ForwardClock clock_;
  sandbox::Cloud cloud_{{.account = account}, clock_};
  Policy policy_;
  std::optional<Library> library_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Engine> engine_;

  std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Seen> seen_;
  std::vector<double> latencies_ms_, firsts_ms_;
};

int run(std::chrono::duration<double> duration, std::size_t waiting, const std::filesystem::path& folder) {
  Bench bench(folder);
  fmt::print("{:>11} {:>10} {:>9} {:>9} {:>10} {:>10} {:>12}\n", "executions", "steps/s", "p50 ms", "p99 ms",
             "first p50", "first p99", "CPU µs/step");
  for (auto concurrency : concurrencies) {
    auto figures = bench.steps(concurrency, duration);
    fmt::print("{:>11} {:>10.0f} {:>9.2f} {:>9.2f} {:>10.2f} {:>10.2f} {:>12.1f}\n", concurrency,
               figures.steps_per_second, figures.p50_ms, figures.p99_ms, figures.first_p50_ms, figures.first_p99_ms,
               figures.cpu_us_per_step);
  }
  if (waiting > 0) bench.waiting(waiting);
  return 0;
}

}  // namespace
}  // namespace aright::remediation

int main(int argc, char** argv) {
  double seconds = argc > 1 ? std::atof(argv[1]) : 3;
  auto waiting = static_cast<std::size_t>(argc > 2 ? std::atol(argv[2]) : 10'000);
  std::filesystem::path base = argc > 3 ? argv[3] : std::filesystem::temp_directory_path();
  auto folder = base / "aright_steps_bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  int code = aright::remediation::run(std::chrono::duration<double>(seconds), waiting, folder);
  std::filesystem::remove_all(folder);
  return code;
}
