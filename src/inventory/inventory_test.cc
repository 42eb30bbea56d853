#include "inventory/inventory.h"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "inventory/under_way.h"
#include "sandbox/testing.h"

namespace aright::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto account = "111122223333";

// Counts who reads at once, and lets tests step in between.
class Watched final : public aws::Caller {
 public:
  explicit Watched(aws::Caller& below) : below_(below) {}
  std::function<std::optional<Error>(const aws::Call&)> before;

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto now = ++at_once_;
    for (auto most = at_once_max.load();
         now > most && !at_once_max.compare_exchange_weak(most, now);) {
    }
    std::optional<Error> error = before ? before(call) : std::nullopt;
    auto answer = error ? Result<json::Object>(fail(*error)) : below_.call(call, context);
    --at_once_;
    return answer;
  }

  std::atomic<unsigned> at_once_max = 0;

 private:
  aws::Caller& below_;
  std::atomic<unsigned> at_once_ = 0;
};

class TheScan : public sandbox::SandboxTest {
 protected:
  TheScan() {
    for (auto name : {"a", "b", "c"})
      ok("s3:CreateBucket", fmt::format(R"({{"Bucket": "acme-{}"}})", name));
  }
  Report scan(const std::vector<Want>& wants = {{.type = "AWS::S3::Bucket",
                                                 .aspects = {"PublicAccessBlockConfiguration"}}},
              const std::vector<Place>& places = {{account, "us-east-1"}}) {
    auto report = inventory::scan(
        watched, places, wants, clock, {},
        {.seen = [this](const cloud::Snapshot& snapshot) { seen.push_back(snapshot.ref.id); }, .progress = {}});
    EXPECT_TRUE(report) << report.error().text();
    return report.value_or(Report());
  }

  Watched watched{cloud};
  std::vector<std::string> seen;  // one at a time, as the header promises: no lock
};

TEST_F(TheScan, SeesEachResourceOnce) {
  auto report = scan();
  EXPECT_THAT(seen, UnorderedElementsAre("acme-a", "acme-b", "acme-c"));
  EXPECT_EQ(report.resources, 3u);
  EXPECT_THAT(report.gaps, IsEmpty());
}

TEST_F(TheScan, SaysWhatItCouldNotReadAndGoesOn) {
  watched.before = [](const aws::Call& call) -> std::optional<Error> {
    if (json::text(call.input, "Bucket") != "acme-b" || call.operation == "ListBuckets")
      return std::nullopt;
    return Error{
        .code = Errc::denied, .message = "no", .wire_code = "AccessDenied", .http_status = 403};
  };
  auto report = scan();
  EXPECT_THAT(seen, ::testing::IsSupersetOf({"acme-a", "acme-c"}));
  // A bucket of which something cannot be read is either a gap, or a snapshot that does not claim
  // to know it.
  EXPECT_EQ(report.gaps.size() + seen.size(), 3u);
  for (const auto& gap : report.gaps) {
    EXPECT_THAT(gap.what, HasSubstr("acme-b"));
    EXPECT_NE(gap.why, "");
  }
}

TEST_F(TheScan, NamesATypeThatCannotBeListed) {
  watched.before = [](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "ListBuckets") return std::nullopt;
    return Error{.code = Errc::throttled,
                 .message = "slow down",
                 .wire_code = "SlowDown",
                 .http_status = 503};
  };
  auto report = scan();
  EXPECT_EQ(report.resources, 0u);
  ASSERT_EQ(report.gaps.size(), 1u);
  EXPECT_EQ(report.gaps[0].what, "AWS::S3::Bucket in 111122223333 us-east-1");
  EXPECT_EQ(scan({{.type = "AWS::Made::Up", .aspects = {}}}).gaps.size(), 1u);
}

TEST_F(TheScan, PassesOverWhatVanishesMeanwhile) {
  std::atomic<bool> gone = false;
  watched.before = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "ListBuckets" && !gone.exchange(true)) {
      for (auto name : {"a", "b", "c"})
        ok("s3:DeleteBucket", fmt::format(R"({{"Bucket": "acme-{}"}})", name));
    }
    return std::nullopt;
  };
  auto report = scan({{.type = "AWS::S3::Bucket", .aspects = {}}});
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_EQ(report.resources, 0u);
}

TEST_F(TheScan, ReadsManyAtOnceButNotMoreThanItsBound) {
  for (int i = 0; i < 30; ++i)
    ok("s3:CreateBucket", fmt::format(R"({{"Bucket": "more-{}"}})", i));
  watched.before = [](const aws::Call&) -> std::optional<Error> {
    std::this_thread::sleep_for(milliseconds(2));
    return std::nullopt;
  };
  EXPECT_EQ(scan().resources, 33u);
  EXPECT_GT(watched.at_once_max, 1u);
  EXPECT_LE(watched.at_once_max, readers_max);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 33u);
}

TEST_F(TheScan, LooksInEachPlaceAndAtEachType) {
  ok(sandbox::call_of("sqs:CreateQueue", R"({"QueueName": "here"})", "us-east-1"));
  ok(sandbox::call_of("sqs:CreateQueue", R"({"QueueName": "there"})", "eu-west-1"));
  auto report =
      scan({{.type = "AWS::SQS::Queue", .aspects = {}}, {.type = "AWS::S3::Bucket", .aspects = {}}},
           {{account, "us-east-1"}, {account, "eu-west-1"}});
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_EQ(std::ranges::count_if(seen, [](const auto& id) { return id.ends_with("here"); }), 2);
}

TEST_F(TheScan, KnowsNothingOfWhatItMayNotRead) {
  watched.before = [](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "GetPublicAccessBlock") return std::nullopt;
    return Error{.code = Errc::denied, .message = "no", .wire_code = "AccessDenied", .http_status = 403};
  };
  std::vector<cloud::Snapshot> snapshots;
  auto report = inventory::scan(
      watched, {{account, "us-east-1"}},
      {{.type = "AWS::S3::Bucket", .aspects = {"PublicAccessBlockConfiguration", "VersioningConfiguration"}}}, clock,
      {},
      {.seen = [&](const cloud::Snapshot& snapshot) { snapshots.push_back(snapshot); }, .progress = {}});
  ASSERT_TRUE(report);
  EXPECT_THAT(report->gaps, IsEmpty());
  ASSERT_EQ(snapshots.size(), 3u);
  for (const auto& snapshot : snapshots) {
    EXPECT_THAT(snapshot.unreadable, ::testing::Contains(::testing::Key("PublicAccessBlockConfiguration")));
    EXPECT_FALSE(snapshot.properties.contains("PublicAccessBlockConfiguration"));
    EXPECT_FALSE(snapshot.unreadable.contains("VersioningConfiguration"));
  }
}

TEST_F(TheScan, ReadsTheFirstPageBeforeTheLastOneIsListed) {
  constexpr int groups = 1'100;  // a page has a thousand
  for (int i = 0; i < groups; ++i) ok("iam:CreateGroup", fmt::format(R"({{"GroupName": "group-{}"}})", i));
  std::atomic<int> pages = 0, reads = 0;
  watched.before = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "ListGroups") {
      ++reads;
    } else if (++pages == 2) {
      for (int i = 0; i < 10'000 && reads == 0; ++i) std::this_thread::sleep_for(milliseconds(1));
    }
    return std::nullopt;
  };
  auto report = scan({{.type = "AWS::IAM::Group", .aspects = {"ManagedPolicyArns"}}});
  EXPECT_GE(report.resources, static_cast<std::size_t>(groups));
  EXPECT_GT(pages, 1);
  EXPECT_GT(reads, 0);
}

TEST_F(TheScan, SaysHowFarItIs) {
  for (std::size_t i = 0; i < progress_every * 2; ++i)
    ok("sqs:CreateQueue", fmt::format(R"({{"QueueName": "queue-{}"}})", i));
  std::vector<std::size_t> told;
  auto report = inventory::scan(watched, {{account, "us-east-1"}},
                                {{.type = "AWS::SQS::Queue", .aspects = {"VisibilityTimeout"}}}, clock, {},
                                {.seen = [](const auto&) {},
                                 .progress = [&](const Progress& so_far) {
                                   told.push_back(so_far.resources);
                                   EXPECT_EQ(so_far.listings_all, 1u);
                                 }});
  ASSERT_TRUE(report);
  EXPECT_THAT(told, ElementsAre(progress_every, progress_every * 2));
}

TEST_F(TheScan, TellsWhoeverAsksHowFarItIs) {
  for (const auto* name : {"a", "b", "c"})
    ok("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", name));
  EXPECT_FALSE(under_way());
  std::vector<std::size_t> told;
  auto report = inventory::scan(watched, {{account, "us-east-1"}},
                                {{.type = "AWS::SQS::Queue", .aspects = {"VisibilityTimeout"}}}, clock, {},
                                {.seen = [&](const auto&) { told.push_back(under_way()->resources); }}, 1);
  ASSERT_TRUE(report);
  EXPECT_THAT(told, ElementsAre(0u, 1u, 2u));
  EXPECT_FALSE(under_way());
}

TEST_F(TheScan, EndsWithItsContext) {
  std::stop_source stop;
  watched.before = [&](const aws::Call&) -> std::optional<Error> {
    stop.request_stop();
    return std::nullopt;
  };
  auto report = inventory::scan(watched, {{account, "us-east-1"}},
                                {{.type = "AWS::S3::Bucket", .aspects = {}}}, clock,
                                {.stop = stop.get_token()}, {.seen = [](const cloud::Snapshot&) {}, .progress = {}});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::cancelled);
}

}  // namespace
}  // namespace aright::inventory
