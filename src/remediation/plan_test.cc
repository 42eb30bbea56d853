#include "remediation/plan.h"

#include <gtest/gtest.h>

#include "runbook/machine.h"

namespace aright::remediation {
namespace {

const Strongbox plan_box = Strongbox::generate();
const gateway::Redactor plan_redactor(model::Models::embedded(), plan_box);

aws::Call call(std::string operation, json::Object input) {
  return {.service = "ec2",
          .operation = std::move(operation),
          .region = "r",
          .account = "1",
          .input = std::move(input)};
}

Plan snapshot_and_tag() {
  Plan plan;
  plan.id = PlanId::derived("1");
  plan.finding = FindingId::derived("1");
  plan.resource = {.account = "1", .region = "r", .type = "T", .id = "x", .arn = ""};
  plan.action.target = "R";
  plan.execution_name = "exec_rehearsed";
  plan.writes.push_back({.call = call("CreateSnapshot", {{"VolumeId", "vol-1"}}),
                         .output = json::Object{{"SnapshotId", "snap-rehearsed"}}});
  plan.writes.push_back({.call = call("CreateTags", {{"Resources", json::Array{"snap-rehearsed"}}})});
  plan.made_at = {1'700'000'000'000};
  seal(plan);
  return plan;
}

}  // namespace

TEST(Plan, KeepsItsHashThroughJson) {
  auto plan = snapshot_and_tag();
  auto again = plan_from_json(json::parse(json::print(to_json(plan))).value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->hash, plan.hash);
}

TEST(Plan, IsRefusedWhenOneMemberChanged) {
  auto body = to_json(snapshot_and_tag());
  body["writes"].as_array()[0].as_object()["input"].as_object()["VolumeId"] = "vol-2";
  EXPECT_EQ(plan_from_json(body).error().code, Errc::corrupt);
}

TEST(Admission, AdmitsPlannedWritesOnce) {
  auto plan = snapshot_and_tag();
  Admission admission(plan, "exec_real", {}, plan_redactor);
  EXPECT_TRUE(admission.admit(call("CreateSnapshot", {{"VolumeId", "vol-1"}})));
  EXPECT_EQ(admission.admit(call("CreateSnapshot", {{"VolumeId", "vol-1"}})).error().number, "AR-0004");
}

TEST(Admission, RefusesEverythingElse) {
  auto plan = snapshot_and_tag();
  Admission admission(plan, "exec_real", {}, plan_redactor);
  EXPECT_FALSE(admission.admit(call("CreateSnapshot", {{"VolumeId", "vol-2"}})));
  EXPECT_FALSE(admission.admit(call("TerminateInstances", {{"InstanceIds", json::Array{"i-1"}}})));
  auto elsewhere = call("CreateSnapshot", {{"VolumeId", "vol-1"}});
  elsewhere.account = "2";
  EXPECT_FALSE(admission.admit(elsewhere));
}

TEST(Admission, KnowsTheRealIdsOfWhatWasCreated) {
  auto plan = snapshot_and_tag();
  Admission admission(plan, "exec_real", {}, plan_redactor);
  auto write = admission.admit(call("CreateSnapshot", {{"VolumeId", "vol-1"}}));
  ASSERT_TRUE(write);
  admission.learn(*write, json::Object{{"SnapshotId", "snap-real"}});
  EXPECT_TRUE(admission.admit(call("CreateTags", {{"Resources", json::Array{"snap-real"}}})));
}

TEST(Admission, DoesNotCompareWhatTheCloudMakesUpAndChecksItself) {
  auto update = [](std::string etag, std::string comment) {
    json::Object config{{"Comment", comment}};
    return aws::Call{.service = "cloudfront", .operation = "UpdateDistribution", .region = "us-east-1", .account = "1",
                     .input = {{"Id", "E1"}, {"IfMatch", etag}, {"DistributionConfig", std::move(config)}}};
  };
  Plan plan;
  plan.writes.push_back({.call = update("REHEARSED", "a")});
  Admission admission(plan, "exec_real", {}, plan_redactor);
  EXPECT_FALSE(admission.admit(update("REAL", "b")));
  EXPECT_TRUE(admission.admit(update("REAL", "a")));
}

TEST(Admission, TakesTheTimeOfTheRunForThatOfItsRehearsal) {
  constexpr Timestamp rehearsed{1'700'000'000'000}, ran{1'700'090'000'000};
  auto tag = [](std::string value) { return call("CreateTags", {{"Value", std::move(value)}}); };
  Plan plan;
  plan.made_at = rehearsed;
  plan.writes.push_back({.call = tag("since " + rehearsed.iso_seconds())});
  plan.writes.push_back({.call = tag("backup-" + runbook::date_time(rehearsed))});
  plan.writes.push_back({.call = tag("of " + runbook::date(rehearsed))});
  Admission admission(plan, "exec_real", ran, plan_redactor);
  EXPECT_FALSE(admission.admit(tag("since " + (ran + seconds(1)).iso_seconds())));
  EXPECT_TRUE(admission.admit(tag("since " + ran.iso_seconds())));
  EXPECT_TRUE(admission.admit(tag("backup-" + runbook::date_time(ran))));
  EXPECT_TRUE(admission.admit(tag("of " + runbook::date(ran))));
}

TEST(Admission, KnowsRealIdsByTheirDigestsWhereTheCallIsRedacted) {
  auto redacted = [](std::string id) {
    return json::Object{{"redacted", plan_redactor.digest(id)}};
  };
  auto encrypt = [&](std::string key) {
    return aws::Call{.service = "sqs", .operation = "SetQueueAttributes", .region = "us-east-1", .account = "1",
                     .input = {{"QueueUrl", "q"}, {"Attributes", redacted(key)}}};
  };
  Plan plan;
  plan.writes.push_back({.call = call("CreateKey", {}), .output = json::Object{{"KeyId", "key-rehearsed"}}});
  plan.writes.push_back({.call = encrypt("key-rehearsed")});
  Admission admission(plan, "exec_real", {}, plan_redactor);
  auto made = admission.admit(call("CreateKey", {}));
  ASSERT_TRUE(made);
  admission.learn(*made, json::Object{{"KeyId", "key-real"}});
  EXPECT_FALSE(admission.admit(encrypt("key-others")));
  EXPECT_TRUE(admission.admit(encrypt("key-real")));
}

}  // namespace aright::remediation
