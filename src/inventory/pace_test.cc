// Scans of clouds that answer no faster than they like, in virtual time.
#include <gmock/gmock.h>

#include <map>
#include <mutex>

#include "aws/pace.h"
#include "inventory/inventory.h"
#include "sandbox/faults.h"
#include "sandbox/testing.h"

namespace aright::inventory {
namespace {

using ::testing::IsEmpty;

constexpr auto paced_account = "111122223333";
constexpr double share_over_budget_max = 1.2;

// Bears `rate` calls a second of each operation, and `burst` at once, and refuses the others.
class Strict final : public aws::Caller {
 public:
  Strict(aws::Caller& below, const Clock& clock, double rate, double burst)
      : below_(below), clock_(clock), rate_(rate), burst_(burst) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    {
      std::lock_guard lock(mutex_);
      ++asked_;
      auto& bucket = buckets_.try_emplace(call.region + call.name(), Bucket{burst_, clock_.now()}).first->second;
      auto now = clock_.now();
      bucket.tokens = std::min(burst_, bucket.tokens + static_cast<double>((now - bucket.at).count()) / 1000 * rate_);
      bucket.at = now;
      if (bucket.tokens < 1)
        return fail({.code = Errc::throttled, .message = "Rate exceeded", .wire_code = "Throttling", .http_status = 400});
      bucket.tokens -= 1;
      ++granted_;
    }
    return below_.call(call, context);
  }
  std::size_t asked() const { return asked_; }
  std::size_t granted() const { return granted_; }

 private:
  struct Bucket {
    double tokens;
    Timestamp at;
  };
  aws::Caller& below_;
  const Clock& clock_;
  const double rate_, burst_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
  std::size_t asked_ = 0, granted_ = 0;
};

class APacedScan : public sandbox::SandboxTest {
 protected:
  static constexpr std::size_t buckets = 300;

  APacedScan() {
    for (std::size_t i = 0; i < buckets; ++i) ok("s3:CreateBucket", fmt::format(R"({{"Bucket": "acme-{}"}})", i));
  }
  // Whoever waits makes it late for all; those who waited meanwhile have waited.
  aws::Paced::Pause pause() {
    return [this](milliseconds time, const Context& context) -> Result<> {
      auto until = clock.now() + time;
      std::lock_guard lock(pausing_);
      clock.set(std::max(clock.now(), until));
      return context.check();
    };
  }
  Report scan(aws::Caller& reader) {
    auto report = inventory::scan(reader, {{paced_account, "us-east-1"}},
                                  {{.type = "AWS::S3::Bucket", .aspects = {"PublicAccessBlockConfiguration"}}}, clock,
                                  {}, {.seen = [](const auto&) {}, .progress = {}});
    EXPECT_TRUE(report) << report.error().text();
    return report.value_or(Report());
  }

 private:
  std::mutex pausing_;
};

TEST_F(APacedScan, FindsTheRateThatTheCloudBears) {
  Strict strict(cloud, clock, 4, 8);
  aws::Paced paced(strict, clock, {}, pause());
  auto report = scan(paced);
  EXPECT_EQ(report.resources, buckets);
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_GE(strict.granted(), buckets);
  EXPECT_LE(static_cast<double>(strict.asked()), share_over_budget_max * static_cast<double>(strict.granted()));
  RecordProperty("calls", static_cast<int>(strict.asked()));
  RecordProperty("calls_granted", static_cast<int>(strict.granted()));
}

TEST_F(APacedScan, FinishesWhenNineOfTenCallsAreThrottled) {
  sandbox::Faulty faulty(cloud, {.throttled = 900}, 7);
  aws::Paces paces;
  aws::Paced paced(faulty, clock, paces, pause());
  auto start = clock.now();
  auto report = scan(paced);
  EXPECT_EQ(report.resources, buckets);
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_GT(faulty.faults_count(), buckets * 5);
  // What it began with is all that it ever asked for.
  auto elapsed_s = static_cast<double>((clock.now() - start).count()) / 1000;
  EXPECT_LE(static_cast<double>(paced.calls_count()),
            share_over_budget_max * (paces.burst + paces.rate_start * elapsed_s));
}

TEST_F(APacedScan, LeavesOtherRegionsAlone) {
  Strict strict(cloud, clock, 4, 8);
  aws::Paced paced(strict, clock, {}, pause());
  scan(paced);
  auto before = clock.now();
  ASSERT_TRUE(paced.call(sandbox::call_of("sqs:ListQueues", "{}", "eu-west-1"), {}));
  EXPECT_EQ(clock.now(), before);
}

TEST(APace, FallsOnceForCallsThatWereOnTheirWayTogether) {
  aws::Pace pace({}, {0});
  pace.throttled({0}, {10});
  auto after_one = pace.rate();
  pace.throttled({5}, {12});
  EXPECT_EQ(pace.rate(), after_one);
  pace.throttled({20}, {30});
  EXPECT_LT(pace.rate(), after_one);
}

TEST(APace, RisesByAStepForEachSecondInUseAndNotInSilence) {
  aws::Paces paces;
  const double step = paces.increase * paces.rate_start;
  aws::Pace pace(paces, {0});
  pace.throttled({0}, {0});
  auto low = pace.rate();
  for (int second = 1; second <= 3; ++second) pace.answered({second * 1000});
  EXPECT_NEAR(pace.rate(), low + 3 * step, 0.01);
  auto before = pace.rate();
  pace.answered({3'600'000});
  EXPECT_LE(pace.rate(), before + step);
}

TEST(APace, LetsABurstThroughAndThenOneByOne) {
  aws::Paces paces{.rate_start = 10, .burst = 3};
  aws::Pace pace(paces, {0});
  auto wait = [&] { return pace.wait(pace.take({0}), {0}).count(); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(wait(), 0);
  EXPECT_EQ(wait(), 100);
  EXPECT_EQ(wait(), 200);
}

}  // namespace
}  // namespace aright::inventory
