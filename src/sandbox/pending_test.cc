// Changes that wait for a maintenance window: predicted, judged and taken back as if they had
// happened already, and seen for what they are in snapshots.
#include <gmock/gmock.h>

#include "cloud/image.h"
#include "cloud/snapshot.h"
#include "sandbox/overlay.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

constexpr auto while_it_changes = std::chrono::minutes(5);

class PendingChange : public SandboxTest {
 protected:
  void SetUp() override {
    ok("rds:CreateDBInstance",
       R"({"DBInstanceIdentifier": "db", "DBInstanceClass": "db.t3.micro", "Engine": "mysql"})");
    clock.advance(while_it_changes);
    before = *cloud::read_image(cloud, change, {});
    output = ok(change);
    clock.advance(while_it_changes);
  }
  json::Object instance() {
    return ok("rds:DescribeDBInstances").at("DBInstances").at(0).as_object();
  }

  aws::Call change = [] {
    auto call =
        call_of("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "db", "MultiAZ": true})");
    call.account = default_account;
    return call;
  }();
  cloud::Image before;
  json::Object output;
};

TEST_F(PendingChange, HasTakenEffectForImagesButNotForSnapshots) {
  auto judgement = cloud::judge(cloud, change, before, {});
  ASSERT_TRUE(judgement) << judgement.error().text();
  EXPECT_EQ(judgement->outcome, cloud::Outcome::applied);
  cloud::ResourceRef ref{default_account, "us-east-1", "AWS::RDS::DBInstance", "db"};
  auto snapshot = cloud::read_snapshot(cloud, ref, {}, clock, {});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ(json::at(snapshot->properties, "MultiAZ"), json::Value(false));
  EXPECT_EQ(json::at(json::at(snapshot->facts, "PendingModifiedValues"), "MultiAZ"),
            json::Value(true));
}

TEST_F(PendingChange, IsCalledOffByItsInverse) {
  auto now = cloud::read_again(cloud, before, {});
  ASSERT_TRUE(now);
  auto back = cloud::take_back(change, before, output, *now);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_THAT(back->conflicts, ::testing::IsEmpty());
  ASSERT_EQ(back->calls.size(), 1u);
  EXPECT_EQ(
      json::Value(back->calls[0].input),
      value_of(R"({"DBInstanceIdentifier": "db", "MultiAZ": false, "ApplyImmediately": true})"));
  ok(back->calls[0]);
  EXPECT_EQ(json::at(json::at(instance(), "PendingModifiedValues"), "MultiAZ"), json::Value());
  clock.advance(std::chrono::hours(24 * 8));
  EXPECT_EQ(json::at(instance(), "MultiAZ"), json::Value(false));
}

TEST_F(PendingChange, LeavesTheInstanceAsItIsMeanwhile) {
  ok("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "db", "AllocatedStorage": 40})");
  EXPECT_EQ(json::at(instance(), "DBInstanceStatus"), json::Value("available"));
  ok("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "db", "BackupRetentionPeriod": 7})");
  EXPECT_EQ(instance().at("PendingModifiedValues").as_object().size(), 3u);
}

TEST_F(PendingChange, IsMadeWithTheNextOneThatDoesNotWait) {
  ok("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "db", "BackupRetentionPeriod": 3, "ApplyImmediately": true})");
  clock.advance(while_it_changes);
  EXPECT_EQ(json::at(instance(), "MultiAZ"), json::Value(true));
  EXPECT_EQ(json::at(instance(), "BackupRetentionPeriod"), json::Value(3));
  EXPECT_TRUE(instance().at("PendingModifiedValues").as_object().empty());
}

TEST_F(PendingChange, IsNoPartOfTheDifferenceOfAnotherFix) {
  Overlay overlay(cloud, {}, clock);
  auto staged = overlay.call(
      call_of("rds:ModifyDBInstance",
              R"({"DBInstanceIdentifier": "db", "DeletionProtection": true, "ApplyImmediately": true})"),
      {});
  ASSERT_TRUE(staged) << staged.error().text();
  for (const auto& change : overlay.difference())
    EXPECT_THAT(change.pointer, ::testing::Not(::testing::HasSubstr("PendingModifiedValues"))) << change.pointer;
}

TEST_F(PendingChange, StillWaitsInARehearsalAboveIt) {
  Overlay overlay(cloud, {}, clock);
  auto listed = overlay.call(call_of("rds:DescribeDBInstances"), {});
  ASSERT_TRUE(listed) << listed.error().text();
  auto staged =
      overlay.call(call_of("rds:ModifyDBInstance",
                           R"({"DBInstanceIdentifier": "db", "DeletionProtection": true})"),
                   {});
  ASSERT_TRUE(staged) << staged.error().text();
  auto shown = staged->at("DBInstance");
  EXPECT_EQ(json::at(shown, "MultiAZ"), json::Value(false));
  EXPECT_EQ(json::at(json::at(shown, "PendingModifiedValues"), "MultiAZ"), json::Value(true));
  EXPECT_EQ(json::at(shown, "DeletionProtection"), json::Value(true));
}

}  // namespace
}  // namespace aright::sandbox
