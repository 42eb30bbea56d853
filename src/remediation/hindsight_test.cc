#include "remediation/hindsight.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class InHindsight : public ::testing::Test, protected World {
 protected:
  // How a policy of these lines would have decided about all that is on record.
  std::vector<Redecided> replay(std::string_view rest) {
    auto text = fmt::format("targets:\n  - {{account: \"{}\", regions: [{}]}}\n{}", account, region, rest);
    auto other = parse_policy(text, ".");
    EXPECT_TRUE(other) << other.error().message;
    Hindsight hindsight(*other, *other->known, {}, clock.now() + seconds(1));
    auto entries = ledger->read(1, ledger->size()).value();
    for (const auto& entry : entries) hindsight.take(entry);
    return hindsight.end();
  }
};

}  // namespace

TEST_F(InHindsight, TellsWhatWasDecidedAndWhatWouldBeWithItsReasons) {
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  auto same = replay(asking);
  ASSERT_THAT(same, SizeIs(1));
  EXPECT_FALSE(same[0].changed());
  auto other = replay(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: all, decision: automatic}]
)");
  ASSERT_THAT(other, SizeIs(1));
  EXPECT_EQ(other[0].was, Decision::approval);
  EXPECT_EQ(other[0].now, Decision::automatic);
  EXPECT_EQ(other[0].reasons.back(), "rule 'all' says automatic");
  EXPECT_TRUE(other[0].changed());
}

TEST_F(InHindsight, TellsThatNothingWouldBeFoundWithoutTheControl) {
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  auto other = replay("controls: [{id: restricted-ssh}]\n");
  ASSERT_THAT(other, SizeIs(1));
  EXPECT_FALSE(other[0].judged);
  EXPECT_TRUE(other[0].changed());
}

TEST_F(InHindsight, TakesWhatTheRehearsalShowedThen) {
  constexpr auto by_rehearsal = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: mild, reversible: true, disruption: access, decision: automatic}, {name: ask, decision: approval}]
)";
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  auto other = replay(by_rehearsal);
  ASSERT_THAT(other, SizeIs(1));
  EXPECT_EQ(other[0].now, Decision::automatic);
  EXPECT_EQ(other[0].reasons.back(), "rule 'mild' says automatic");

  adopt(by_rehearsal);
  start();
  make_public_bucket("more");
  scan_and_settle();
  auto same = replay(by_rehearsal);
  ASSERT_THAT(same, SizeIs(2));
  EXPECT_EQ(same[1].was, Decision::automatic) << "as it was decided after its rehearsal";
  EXPECT_FALSE(same[1].changed());
}

TEST_F(InHindsight, LeavesOutWhatAPersonAskedForAndChangesNothing) {
  open("controls: [{id: s3-bucket-public-read-prohibited}]\n");
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_TRUE(engine->fix(only().finding, shown_hash(only().finding), {.name = "ana", .arn = ""}));
  settle();
  auto size = ledger->size();
  EXPECT_THAT(replay("controls: [{id: s3-bucket-public-read-prohibited}]\n"), SizeIs(1));
  EXPECT_EQ(ledger->size(), size);
}

TEST_F(InHindsight, HoldsWhatLimitsAndFreezesWouldHold) {
  open(asking);
  for (auto name : {"one", "two", "three"}) make_public_bucket(name);
  scan_and_settle();
  auto limited = replay(std::string(asking) + "limits: [{account: \"*\", starts: 1, window_s: 60}]\n");
  ASSERT_THAT(limited, SizeIs(3));
  EXPECT_FALSE(limited[0].hold);
  ASSERT_TRUE(limited[1].hold);
  ASSERT_TRUE(limited[2].hold);
  EXPECT_EQ(limited[1].hold->until, limited[0].at + seconds(60));
  EXPECT_EQ(limited[2].hold->until, limited[0].at + seconds(120)) << "the second one's start counts as well";
  auto share = replay(std::string(asking) + "limits: [{control: \"*\", percent: 67, window_s: 60}]\n");
  EXPECT_FALSE(share[1].hold) << "two of the three that the scan judged";
  EXPECT_TRUE(share[2].hold);
  auto frozen = replay(std::string(asking) +
                       "freezes: [{name: always, from: 2000-01-01T00:00:00Z, until: 2100-01-01T00:00:00Z}]\n");
  EXPECT_EQ(frozen[0].hold->reason, "the freeze 'always' is on");
}

TEST_F(InHindsight, KnowsWhatAFixHadEarnedByThen) {
  constexpr auto automatic = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: all, decision: automatic}]
)";
  open(automatic);
  for (auto name : {"a-1", "a-2", "a-3"}) {
    make_public_bucket(name);
    scan_and_settle();
  }
  auto earned = replay(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: earned, decision: earned}]
autonomy: {approval: 30, canary: 40, automatic: 60}
)");
  ASSERT_THAT(earned, SizeIs(3));
  EXPECT_EQ(earned[0].now, Decision::manual);
  EXPECT_EQ(earned[2].now, Decision::approval);
  EXPECT_THAT(earned[2].reasons, ::testing::Contains(HasSubstr("2 of 2 fixes were good")));
}

TEST_F(InHindsight, KnowsExceptionsOfThePolicyAndOfThen) {
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  auto excepted = replay(std::string(automatic) +
                         "exceptions: [{name: site, resource: [logs], owner: ana, reason: a public site, "
                         "until: 2100-01-01T00:00:00Z}]\n");
  ASSERT_THAT(excepted, SizeIs(1));
  EXPECT_EQ(excepted[0].now, Decision::deferred);
  EXPECT_THAT(excepted[0].reasons, ::testing::Contains(HasSubstr("a public site")));
  EXPECT_FALSE(excepted[0].hold);

  ASSERT_TRUE(engine->except(only().finding, ana, {.message = "for now", .by = "ana", .until = forever}));
  somebody("s3:DeleteBucketPolicy", R"({"Bucket": "logs"})");
  scan_and_settle();
  clock.advance(seconds(1));
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  json::Value open_to_all{{"Version", "2012-10-17"},
                          {"Statement", json::Array{json::Object{{"Effect", "Allow"},
                                                                 {"Principal", "*"},
                                                                 {"Action", "s3:GetObject"},
                                                                 {"Resource", "arn:aws:s3:::logs/*"}}}}};
  somebody("s3:PutBucketPolicy",
           json::print(json::Object{{"Bucket", "logs"}, {"Policy", json::print(open_to_all)}}));
  scan_and_settle();
  auto then = replay(automatic);
  ASSERT_THAT(then, SizeIs(2));
  EXPECT_EQ(then[0].now, Decision::automatic) << "there was none yet";
  EXPECT_EQ(then[1].now, Decision::deferred);
}

TEST_F(InHindsight, KnowsTheSeverityThatAnotherToolWrote) {
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  auto entries = ledger->read(1, ledger->size()).value();
  auto other = parse_policy(fmt::format("targets: [{{account: \"{}\", regions: [{}]}}]\n"
                                        "controls: [{{id: s3-bucket-public-read-prohibited}}]\n"
                                        "decide: [{{name: mild, severity: low, decision: automatic}}]\n",
                                        account, region), ".").value();
  auto decided = [&](const char* severity) {
    Hindsight hindsight(other, *other.known, {}, clock.now() + seconds(1));
    for (auto entry : entries) {
      if (entry.kind == entry::remediation_opened) entry.body.as_object()["severity"] = severity;
      hindsight.take(entry);
    }
    return hindsight.end().at(0).now;
  };
  EXPECT_EQ(decided("low"), Decision::automatic);
  EXPECT_EQ(decided("critical"), Decision::manual);
}

}  // namespace aright::remediation
