// Many at once: threads that tell the same, resources that wait for each other or do not, and a cloud that refuses
// half of what it is asked.

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <set>
#include <thread>

#include "aws/pace.h"
#include "base/random.h"
#include "remediation/testing.h"
#include "sandbox/faults.h"

namespace aright::remediation {
namespace {

constexpr int tellers = 64;
constexpr std::size_t buckets = 16;

std::string bucket_name(std::size_t number) { return fmt::format("bucket-{}", number); }

// The same finding as the member's account and the administrator's hand it on, each under an id of its own.
json::Object imported(std::size_t bucket, std::string_view account, int teller) {
  json::Object resource{{"Type", "AwsS3Bucket"}, {"Id", "arn:aws:s3:::" + bucket_name(bucket)},
                        {"Region", World::region}};
  json::Object finding{{"SchemaVersion", "2018-10-08"}, {"Id", fmt::format("hub-{}", bucket)},
                       {"ProductArn", "arn:aws:securityhub:us-east-1::product/aws/securityhub"},
                       {"GeneratorId", "security-control/S3.2"}, {"AwsAccountId", World::account},
                       {"Title", "S3 general purpose buckets should block public read access"},
                       {"Compliance", json::Object{{"Status", "FAILED"}, {"SecurityControlId", "S3.2"}}},
                       {"Workflow", json::Object{{"Status", "NEW"}}}, {"RecordState", "ACTIVE"},
                       {"Severity", json::Object{{"Label", "CRITICAL"}}}, {"Resources", json::Array{resource}}};
  return {{"id", fmt::format("{}-{}-{}", account, teller, bucket)}, {"source", "aws.securityhub"},
          {"detail-type", "Security Hub Findings - Imported"}, {"account", account}, {"region", World::region},
          {"time", "2023-11-14T22:00:00Z"}, {"detail", json::Object{{"findings", json::Array{finding}}}}};
}

// Below the engine and above the cloud: which writes are under way at one time, and one that does not come back.
class Door final : public aws::Caller {
 public:
  explicit Door(aws::Caller& below) : below_(below) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (cloud::classify(call, cloud::Catalog::embedded()).reads()) return below_.call(call, context);
    auto bucket = json::text(call.input, "Bucket", "");
    enter(bucket);
    auto answer = below_.call(call, context);
    std::lock_guard lock(mutex_);
    under_way_.erase(under_way_.find(bucket));
    return answer;
  }
  void hold(std::string bucket) { held_ = std::move(bucket); }
  void let_go() {
    std::lock_guard lock(mutex_);
    held_.clear();
    changed_.notify_all();
  }
  bool is_held() const {
    std::lock_guard lock(mutex_);
    return holds_;
  }
  std::size_t of_one_max() const { return of_one_max_; }
  std::size_t together_max() const { return together_max_; }

 private:
  // The first waits until a second one is here, so that there are two at one time whatever the machine does.
  void enter(const std::string& bucket) {
    std::unique_lock lock(mutex_);
    under_way_.insert(bucket);
    of_one_max_ = std::max(of_one_max_, under_way_.count(bucket));
    together_max_ = std::max(together_max_, under_way_.size());
    changed_.notify_all();
    if (bucket == held_) holds_ = true;
    changed_.wait_for(lock, World::settle_timeout,
                      [&] { return bucket != held_ && together_max_ > 1; });
  }

  aws::Caller& below_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::string held_;
  bool holds_ = false;
  std::multiset<std::string> under_way_;
  std::size_t of_one_max_ = 0, together_max_ = 0;
};

// Tells of each write, the instant it reaches the cloud; which takes its time.
class Passing final : public aws::Caller {
 public:
  Passing(aws::Caller& below, std::function<void(const aws::Call&)> tell) : below_(below), tell_(std::move(tell)) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (cloud::classify(call, cloud::Catalog::embedded()).reads()) return below_.call(call, context);
    tell_(call);
    std::this_thread::sleep_for(milliseconds(20));
    return below_.call(call, context);
  }

 private:
  aws::Caller& below_;
  std::function<void(const aws::Call&)> tell_;
};

class ACrowd : public testing::Test, protected World {
 protected:
  ACrowd() {
    open(automatic);
    for (std::size_t i = 0; i < buckets; ++i) make_public_bucket(bucket_name(i));
  }
  // World's own weather lets one call through at a time.
  void start_behind(aws::Caller& caller) {
    engine.reset();
    auto opened = Engine::open({.policy = &policy, .controls = &rules::Controls::embedded(),
                                .catalog = &cloud::Catalog::embedded(), .models = &model::Models::embedded(),
                                .cloud = &caller, .ledger = ledger.get(), .clock = &clock, .library = &*library});
    ASSERT_TRUE(opened) << opened.error().text();
    engine = std::move(*opened);
  }
  std::size_t resolved() const {
    auto list = list_remediations(*ledger, {.status = "resolved", .parent = ""});
    return list ? list->size() : 0;
  }
  bool wait_for(const std::function<bool()>& done) {
    for (auto context = Context::within(settle_timeout); !done() && context.sleep(milliseconds(10));) {
    }
    return done();
  }
  std::map<std::string, int> writes_by_bucket() {
    std::map<std::string, int> out;
    for (const auto& record : cloud.calls()) ++out[json::text(record.call.input, "Bucket", "")];
    return out;
  }
  // Each thread tells of each resource from both accounts, in an order of its own.
  void tell_all() {
    std::vector<std::jthread> threads;
    for (int teller = 0; teller < tellers; ++teller)
      threads.emplace_back([&, teller] {
        Random random(static_cast<std::uint64_t>(teller));
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < buckets; ++i)
          order.insert(order.begin() + static_cast<std::ptrdiff_t>(random.below(order.size() + 1)), i);
        for (auto bucket : order)
          for (const char* from : {World::account, "999988887777"})
            EXPECT_TRUE(engine->accept_event(imported(bucket, from, teller)));
      });
  }
  void expect_each_written_once() {
    auto made = writes_by_bucket();
    EXPECT_EQ(made.size(), buckets);
    for (const auto& [bucket, count] : made) EXPECT_EQ(count, 1) << bucket;
    EXPECT_FALSE(ledger->verify()->fault);
  }
};

TEST_F(ACrowd, ThatTellsTheSameMakesOneRemediationOfEachResource) {
  tell_all();
  settle();
  EXPECT_EQ(resolved(), buckets);
  EXPECT_EQ(remediations().size(), buckets);
  expect_each_written_once();
  fmt::print("{} events by {} threads: {} remediations\n", tellers * 2 * buckets, tellers, remediations().size());
}

// A judgement that read before a fix may find again what is right by then: another remediation follows, but never
// beside the first.
TEST_F(ACrowd, ThatTellsTheSameMeanwhileHasOneRemediationOfEachResourceAtATime) {
  engine->run();
  tell_all();
  EXPECT_TRUE(wait_for([&] { return resolved() >= buckets; }));
  engine->stop();
  pass(std::chrono::minutes(10));  // and what was under way is tried again
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::uint64_t>>> spans;  // by resource: its remediations
  for (const auto& state : remediations()) {
    EXPECT_EQ(name(state.stage), "resolved");
    auto entries = ledger->stream(state.id.str()).value();
    spans[state.resource.id].emplace_back(entries.front().position, entries.back().position);
  }
  EXPECT_EQ(spans.size(), buckets);
  for (auto& [bucket, of_one] : spans) {
    EXPECT_TRUE(blocked(bucket)) << bucket;
    std::ranges::sort(of_one);
    for (std::size_t i = 1; i < of_one.size(); ++i) EXPECT_LT(of_one[i - 1].second, of_one[i].first) << bucket;
  }
  EXPECT_FALSE(ledger->verify()->fault);
  fmt::print("{} events while it works: {} remediations\n", tellers * 2 * buckets, remediations().size());
}

TEST_F(ACrowd, OfResourcesIsWorkedOnAtOnceAndEachSerially) {
  Door door(cloud);
  start_behind(door);
  scan();
  engine->run();
  EXPECT_TRUE(wait_for([&] { return resolved() == buckets; }));
  engine->stop();
  EXPECT_EQ(door.of_one_max(), 1u);
  EXPECT_GT(door.together_max(), 1u);
  expect_each_written_once();
  fmt::print("{} writes at one time, {} on one resource\n", door.together_max(), door.of_one_max());
}

// Many fixes are under way, and somebody says stop. What had been let through by then may still begin.
TEST_F(ACrowd, IsStoppedWithinASecond) {
  constexpr std::size_t more = 184;
  for (std::size_t i = buckets; i < buckets + more; ++i) make_public_bucket(bucket_name(i));
  std::mutex mutex;
  std::vector<std::chrono::steady_clock::time_point> sent;
  Passing door(cloud, [&](const aws::Call&) {
    std::lock_guard lock(mutex);
    sent.push_back(std::chrono::steady_clock::now());
  });
  start_behind(door);
  scan();
  engine->run();
  ASSERT_TRUE(wait_for([&] {
    std::lock_guard lock(mutex);
    return sent.size() >= buckets;
  }));
  auto said = std::chrono::steady_clock::now();
  ASSERT_TRUE(engine->halt({}, ana, "an incident"));
  auto heard = std::chrono::steady_clock::now();
  ASSERT_TRUE(Context::within(settle_timeout).sleep(seconds(3)));
  engine->stop();
  auto last = std::max(said, *std::ranges::max_element(sent));
  auto in_ms = [&](auto time) { return std::chrono::duration<double, std::milli>(time - said).count(); };
  fmt::print("{} of {} writes were sent; halt() came back after {:.1f} ms, the last write began after {:.1f} ms\n",
             sent.size(), buckets + more, in_ms(heard), in_ms(last));
  EXPECT_LT(sent.size(), buckets + more) << "all was done before: this says nothing";
  EXPECT_LT(in_ms(last), 1'000);
}

TEST_F(ACrowd, DoesNotWaitForOneThatIsStuck) {
  Door door(cloud);
  door.hold(bucket_name(0));
  start_behind(door);
  scan();
  engine->run();
  EXPECT_TRUE(wait_for([&] { return resolved() == buckets - 1; }));
  EXPECT_TRUE(wait_for([&] { return door.is_held(); }));
  EXPECT_EQ(resolved(), buckets - 1);
  door.let_go();
  EXPECT_TRUE(wait_for([&] { return resolved() == buckets; }));
  engine->stop();
  expect_each_written_once();
}

// As the client below an engine does: three attempts for each call.
class Patient final : public aws::Caller {
 public:
  explicit Patient(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    ++calls;
    for (int attempt = 1;; ++attempt) {
      auto answer = below_.call(call, context);
      if (answer || answer.error().code != Errc::throttled || attempt == 3) return answer;
    }
  }
  std::atomic<int> calls = 0;

 private:
  aws::Caller& below_;
};

TEST_F(ACrowd, ComesToItsEndWhereHalfOfTheCallsAreThrottled) {
  constexpr int half = 500, hours_max = 48;
  sandbox::Faulty refusing(cloud, {.throttled = half}, 11);
  Patient client(refusing);
  scan();
  start_behind(client);
  settle();
  int hours = 0;
  for (; hours < hours_max && resolved() < buckets; ++hours) pass(std::chrono::hours(1));
  fmt::print("{} of {} resolved within {} virtual hours; {} calls, {} attempts were throttled\n", resolved(), buckets,
             hours, client.calls.load(), refusing.faults_count());
  EXPECT_EQ(resolved(), buckets);
  expect_each_written_once();
}

// How often each operation is asked for, tries included.
class Counting final : public aws::Caller {
 public:
  explicit Counting(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto& [count, paces] = operations_[call.name()];
    ++count;
    paces = aws::Paces().of(call);
    return below_.call(call, context);
  }
  std::size_t calls() const {
    std::size_t out = 0;
    for (const auto& [operation, asked] : operations_) out += asked.first;
    return out;
  }
  // Of the operation that came nearest to what its pace allows in that time.
  double share_of_budget(double elapsed_s) const {
    double out = 0;
    for (const auto& [operation, asked] : operations_) {
      const auto& [count, paces] = asked;
      out = std::max(out, static_cast<double>(count) / (paces.burst + paces.rate_start * elapsed_s));
    }
    return out;
  }

 private:
  aws::Caller& below_;
  std::map<std::string, std::pair<std::size_t, aws::Paces>> operations_;  // of one account and region
};

// Behind the pace that an engine's calls have outside of tests.
TEST_F(ACrowd, ComesToItsEndWhereNineOfTenCallsAreThrottled) {
  constexpr int nine_tenths = 900, hours_max = 48;
  constexpr double share_of_budget_max = 1.2;
  sandbox::Faulty refusing(cloud, {.throttled = nine_tenths}, 11);
  Counting counting(refusing);
  aws::Paced paced(counting, clock, {}, [&](milliseconds time, const Context& context) {
    clock.advance(time);
    return context.check();
  });
  scan();
  start_behind(paced);
  auto start = clock.now();
  settle();
  while (clock.now() < start + std::chrono::hours(hours_max) && resolved() < buckets) pass(std::chrono::minutes(10));
  auto elapsed_s = static_cast<double>((clock.now() - start).count()) / 1000;
  fmt::print("{} of {} resolved within {:.1f} virtual hours; {} calls, {} throttled; {:.2f} of the budget\n",
             resolved(), buckets, elapsed_s / 3600, counting.calls(), refusing.faults_count(),
             counting.share_of_budget(elapsed_s));
  EXPECT_EQ(resolved(), buckets);
  EXPECT_LE(counting.share_of_budget(elapsed_s), share_of_budget_max);
  expect_each_written_once();
}

}  // namespace
}  // namespace aright::remediation
