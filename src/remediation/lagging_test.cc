// Reads that are old after a fix, for up to two minutes: what was set right is found so, and not taken back; what was
// not is never found right.

#include <gmock/gmock.h>

#include "base/random.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

constexpr int lag_max_s = 120;

constexpr auto taken_back_where_bad = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Mine
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 2
    RetryAttemptSeconds: 60
)";

// Of two replicas one lags behind the writes; which of them answers a read is drawn.
class Replicas final : public aws::Caller {
 public:
  Replicas(aws::Caller& below, const Clock& clock, milliseconds lag) : below_(below), clock_(clock), lag_(lag) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto answer = below_.call(call, context);
    if (!cloud::classify(call, cloud::Catalog::embedded()).reads()) {
      if (answer) old_until_ = clock_.now() + lag_;
      return answer;
    }
    auto [seen, first] = seen_.try_emplace(call.name() + json::canonical(call.input), answer);
    if (clock_.now() < old_until_) return random_.below(2) == 0 ? seen->second : answer;
    seen->second = answer;
    return answer;
  }

 private:
  aws::Caller& below_;
  const Clock& clock_;
  const milliseconds lag_;
  Timestamp old_until_;
  Random random_{7};
  std::map<std::string, Result<json::Object>> seen_;
};

using ::testing::AnyOf;

class AFixWhoseReadsLag : public World, public testing::TestWithParam<int> {
 protected:
  void play(const char* runbook, const std::string& verification = "verification: [{on_failure: rollback}]\n") {
    open(taken_back_where_bad + verification, {{"Mine", runbook}});
    make_public_bucket("logs");
    scan_and_settle();
    pass(std::chrono::minutes(12));
  }
  void expect_set_right_once() {
    EXPECT_EQ(stage(), "resolved");
    EXPECT_TRUE(blocked("logs"));
    EXPECT_EQ(count(only(), entry::rollback_requested), 0u);
    EXPECT_EQ(writes().size(), 1u);
  }
  milliseconds lag() const { return seconds(GetParam()); }
};

TEST_P(AFixWhoseReadsLag, IsFoundGoodAndNotTakenBack) {
  weather.stale_for = lag();
  play(closing_runbook);
  expect_set_right_once();
}

TEST_P(AFixWhoseReadsLag, IsFoundGoodThoughEachReadShowsAnotherAge) {
  Replicas replicas(cloud, clock, lag());
  weather.put_before(replicas);
  play(closing_runbook, "verification: [{soak_s: 150, every_s: 10, on_failure: rollback}]\n");
  expect_set_right_once();
}

TEST_P(AFixWhoseReadsLag, IsLeftToAPersonAtWorst) {
  weather.stale_for = lag();
  play(closing_runbook, "");
  EXPECT_THAT(stage(), AnyOf("resolved", "escalated"));
  EXPECT_EQ(count(only(), entry::rollback_requested), 0u);
  EXPECT_TRUE(blocked("logs"));
}

TEST_P(AFixWhoseReadsLag, IsNeverFoundGoodWhenItIsNot) {
  weather.stale_for = lag();
  play(labelling_runbook);
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_EQ(count(only(), entry::resolved), 0u);
  EXPECT_TRUE(finding_of(only()).open);
}

INSTANTIATE_TEST_SUITE_P(ByAllThatIsTold, AFixWhoseReadsLag, testing::Range(0, lag_max_s + 1, 8));

}  // namespace
}  // namespace aright::remediation
