// Pages of lists: as long as they are asked for, and none behind a token that nobody gave.
#include "sandbox/paging.h"

#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

class Pages : public SandboxTest {
 protected:
  // Whether the sandbox answers the operation with a list.
  bool lists(const cloud::Description& service, const model::Operation& operation) const {
    const auto& emulated = service.hooks.emulate;
    if (std::ranges::find(emulated, operation.name()) != emulated.end()) return true;
    return std::ranges::any_of(catalog.meanings(service.service, operation.name()),
                               [](const cloud::Meaning& meaning) {
                                 return meaning.view != nullptr && meaning.view->many;
                               });
  }
  static bool asks_nothing(const model::Operation& operation) {
    return std::ranges::none_of(operation.input().members(),
                                [](const model::Member& member) { return member.required(); });
  }
  // All items of a list, one at a time.
  std::vector<std::string> one_by_one(std::string_view name, json::Object input,
                                      const std::string& list, const std::string& limit,
                                      const std::string& token, std::string_view member) {
    std::vector<std::string> out;
    input[limit] = 1;
    for (int pages = 0; pages < 100; ++pages) {
      auto answer = ok(name, json::print(input));
      EXPECT_LE(answer[list].as_array().size(), 1U);
      for (const auto& item : answer[list].as_array())
        out.push_back(member.empty() ? json::text(item) : json::text(item, member, ""));
      if (!answer.contains(token)) return out;
      input[token] = answer[token];
    }
    ADD_FAILURE() << name << " has no last page";
    return out;
  }

  const cloud::Catalog& catalog = cloud::Catalog::embedded();
};

// As AWS's references of these operations have it.
const std::map<std::string, std::string, std::less<>> of_tokens = {
    {"application-autoscaling", "InvalidNextTokenException"},
    {"autoscaling", "InvalidNextToken"},
    {"backup", "InvalidParameterValueException"},
    {"cloudfront", "InvalidArgument"},
    {"cloudtrail", "InvalidNextTokenException"},
    {"config", "InvalidNextTokenException"},
    {"ec2", "InvalidNextToken"},
    {"ecr", "InvalidParameterException"},
    {"ecs", "InvalidParameterException"},
    {"efs", "BadRequest"},
    {"iam", "ValidationError"},
    {"kms", "InvalidMarkerException"},
    {"lambda", "InvalidParameterValueException"},
    {"logs", "InvalidParameterException"},
    {"secretsmanager", "InvalidNextTokenException"},
    {"securityhub", "InvalidInputException"},
    {"sqs", "InvalidParameterValue"},
    {"ssm", "InvalidNextToken"},
    {"stepfunctions", "InvalidToken"}};

// What they are asked about is not there: that is told first.
const std::set<std::string, std::less<>> asks_more = {"ec2:DescribeLaunchTemplateVersions",
                                                      "ecs:ListServices", "ecs:ListTasks",
                                                      "logs:FilterLogEvents"};

TEST_F(Pages, AreNotBehindATokenThatNobodyGave) {
  std::set<std::string> services;
  int asked = 0;
  for (const auto* described : catalog.services()) {
    const auto& service = *described;
    auto model = catalog.models().service(service.service);
    for (const auto& operation : model->operations()) {
      auto pages = pages_of(operation);
      if (!pages || !lists(service, operation) || !asks_nothing(operation) ||
          service.service == "s3")
        continue;
      auto call = call_of(fmt::format("{}:{}", service.service, operation.name()));
      call.input[pages->input_tokens.front()] = "nonsense";
      auto code = refused(call);
      EXPECT_NE(code, "") << call.name();
      auto said = of_tokens.find(service.service);
      if (said != of_tokens.end() && !asks_more.contains(call.name())) {
        EXPECT_EQ(code, said->second) << call.name();
      }
      services.insert(service.service);
      ++asked;
    }
  }
  EXPECT_GE(services.size(), 40U);
  EXPECT_GE(asked, 120);
}

TEST_F(Pages, OfOneOperationAreNotAnothers) {
  for (const auto* name : {"/a/one", "/a/two"})
    ok("ssm:PutParameter",
       fmt::format(R"({{"Name": "{}", "Type": "String", "Value": "x"}})", name));
  auto page = ok("ssm:DescribeParameters", R"({"MaxResults": 1})");
  auto with_token =
      fmt::format(R"({{"Path": "/a", "NextToken": "{}"}})", json::text(page["NextToken"]));
  EXPECT_EQ(refused("ssm:GetParametersByPath", with_token), "InvalidNextToken");
}

TEST_F(Pages, AreCutFromListsThatHooksAnswerWhole) {
  constexpr const char* document =
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})";
  for (const auto* name : {"one", "two", "three"})
    ok("iam:CreatePolicy",
       json::print(json::Object{{"PolicyName", name}, {"PolicyDocument", document}}));
  auto whole = ok("iam:ListPolicies", R"({"Scope": "Local"})");
  std::vector<std::string> names;
  for (const auto& policy : whole["Policies"].as_array())
    names.push_back(json::text(policy, "PolicyName", ""));
  ASSERT_EQ(names.size(), 3U);
  EXPECT_EQ(one_by_one("iam:ListPolicies", {{"Scope", "Local"}}, "Policies", "MaxItems", "Marker",
                       "PolicyName"),
            names);
  EXPECT_EQ(ok("iam:ListPolicies", R"({"Scope": "Local", "MaxItems": 2})")["IsTruncated"],
            json::Value(true));
}

TEST_F(Pages, StayRightWhileItemsGo) {
  auto detector = json::text(ok("guardduty:CreateDetector", R"({"Enable": true})")["DetectorId"]);
  const json::Array types = {"Recon:EC2/Portscan", "Policy:S3/BucketAnonymousAccessGranted",
                             "UnauthorizedAccess:EC2/SSHBruteForce"};
  ok("guardduty:CreateSampleFindings",
     json::print(json::Object{{"DetectorId", detector}, {"FindingTypes", types}}));
  json::Object input{
      {"DetectorId", detector},
      {"MaxResults", 1},
      {"FindingCriteria", value_of(R"({"Criterion": {"service.archived": {"Eq": ["false"]}}})")}};
  std::set<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    auto found = ok("guardduty:ListFindings", json::print(input));
    ASSERT_EQ(found["FindingIds"].as_array().size(), 1U);
    seen.insert(json::text(found["FindingIds"].at(0)));
    ok("guardduty:ArchiveFindings",
       json::print(json::Object{{"DetectorId", detector}, {"FindingIds", found["FindingIds"]}}));
    if (found.contains("NextToken")) input["NextToken"] = found["NextToken"];
  }
  EXPECT_EQ(seen.size(), 3U);
}

TEST_F(Pages, HaveEveryQueueOnce) {
  for (const auto* name : {"a", "b", "c"})
    ok("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", name));
  EXPECT_EQ(one_by_one("sqs:ListQueues", {}, "QueueUrls", "MaxResults", "NextToken", "").size(),
            3U);
}

}  // namespace
}  // namespace aright::sandbox
