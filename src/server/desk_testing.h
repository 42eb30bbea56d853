#pragma once
// A desk that stands alone, over the world of the engine's tests. Not part of the module: tests include it.

#include <gmock/gmock.h>

#include "remediation/put.h"
#include "remediation/testing.h"
#include "server/aws_desk.h"

namespace aright::server {

inline aws::Call call_of(std::string_view name) {
  auto colon = name.find(':');
  return {.service = std::string(name.substr(0, colon)), .operation = std::string(name.substr(colon + 1)),
          .region = "us-east-1", .account = "111122223333", .input = {}};
}

inline constexpr const char* people = R"(
controls: []
decide: [{name: all, decision: approval}]
principals:
  - {name: ana, roles: [admin], access_key: {id: AKIAANA, secret_env: ANA}}
  - {name: olga, roles: [operator], access_key: {id: AKIAOLGA, secret_env: OLGA}}
)";

class TheDesk : public ::testing::Test, public remediation::World {
 protected:
  TheDesk() {
    open(people);
    start_desk();
  }
  void start_desk() {
    kept = std::make_unique<sandbox::Cloud>(sandbox::CloudOptions{.account = account, .seed = ++seed}, clock);
    auto on_record = remediation::put_on_record(*ledger);
    ASSERT_TRUE(on_record && kept->import_state(*on_record));
    desk = std::make_unique<AwsDesk>(AwsDeskOptions{
        .engine = engine.get(), .cloud = kept.get(), .durable = true,
        .check = [this](const json::Object& put) -> Result<> {
          auto whole = policy;
          auto faults = remediation::add_put(whole, put);
          if (!faults.empty()) return fail(Errc::invalid, "{}", fmt::join(faults, "; "));
          TRY(remediation::Library::open(whole));
          return {};
        },
        .adopt = [this](const json::Object& put, const remediation::Actor& actor, const std::string&) -> Result<> {
          auto whole = policy;
          (void)remediation::add_put(whole, put);
          return engine->adopt(std::move(whole), actor);
        },
        .log = [this](const std::string& line) { faults.push_back(line); }});
    engine->hear_judgements([this](const auto& judged) { desk->hear(judged); });
  }
  Result<json::Object> ask(std::string_view operation, std::string_view input, const std::string& who = "ana") {
    auto call = call_of(operation);
    call.input = json::parse(input)->as_object();
    sandbox::Principal principal{.account = account, .arn = "arn:aws:iam::111122223333:user/" + who, .user_id = who};
    auto answer = desk->answer(principal, call, Context::within(settle_timeout));
    return answer ? *std::move(answer) : Result<json::Object>(fail(Errc::not_found, "not ours"));
  }
  json::Object ok(std::string_view operation, std::string_view input, const std::string& who = "ana") {
    auto answer = ask(operation, input, who);
    EXPECT_TRUE(answer) << operation << ": " << answer.error().text();
    return answer.value_or(json::Object());
  }
  std::string refused(std::string_view operation, std::string_view input, const std::string& who = "ana") {
    auto answer = ask(operation, input, who);
    return answer ? "" : answer.error().wire_code;
  }
  void put_rule() {
    ok("config:PutConfigRule", R"({"ConfigRule": {"ConfigRuleName": "no-public-read",
        "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}}})");
  }
  std::map<std::string, std::string> compliance() {
    std::map<std::string, std::string> out;
    auto told = ok("config:GetComplianceDetailsByConfigRule", R"({"ConfigRuleName": "no-public-read"})");
    for (const auto& one : json::items(json::at(told, "EvaluationResults")))
      out[json::text(json::at(one, {"EvaluationResultIdentifier", "EvaluationResultQualifier", "ResourceId"}))] =
          json::text(one, "ComplianceType", "");
    return out;
  }

  std::uint64_t seed = 0;
  std::unique_ptr<sandbox::Cloud> kept;
  std::unique_ptr<AwsDesk> desk;
};

}  // namespace aright::server
