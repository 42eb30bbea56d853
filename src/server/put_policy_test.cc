#include "server/put_policy.h"

#include <gtest/gtest.h>

namespace aright::server {
namespace {

TEST(WhatWasPut, IsSaidInTheWordsOfThePolicy) {
  auto put = put_policy(json::parse(R"({
    "1/us-east-1/AWS::Config::ConfigRule/a/b": {"aspects": {"Rule": {"Source": {"Owner": "AWS"}}}},
    "1/us-east-1/AWS::Events::Rule/other|mine": {"record": {"Arn": "arn:aws:events:us-east-1:1:rule/other/mine"},
        "aspects": {
        "Configuration": {"EventPattern": "{\"source\": [\"x\"]}", "State": "DISABLED"},
        "Targets": [{"Id": "1", "Arn": "q"}]}},
    "1/us-east-1/AWS::Events::Rule/default|idle": {"aspects": {"Configuration": {"State": "ENABLED"}}},
    "1/us-east-1/AWS::SSM::Document/Runs": {"aspects": {"DocumentType": "Automation", "Content": "text"}},
    "1/us-east-1/AWS::SSM::Document/Not": {"aspects": {"DocumentType": "Command", "Content": "text"}},
    "1/us-east-1/AWS::S3::Bucket/b": {}})")->as_object());
  EXPECT_EQ(json::canonical(put),
            json::canonical(json::parse(R"({
    "config_rules": [{"ConfigRuleName": "a/b", "Source": {"Owner": "AWS"}}],
    "rules": [{"name": "mine", "bus": "other", "arn": "arn:aws:events:us-east-1:1:rule/other/mine", "enabled": false, "pattern": {"source": ["x"]},
               "targets": [{"Id": "1", "Arn": "q"}]}],
    "runbooks": {"Runs": "text"}})").value()));
  EXPECT_EQ(type_in("1/us-east-1/AWS::SSM::Parameter//app/x"), "AWS::SSM::Parameter");
}

TEST(WhatWasPut, HasTheVersionsOfADocumentBesideIt) {
  auto put = put_policy(json::parse(R"({
    "1/us-east-1/AWS::SSM::Document/Runs": {"aspects": {"DocumentType": "Automation", "Content": "one"},
        "internals": {"versions": [{"DocumentVersion": "1", "Content": "one"},
                                   {"DocumentVersion": "2", "Content": "two"}]}}})")->as_object());
  EXPECT_EQ(json::canonical(put), json::canonical(json::parse(R"({
    "runbooks": {"Runs": "one", "Runs:1": "one", "Runs:2": "two", "Runs:$LATEST": "two"}})").value()));
}

}  // namespace
}  // namespace aright::server
