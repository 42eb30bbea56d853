#include "remediation/secrets.h"

#include <gmock/gmock.h>

#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Strongbox box = Strongbox::generate();
const gateway::Redactor redactor(model::Models::embedded(), box);

TEST(Secrets, GoByTheirNames) {
  for (auto name : {"MasterUserPassword", "client_secret", "AuthToken", "SecretAccessKey", "apiKey", "Secret"})
    EXPECT_TRUE(names_a_secret(name)) << name;
  for (auto name : {"NextToken", "SecretId", "KeyId", "PasswordPolicy", "Name", "ClientToken"})
    EXPECT_FALSE(names_a_secret(name)) << name;
}

TEST(Secrets, AreLockedUnderTheirNamesAndWhereverTheyStand) {
  Secrets secrets(redactor);
  json::Value value = json::parse(R"({"Password": ["hunter2!"], "Log": "set to hunter2! now", "Name": "db",
                                      "Secret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:db"})").value();
  std::ignore = secrets.lock(value);  // the order of members does not matter from here on
  auto locked = secrets.lock(value);
  EXPECT_THAT(json::print(locked), Not(HasSubstr("hunter2!")));
  EXPECT_THAT(json::print(locked), HasSubstr("arn:aws:secretsmanager"));
  Secrets later(redactor);
  EXPECT_EQ(later.unlock(locked).value(), value);
  EXPECT_EQ(later.mask("it is hunter2!"), "it is [redacted]");
  EXPECT_THAT(json::print(later.mask_all(value)), Not(HasSubstr("hunter2!")));
}

TEST(Secrets, AreNotOpenedForSomebodyWhoHasOnlyTheLockedText) {
  json::Value stolen = redactor.lock("hunter2!");
  Secrets secrets(redactor);
  auto kept = secrets.lock(json::Object{{"Parameter", stolen}});
  EXPECT_EQ(json::at(secrets.unlock(kept).value(), "Parameter"), stolen);
}

constexpr auto makes_a_key = R"(
schemaVersion: "0.3"
assumeRole: ""
parameters:
  DatabasePassword: {type: String}
mainSteps:
  - name: Make
    action: aws:executeAwsApi
    inputs: {Service: iam, Api: CreateAccessKey, UserName: ada}
    outputs:
      - {Name: Key, Selector: $.AccessKey.SecretAccessKey, Type: String}
  - name: Read
    action: aws:executeScript
    inputs:
      Runtime: python3.11
      Handler: main
      Script: |
        import boto3
        def main(events, context):
            return {"found": boto3.client("ssm").get_parameter(Name="/db", WithDecryption=True)["Parameter"]["Value"]}
    outputs:
      - {Name: Found, Selector: $.Payload.found, Type: String}
  - name: Rest
    action: aws:pause
    inputs: {}
  - name: Keep
    action: aws:executeAwsApi
    inputs: {Service: ssm, Api: PutParameter, Name: /kept, Type: SecureString,
             Value: "{{ Make.Key }} {{ Read.Found }} {{ DatabasePassword }}"}
outputs: [Make.Key]
)";

struct ARunbookWithSecrets : ::testing::Test, World {
  std::string on_record() {
    std::string out;
    auto entries = ledger->read(1, 1000).value();
    for (const auto& entry : entries) out += json::print(entry.body) + "\n";
    return out;
  }
  std::string value_of(const char* name) {
    auto answer = somebody("ssm:GetParameter", fmt::format(R"({{"Name": "{}", "WithDecryption": true}})", name));
    return json::text(json::at(json::at(answer, "Parameter"), "Value"));
  }
};

TEST_F(ARunbookWithSecrets, KeepsThemFromTheLedgerAndFromThePageAndGoesOnWithThemAfterARestart) {
  open("controls: []", {{"MakesAKey", makes_a_key}});
  somebody("iam:CreateUser", R"({"UserName": "ada"})");
  somebody("ssm:PutParameter", R"({"Name": "/db", "Value": "s3cret-of-db", "Type": "SecureString"})");
  auto id = engine->start_runbook("MakesAKey", {{"DatabasePassword", json::Array{"hunter2-hunter2"}}}, account, region,
                                  {.name = "ada", .arn = "ada"}, {});
  ASSERT_TRUE(id) << id.error().text();
  ASSERT_TRUE(engine->settle({}));
  auto page = engine->executor().describe(*id).value();
  EXPECT_EQ(json::text(page, "AutomationExecutionStatus", ""), "Waiting") << json::print(page);
  start();
  ASSERT_TRUE(engine->signal_execution(*id, "Resume", "Rest", {.name = "ada", .arn = "ada"}, ""));
  ASSERT_TRUE(engine->settle({}));
  page = engine->executor().describe(*id).value();
  EXPECT_EQ(json::text(page, "AutomationExecutionStatus", ""), "Success") << json::print(page);

  auto kept = value_of("/kept");
  EXPECT_THAT(kept, ::testing::EndsWith(" s3cret-of-db hunter2-hunter2"));
  auto made = kept.substr(0, kept.find(' '));
  for (const auto& secret : {made, std::string("s3cret-of-db"), std::string("hunter2-hunter2")}) {
    EXPECT_THAT(on_record(), Not(HasSubstr(secret)));
    EXPECT_THAT(json::print(page), Not(HasSubstr(secret)));
  }
  EXPECT_THAT(json::print(page), HasSubstr(masked));
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace aright::remediation
