// What each kind of description makes the emulated cloud do. The descriptions are in
// testdata/kinds.

#include <gmock/gmock.h>

#include "sandbox/hook.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const cloud::Catalog& kinds() {
  static const auto catalog =
      cloud::Catalog::load(std::filesystem::path(ARIGHT_SOURCE_DIR "/src/sandbox/testdata/kinds"));
  EXPECT_TRUE(catalog) << catalog.error().message;
  return *catalog;
}

class Kinds : public SandboxTest {
 protected:
  Kinds() : SandboxTest({.catalog = &kinds()}) {}

  std::string status() {
    return json::text(
        ok("rds:DescribeDBInstances", db).at("DBInstances").at(0).at("DBInstanceStatus"));
  }
  json::Value repository(std::string_view name) {
    return ok("ecr:DescribeRepositories", fmt::format(R"({{"repositoryNames": ["{}"]}})", name))
        .at("repositories")
        .at(0);
  }
  static constexpr const char* db = R"({"DBInstanceIdentifier": "orders"})";
  static constexpr const char* new_db =
      R"({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.t3.micro", "Engine": "postgres"})";
  static constexpr const char* arn = "arn:aws:ecr:us-east-1:111122223333:repository/app";
};

TEST_F(Kinds, CreatesOnceAndDeletesOnce) {
  auto created = ok("ecr:CreateRepository", R"({"repositoryName": "app"})");
  EXPECT_EQ(json::text(created.at("repository").at("repositoryArn")), arn);
  EXPECT_EQ(refused("ecr:CreateRepository", R"({"repositoryName": "app"})"),
            "RepositoryAlreadyExistsException");
  ok("ecr:DeleteRepository", R"({"repositoryName": "app"})");
  EXPECT_EQ(refused("ecr:DeleteRepository", R"({"repositoryName": "app"})"),
            "RepositoryNotFoundException");
}

TEST_F(Kinds, ErrorsNameWhatIsMissing) {
  auto output = cloud.call(call_of("ecr:GetRepositoryPolicy", R"({"repositoryName": "app"})"), {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message, "There is no repository app in 111122223333");
  EXPECT_EQ(output.error().http_status, 400);
  EXPECT_EQ(output.error().code, Errc::not_found);
}

TEST_F(Kinds, KeepsRegionsAndAccountsApart) {
  ok("ecr:CreateRepository", R"({"repositoryName": "app"})");
  auto elsewhere = call_of("ecr:GetRepositoryPolicy", R"({"repositoryName": "app"})", "eu-west-1");
  EXPECT_EQ(refused(elsewhere), "RepositoryNotFoundException");
  EXPECT_EQ(refused_as({.account = "999988887777"}, "ecr:DeleteRepository",
                       R"({"repositoryName": "app"})"),
            "RepositoryNotFoundException");
  ok("iam:CreateGroup", R"({"GroupName": "admins"})");
  EXPECT_EQ(refused(call_of("iam:CreateGroup", R"({"GroupName": "admins"})", "eu-west-1")),
            "EntityAlreadyExists");
}

TEST_F(Kinds, ReplacesADocumentAndTakesItAway) {
  ok("ecr:CreateRepository", R"({"repositoryName": "app"})");
  EXPECT_EQ(refused("ecr:GetRepositoryPolicy", R"({"repositoryName": "app"})"),
            "RepositoryPolicyNotFoundException");
  ok("ecr:SetRepositoryPolicy", R"({"repositoryName": "app", "policyText": "{}"})");
  EXPECT_EQ(
      json::text(ok("ecr:GetRepositoryPolicy", R"({"repositoryName": "app"})").at("policyText")),
      "{}");
  ok("ecr:DeleteRepositoryPolicy", R"({"repositoryName": "app"})");
  EXPECT_EQ(refused("ecr:GetRepositoryPolicy", R"({"repositoryName": "app"})"),
            "RepositoryPolicyNotFoundException");
}

TEST_F(Kinds, ShowsWhatCreationSaidOrWhatIsUsual) {
  ok("ecr:CreateRepository", R"({"repositoryName": "app", "imageTagMutability": "IMMUTABLE"})");
  ok("ecr:CreateRepository", R"({"repositoryName": "web"})");
  EXPECT_EQ(json::text(repository("app").at("imageTagMutability")), "IMMUTABLE");
  EXPECT_EQ(json::text(repository("web").at("imageTagMutability")), "MUTABLE");
}

TEST_F(Kinds, JoinsAndLeavesASet) {
  ok("ecr:CreateRepository", R"({"repositoryName": "app"})");
  auto named = [&](std::string_view rest) {
    return fmt::format(R"({{"resourceArn": "{}"{}}})", arn, rest);
  };
  ok("ecr:TagResource",
     named(R"(, "tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])"));
  ok("ecr:TagResource", named(R"(, "tags": [{"Key": "a", "Value": "3"}])"));
  ok("ecr:UntagResource", named(R"(, "tagKeys": ["b", "c"])"));
  EXPECT_EQ(ok("ecr:ListTagsForResource", named("")).at("tags"),
            value_of(R"([{"Key": "a", "Value": "3"}])"));
}

TEST_F(Kinds, ListsInPagesThatStayRightWhileThingsGo) {
  for (char name = 'a'; name < 'f'; ++name)
    ok("ecr:CreateRepository", fmt::format(R"({{"repositoryName": "repo-{}"}})", name));
  auto call = call_of("ecr:DescribeRepositories", R"({"maxResults": 2})");
  std::vector<std::string> names;
  for (int pages = 0; pages < 3; ++pages) {
    auto page = ok(call);
    for (const auto& one : page.at("repositories").as_array())
      names.push_back(json::text(one, "repositoryName", ""));
    call.input["nextToken"] = page["nextToken"];
    if (pages == 0) ok("ecr:DeleteRepository", R"({"repositoryName": "repo-b"})");
  }
  EXPECT_THAT(names, ElementsAre("repo-a", "repo-b", "repo-c", "repo-d", "repo-e"));
  EXPECT_EQ(refused("ecr:DescribeRepositories", R"({"nextToken": "not base64!"})"),
            "ValidationException");
  EXPECT_EQ(refused("ecr:DescribeRepositories", R"({"repositoryNames": ["nobody"]})"),
            "RepositoryNotFoundException");
}

TEST_F(Kinds, ChangesTheMembersThatACallNames) {
  ok("rds:CreateDBInstance", new_db);
  ok("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "orders", "BackupRetentionPeriod": 7})");
  ok("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "orders", "DeletionProtection": true})");
  auto shown = ok("rds:DescribeDBInstances").at("DBInstances").at(0);
  EXPECT_EQ(json::integer(shown.at("BackupRetentionPeriod")), 7);
  EXPECT_TRUE(json::truth(shown.at("DeletionProtection")));
}

TEST_F(Kinds, TakesItsTimeBetweenStates) {
  ok("rds:CreateDBInstance", new_db);
  EXPECT_EQ(refused("rds:StartDBInstance", db), "InvalidDBInstanceState");
  ok("rds:StopDBInstance", db);
  EXPECT_EQ(status(), "stopping");
  EXPECT_EQ(refused("rds:StopDBInstance", db), "InvalidDBInstanceState");
  clock.advance(seconds(89));
  EXPECT_EQ(status(), "stopping");
  clock.advance(seconds(1));
  EXPECT_EQ(status(), "stopped");
  ok("rds:StartDBInstance", db);
  clock.advance(seconds(60));
  EXPECT_EQ(status(), "available");
}

TEST_F(Kinds, TurnsASwitch) {
  ok("cloudtrail:CreateTrail", R"({"Name": "audit", "S3BucketName": "logs"})");
  auto logging = [&] {
    return json::truth(ok("cloudtrail:GetTrailStatus", R"({"Name": "audit"})").at("IsLogging"));
  };
  EXPECT_FALSE(logging());
  ok("cloudtrail:StartLogging", R"({"Name": "audit"})");
  EXPECT_TRUE(logging());
  ok("cloudtrail:StopLogging", R"({"Name": "audit"})");
  EXPECT_FALSE(logging());
  EXPECT_EQ(
      json::text(ok("cloudtrail:GetTrail", R"({"Name": "audit"})").at("Trail").at("S3BucketName")),
      "logs");
}

TEST_F(Kinds, KeepsEntriesByName) {
  ok("iam:CreateGroup", R"({"GroupName": "admins"})");
  ok("iam:PutGroupPolicy",
     R"({"GroupName": "admins", "PolicyName": "p", "PolicyDocument": "{\"Version\": \"2012-10-17\", \"Statement\": []}"})");
  EXPECT_EQ(ok("iam:ListGroupPolicies", R"({"GroupName": "admins"})").at("PolicyNames"),
            value_of(R"(["p"])"));
  auto read = ok("iam:GetGroupPolicy", R"({"GroupName": "admins", "PolicyName": "p"})");
  EXPECT_THAT(json::text(read, "PolicyDocument"), HasSubstr("%7B%22Version%22"));
  EXPECT_EQ(json::text(read, "PolicyName"), "p");
  ok("iam:DeleteGroupPolicy", R"({"GroupName": "admins", "PolicyName": "p"})");
  EXPECT_EQ(refused("iam:GetGroupPolicy", R"({"GroupName": "admins", "PolicyName": "p"})"),
            "NoSuchEntity");
}

TEST_F(Kinds, SaysWhatIsNotEmulated) {
  auto output = cloud.call(call_of("ecr:PutRegistryPolicy", R"({"policyText": "{}"})"), {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().http_status, 501);
  EXPECT_EQ(output.error().wire_code, "NotImplemented");
  EXPECT_EQ(output.error().code, Errc::unsupported);
  EXPECT_THAT(output.error().message, HasSubstr("ecr:PutRegistryPolicy"));
  EXPECT_EQ(refused("teapot:Brew"), "NotImplemented");
}

TEST_F(Kinds, ChecksInputsAgainstTheModel) {
  EXPECT_EQ(refused("ecr:CreateRepository"), "ValidationException");
  EXPECT_EQ(refused("ecr:CreateRepository", R"({"repositoryName": 7})"), "ValidationException");
  EXPECT_EQ(refused("ecr:CreateRepository", R"({"repositoryName": "app", "Colour": "red"})"),
            "ValidationException");
  EXPECT_EQ(refused("rds:CreateDBInstance"), "ValidationError");
}

TEST_F(Kinds, ChangesNothingWhenACallFails) {
  ok("rds:CreateDBInstance", new_db);
  auto before = cloud.export_state();
  EXPECT_EQ(refused("rds:StartDBInstance", db), "InvalidDBInstanceState");
  EXPECT_EQ(refused("ecr:CreateRepository", R"({"repositoryName": 7})"), "ValidationException");
  EXPECT_EQ(cloud.export_state(), before);
}

TEST_F(Kinds, GivesTheSameIdsForTheSameSeed) {
  auto id_for = [&](std::uint64_t seed) {
    Cloud one({.seed = seed, .catalog = &kinds()}, clock);
    EXPECT_TRUE(one.call(call_of("rds:CreateDBInstance", new_db), {}));
    return json::text(one.call(call_of("rds:DescribeDBInstances"), {})
                          ->at("DBInstances")
                          .at(0)
                          .at("DbiResourceId"));
  };
  EXPECT_EQ(id_for(1), id_for(1));
  EXPECT_NE(id_for(1), id_for(2));
}

TEST_F(Kinds, GoesThroughAFileAndBack) {
  ok("rds:CreateDBInstance", new_db);
  ok("rds:StopDBInstance", db);
  auto state = cloud.export_state();
  Cloud other({.catalog = &kinds()}, clock);
  ASSERT_TRUE(other.import_state(state));
  EXPECT_EQ(other.export_state(), state);
  clock.advance(seconds(90));
  auto shown = other.call(call_of("rds:DescribeDBInstances"), {});
  EXPECT_EQ(json::text(shown->at("DBInstances").at(0).at("DBInstanceStatus")), "stopped");
}

TEST_F(Kinds, RefusesStatesThatItCannotHold) {
  auto import = [&](std::string_view state) {
    auto imported = cloud.import_state(value_of(state).as_object());
    return imported ? "" : imported.error().message;
  };
  EXPECT_THAT(import(R"({"resources": {"nonsense": {}}})"), HasSubstr("account/region/type/id"));
  EXPECT_THAT(import(R"({"resources": {"1/us-east-1/AWS::X::Y/z": {}}})"),
              HasSubstr("in no description"));
  EXPECT_THAT(
      import(
          R"({"resources": {"1/us-east-1/AWS::ECR::Repository/z": {"aspects": {"Colour": 1}}}})"),
      HasSubstr("no aspect Colour"));
}

TEST_F(Kinds, RecordsWritesAndNothingElse) {
  ok("rds:CreateDBInstance", new_db);
  ok("rds:DescribeDBInstances");
  refused("rds:StartDBInstance", db);
  ASSERT_EQ(cloud.calls().size(), 1u);
  EXPECT_EQ(cloud.calls()[0].call.operation, "CreateDBInstance");
  cloud.clear_calls();
  EXPECT_THAT(cloud.calls(), IsEmpty());
}

TEST(EveryHook, IsNamedByADescriptionAndRegistered) {
  std::vector<std::string> named;
  for (const auto* service : cloud::Catalog::embedded().services()) {
    auto add = [&](std::string_view kind, const std::vector<std::string>& operations) {
      for (const auto& operation : operations)
        named.push_back(fmt::format("{} {}:{}", kind, service->service, operation));
    };
    add("check", service->hooks.check);
    add("emulate", service->hooks.emulate);
    add("finish", service->hooks.finish);
    for (const auto& aspect : service->hooks.derive)
      named.push_back("derive " + aspect);
  }
  EXPECT_THAT(Hooks::all().names(), ::testing::UnorderedElementsAreArray(named));
}

}  // namespace
}  // namespace aright::sandbox
