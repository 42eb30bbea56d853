// Workflows of three durable steps on one store, by one or several workers: how many end in a second, how long one
// takes, and what it costs. The whole engine runs, ledger included. fleet_bench.py runs it beside a peer.
//
//   fleet_bench PLACE WORKERS CONCURRENCY SECONDS [writes]
//
// PLACE: a file, or postgresql://…#SCHEMA, with nothing in it. Steps read, and their answers go on record together;
// with `writes` each changes the cloud, which takes an intent, the call, what came of it, and the states around it.
// Prints one JSON object.

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "cloud/catalog.h"
#include "json/value.h"
#include "remediation/engine.h"
#include "remediation/story.h"
#include "sandbox/cloud.h"

namespace aright::remediation {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* account = "111122223333";
constexpr const char* region = "us-east-1";
constexpr const char* bucket = "bench";
constexpr int steps = 3;
constexpr milliseconds patience{60'000};

const Actor actor{"bench", "arn:aws:iam::111122223333:user/bench"};

void check(const auto& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}

std::string document(bool writes) {
  std::string text = "schemaVersion: \"0.3\"\nmainSteps:\n";
  for (int i = 0; i < steps; ++i) {
    text += fmt::format("  - name: Step{}\n    action: aws:executeAwsApi\n", i);
    if (writes)
      text += fmt::format("    inputs: {{Service: s3, Api: PutBucketVersioning, Bucket: {},"
                          " VersioningConfiguration: {{Status: {}}}}}\n", bucket, i % 2 ? "Suspended" : "Enabled");
    else
      text += "    inputs: {Service: sts, Api: GetCallerIdentity}\n"
              "    outputs: [{Name: Account, Selector: $.Account, Type: String}]\n";
  }
  return text;
}

struct Worker {
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Engine> engine;
};

class Bench {
 public:
  Bench(const std::string& place, std::size_t workers, bool writes) {
    check(cloud_.call({.service = "s3", .operation = "CreateBucket", .region = region, .account = account,
                       .input = {{"Bucket", bucket}}}, {}));
    policy_.runbooks = {{"Call", document(writes)}};
    policy_.targets.push_back({.account = account, .regions = {region}});
    auto library = Library::open(policy_);
    check(library);
    library_.emplace(std::move(*library));
    for (std::size_t i = 0; i < workers; ++i) hire(place, i);
  }
  ~Bench() {
    for (auto& worker : workers_) worker.engine->stop();
  }

  json::Object run(std::size_t concurrency, std::chrono::duration<double> duration) {
    auto cpu = std::clock();
    auto start = Steady::now();
    {
      std::vector<std::jthread> clients;
      for (std::size_t i = 0; i < concurrency; ++i)
        clients.emplace_back([&, i] {
          while (Steady::now() - start < duration) run_one(*workers_[i % workers_.size()].engine);
        });
    }
    double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
    double cpu_ms = static_cast<double>(std::clock() - cpu) * 1e3 / CLOCKS_PER_SEC;
    std::ranges::sort(took_ms_);
    auto at = [&](double share) {
      return took_ms_[static_cast<std::size_t>(share * static_cast<double>(took_ms_.size() - 1))];
    };
    auto count = static_cast<double>(took_ms_.size());
    return {{"workflows_per_second", count / elapsed_s}, {"p50_ms", at(0.5)}, {"p99_ms", at(0.99)},
            {"cpu_ms_per_workflow", cpu_ms / count}, {"workflows", took_ms_.size()}};
  }

 private:
  struct Waiting {
    bool ended = false;
    std::condition_variable* wake = nullptr;
  };

  void hire(const std::string& place, std::size_t number) {
    Worker worker;
    auto ledger = ledger::Ledger::open({.path = place, .clock = &clock_});
    check(ledger);
    worker.ledger = std::move(*ledger);
    std::optional<FleetOptions> fleet;
    if (worker.ledger->database().serves_many()) fleet = FleetOptions{.worker = fmt::format("bench-{}", number)};
    auto engine = Engine::open({.policy = &policy_, .controls = &rules::Controls::embedded(),
                                .catalog = &cloud::Catalog::embedded(), .models = &model::Models::embedded(),
                                .cloud = &cloud_, .ledger = worker.ledger.get(), .clock = &clock_,
                                .library = &*library_, .fleet = fleet,
                                .log = [](const auto& line) { fmt::print(stderr, "{}\n", line); }});
    check(engine);
    worker.engine = std::move(*engine);
    worker.ledger->subscribe([this](const auto& entries) { see(entries); });
    worker.engine->run();
    workers_.push_back(std::move(worker));
  }

  void see(const std::vector<ledger::Entry>& entries) {
    std::lock_guard lock(mutex_);
    for (const auto& entry : entries) {
      if (entry.kind != entry::runbook_event || json::text(entry.body, "status", "") != "Success") continue;
      auto& one = waiting_[entry.stream];
      one.ended = true;
      if (one.wake) one.wake->notify_one();
    }
  }

  void run_one(Engine& engine) {
    auto start = Steady::now();
    auto id = engine.start_runbook("Call", {}, account, region, actor, {});
    check(id);
    std::condition_variable wake;
    std::unique_lock lock(mutex_);
    auto& one = waiting_[id->str()];
    one.wake = &wake;
    if (!wake.wait_for(lock, patience, [&] { return one.ended; })) {
      fmt::print(stderr, "{} did not end\n", id->str());
      std::exit(1);
    }
    waiting_.erase(id->str());
    took_ms_.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
  }

  SystemClock clock_;
  sandbox::Cloud cloud_{{.account = account}, clock_};
  Policy policy_;
  std::optional<Library> library_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Waiting> waiting_;
  std::vector<double> took_ms_;
  std::vector<Worker> workers_;
};

}  // namespace
}  // namespace aright::remediation

int main(int argc, char** argv) {
  const bool writes = argc == 6 && std::string_view(argv[5]) == "writes";
  if (argc != 5 && !writes) {
    fmt::print(stderr, "fleet_bench PLACE WORKERS CONCURRENCY SECONDS [writes]\n");
    return 2;
  }
  auto number = [&](int i) { return static_cast<std::size_t>(std::max(1L, std::atol(argv[i]))); };
  aright::remediation::Bench bench(argv[1], number(2), writes);
  auto figures = bench.run(number(3), std::chrono::duration<double>(std::atof(argv[4])));
  fmt::print("{}\n", aright::json::print(figures));
  return 0;
}
