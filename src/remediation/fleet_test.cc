// Two workers on one ledger, each with a connection and an engine of its own, and one cloud below both.

#include "remediation/fleet.h"

#include <gmock/gmock.h>

#include "ledger/places.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

constexpr auto at_once = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
)";
constexpr auto at_once_with_a_breaker = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: AWS-DisableS3BucketPublicReadWrite
    Parameters: {S3BucketName: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
    RetryAttemptSeconds: 60
breaker: {failures: 2, pause_s: 600}
)";
constexpr auto one_a_day = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
limits: [{account: "*", starts: 1, window_s: 86400}]
)";

struct Worker {
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Engine> engine;
};

class AFleet : public testing::TestWithParam<ledger::Kind>, public World {
 protected:
  TemporaryDirectory directory_;

  void found(std::string_view policy_text) {
    ledger_path = ledger::place_for(GetParam(), directory_.path());
    open(policy_text);
    engine.reset();
    for (auto& worker : workers) hire(worker);
  }
  void hire(Worker& worker) {
    worker.engine.reset();
    worker.ledger = ledger::Ledger::open({.path = ledger_path, .clock = &clock}).value();
    auto opened = Engine::open({.policy = &policy,
                                .controls = &rules::Controls::embedded(),
                                .catalog = &cloud::Catalog::embedded(),
                                .models = &model::Models::embedded(),
                                .cloud = &weather,
                                .ledger = worker.ledger.get(),
                                .clock = &clock,
                                .library = &*library,
                                .workers = 4,
                                .fleet = FleetOptions{.worker = "w" + std::to_string(++hired_)},
                                .log = [this](const std::string& line) {
                                  std::lock_guard lock(told_);
                                  faults.push_back(line);
                                }});
    ASSERT_TRUE(opened) << opened.error().text();
    worker.engine = std::move(*opened);
  }
  Worker& first() { return workers[0]; }
  Worker& second() { return workers[1]; }
  void all_leases_run_out() {
    auto done = ledger->database().transact([](store::Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute("update leases set until_ms = 0"));
      return {};
    });
    ASSERT_TRUE(done);
  }
  static void settle(Worker& worker) {
    auto settled = worker.engine->settle(Context::within(settle_timeout));
    EXPECT_TRUE(settled) << settled.error().text();
  }
  std::size_t count(const char* stage) const {
    auto list = list_remediations(*ledger, {.status = stage, .parent = ""});
    return list ? list->size() : 0;
  }
  std::size_t writes_of(std::string_view operation) {
    std::size_t out = 0;
    for (const auto& call : cloud.calls())
      if (call.call.operation == operation) ++out;
    return out;
  }
  std::vector<State> standing(Worker& worker) {
    std::vector<State> out;
    const auto list = list_remediations(*worker.ledger, {.status = "", .parent = ""}).value();
    for (const auto& item : list)
      out.push_back(worker.engine->remediation(*RemediationId::parse(json::text(item, "id", ""))).value());
    return out;
  }

  Worker workers[2];
  std::mutex told_;
  int hired_ = 0;
};

TEST_P(AFleet, SharesTheWorkAndDoesNoneOfItTwice) {
  found(at_once);
  constexpr std::size_t buckets = 24;
  for (std::size_t i = 0; i < buckets; ++i) make_public_bucket(fmt::format("bucket-{}", i));
  ASSERT_TRUE(first().engine->scan({}, {}));
  for (auto& worker : workers) worker.engine->run();
  auto all_done = [&] { return count("resolved") == buckets; };
  for (auto context = Context::within(settle_timeout); !all_done() && context.sleep(milliseconds(20));) {
  }
  for (auto& worker : workers) worker.engine->stop(milliseconds(10'000));
  EXPECT_TRUE(all_done());
  EXPECT_EQ(writes_of("PutPublicAccessBlock"), buckets);
  EXPECT_THAT(faults, testing::IsEmpty());
  EXPECT_FALSE(ledger->verify()->fault);
}

TEST_P(AFleet, GoesOnWithWhatAWorkerLeft) {
  found(at_once);
  make_public_bucket("data");
  ASSERT_TRUE(first().engine->scan({}, {}));
  ASSERT_TRUE(first().engine->step({}));
  first().engine.reset();  // gives back what it holds
  settle(second());
  EXPECT_EQ(name(standing(second())[0].stage), std::string("resolved"));
}

TEST_P(AFleet, OneWhoseLeaseAnotherTookCanNeitherAppendNorCall) {
  found(at_once);
  make_public_bucket("data");
  ASSERT_TRUE(first().engine->scan({}, {}));
  // At the first worker's write, as if it had stood still for longer than its term: the second one comes and does it.
  bool stood_still = false;
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    bool under_way = !stood_still && name(standing(second())[0].stage) == std::string("executing");
    if (!under_way || call.operation != "GetPublicAccessBlock") return {};
    stood_still = true;
    all_leases_run_out();
    settle(second());
    return {};
  };
  std::ignore = first().engine->settle(Context::within(settle_timeout));
  weather.refuse = nullptr;
  settle(second());
  ASSERT_TRUE(stood_still);
  EXPECT_EQ(writes_of("PutPublicAccessBlock"), 1u);
  ASSERT_EQ(standing(second()).size(), 1u);
  EXPECT_EQ(name(standing(second())[0].stage), std::string("resolved"));
  EXPECT_FALSE(ledger->verify()->fault);
}

TEST_P(AFleet, AHaltOfOneStopsTheWritesOfAll) {
  found(at_once);
  make_public_bucket("data");
  ASSERT_TRUE(first().engine->scan({}, {}));
  ASSERT_TRUE(first().engine->halt({}, {"ana", ""}, "look first"));
  settle(second());
  EXPECT_EQ(writes_of("PutPublicAccessBlock"), 0u);
  ASSERT_TRUE(first().engine->resume({}, {"ana", ""}, "fine"));
  second().engine->run();  // which looks what others say
  for (auto context = Context::within(settle_timeout); count("resolved") == 0 && context.sleep(milliseconds(20));)
    clock.advance(seconds(30));
  second().engine->stop();
  EXPECT_EQ(writes_of("PutPublicAccessBlock"), 1u);
}

TEST_P(AFleet, LimitsHoldForAllTogether) {
  found(one_a_day);
  for (int i = 0; i < 6; ++i) make_public_bucket(fmt::format("bucket-{}", i));
  ASSERT_TRUE(first().engine->scan({}, {}));
  for (auto& worker : workers) worker.engine->run();
  auto all_told = [&] { return count("deferred") == 5 && count("resolved") == 1; };
  for (auto context = Context::within(settle_timeout); !all_told() && context.sleep(milliseconds(20));) {
  }
  for (auto& worker : workers) worker.engine->stop(milliseconds(10'000));
  EXPECT_TRUE(all_told());
  EXPECT_EQ(writes_of("PutPublicAccessBlock"), 1u);
}

TEST_P(AFleet, ABreakerOpensForAllTogether) {
  found(at_once_with_a_breaker);
  weather.refuse = [](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "PutPublicAccessBlock") return {};
    return Error{.code = Errc::denied, .message = "no", .wire_code = "AccessDenied"};
  };
  for (int i = 0; i < 2; ++i) make_public_bucket(fmt::format("first-{}", i));
  ASSERT_TRUE(first().engine->scan({}, {}));
  settle(first());
  ASSERT_EQ(count("escalated"), 2u);
  first().engine.reset();

  weather.refuse = nullptr;
  make_public_bucket("second");
  ASSERT_TRUE(second().engine->scan({}, {}));
  settle(second());
  EXPECT_EQ(count("resolved"), 0u) << "what failed at one worker holds the others too";
  EXPECT_EQ(writes_of("PutPublicAccessBlock"), 0u);
}

TEST_P(AFleet, OneOfThemIsTheFirstUntilItIsGone) {
  found(at_once);
  EXPECT_TRUE(first().engine->is_first());
  EXPECT_FALSE(second().engine->is_first());
  EXPECT_TRUE(first().engine->is_first());
  first().engine.reset();
  EXPECT_TRUE(second().engine->is_first());
}

TEST_P(AFleet, TwoWorkersOfOneNameAreOneTooMany) {
  found(at_once);
  Fleet twin(*ledger, {.worker = "w1"});
  auto started = twin.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::conflict);
}

TEST_P(AFleet, WhoIsGoneIsSeenForAWhileAndThenForgotten) {
  found(at_once);
  auto seen = [&] {
    std::vector<std::string> out;
    auto read = ledger->database().read([&](store::Transaction& tx) -> Result<> {
      for (const auto& one : TRY(ledger::leases::all(tx, worker_prefix))) out.push_back(one.lease.holder);
      return {};
    });
    EXPECT_TRUE(read);
    return out;
  };
  auto leave = [&](const std::string& name, milliseconds ago) {
    auto done = ledger->database().transact([&](store::Transaction& tx) -> Result<> {
      CHECK_OK(ledger::leases::take(tx, std::string(worker_prefix) + name, name, -ago));
      CHECK_OK(ledger::leases::take(tx, "rem_of_" + name, name, -ago));
      return {};
    });
    ASSERT_TRUE(done);
  };
  leave("late", milliseconds(1'000));
  leave("dead", ledger::leases::gone_kept + milliseconds(1'000));
  Fleet newcomer(*ledger, {.worker = "w9", .term = milliseconds(500)});
  ASSERT_TRUE(newcomer.start());
  auto is_seen = [&](const std::string& name) { return std::ranges::count(seen(), name) > 0; };
  for (auto context = Context::within(settle_timeout); is_seen("dead") && context.sleep(milliseconds(20));) {
  }
  EXPECT_THAT(seen(), testing::UnorderedElementsAre("late", "w1", "w2", "w9"));
  Fleet again(*ledger, {.worker = "late"});
  ASSERT_TRUE(again.start()) << "its name is free again";
  again.stop();
  EXPECT_THAT(seen(), testing::UnorderedElementsAre("w1", "w2", "w9"));
}

INSTANTIATE_TEST_SUITE_P(Engines, AFleet, ledger::kinds, ledger::kind_of);

}  // namespace
}  // namespace aright::remediation
