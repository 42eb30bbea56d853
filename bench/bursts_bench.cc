// What a burst of events costs: many events speak of few buckets, all of them on record, then all of them handled. Time
// is virtual, the ledger in memory, the cloud emulated in the process; judgements and reads are counted, and what the
// processor took is told.
//
//   bursts_bench [events] [buckets]

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "cloud/classify.h"
#include "remediation/engine.h"
#include "sandbox/cloud.h"

namespace aright::remediation {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* account = "111122223333";
constexpr milliseconds step{100};
constexpr seconds quiet_after{10};

void check(const auto& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}

class Counting final : public aws::Caller {
 public:
  explicit Counting(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    ++calls;
    return below_.call(call, context);
  }
  std::uint64_t calls = 0;

 private:
  aws::Caller& below_;
};

void put_buckets(sandbox::Cloud& cloud, int buckets) {
  for (int i = 0; i < buckets; ++i)
    check(cloud.call({.service = "s3",
                      .operation = "CreateBucket",
                      .region = "us-east-1",
                      .account = account,
                      .input = {{"Bucket", fmt::format("bucket-{}", i)}}},
                     {}));
}

void measure(int events, int buckets, milliseconds window) {
  VirtualClock clock;
  sandbox::Cloud cloud({.account = account}, clock);
  put_buckets(cloud, buckets);
  Counting counting(cloud);
  auto policy = parse_policy(fmt::format("targets: [{{account: \"{}\", regions: [us-east-1]}}]\n"
                                         "controls: [{{id: s3-bucket-public-read-prohibited}}]\nburst_window_ms: {}\n",
                                         account, window.count()),
                             ".");
  check(policy);
  auto library = Library::open(*policy);
  check(library);
  auto ledger = ledger::Ledger::open({.clock = &clock});
  check(ledger);
  auto engine = Engine::open({.policy = &*policy,
                              .controls = &rules::Controls::embedded(),
                              .catalog = &cloud::Catalog::embedded(),
                              .models = &model::Models::embedded(),
                              .cloud = &counting,
                              .ledger = ledger->get(),
                              .clock = &clock,
                              .library = &*library});
  check(engine);
  std::vector<json::Object> all;
  for (int i = 0; i < events; ++i)
    all.push_back({{"id", fmt::format("e-{}", i)},
                   {"source", "aws.s3"},
                   {"detail-type", "Changed"},
                   {"resources", json::Array{json::Value(fmt::format("arn:aws:s3:::bucket-{}", i % buckets))}},
                   {"detail", json::Object()}});
  const auto start = Steady::now();
  check((*engine)->accept_events(all, {}));
  for (milliseconds passed{0}; passed < quiet_after; passed += step) {
    check((*engine)->settle({}));
    clock.advance(step);
  }
  const auto spent = std::chrono::duration<double>(Steady::now() - start).count();
  std::int64_t judged = 0;
  std::uint64_t at = 1;
  while (at <= (*ledger)->size()) {
    auto entries = (*ledger)->read(at, ledger::read_entries_max);
    check(entries);
    for (const auto& entry : *entries)
      if (entry.kind == entry::signal_handled) judged += json::integer(json::at(entry.body, "evaluated"));
    at += entries->size();
  }
  fmt::print("window {:>5} ms: {} events on {} buckets, {} judgements, {} calls, {:.0f} events/s\n", window.count(),
             events, buckets, judged, counting.calls, events / spent);
}

}  // namespace
}  // namespace aright::remediation

int main(int argc, char** argv) {
  using namespace aright;
  const int events = argc > 1 ? std::atoi(argv[1]) : 5'000;
  const int buckets = argc > 2 ? std::atoi(argv[2]) : 10;
  for (milliseconds window : {milliseconds(0), milliseconds(remediation::burst_window_default)})
    remediation::measure(events, buckets, window);
}
