// The REST API: who may do what, and how it refuses.

#include "server/api.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::server {
namespace {

using ::testing::HasSubstr;

constexpr std::array every_role{Role::viewer, Role::operator_, Role::approver, Role::admin};

// Written by hand, from docs/reference/api.md: what the table in api.cc says is compared with it.
// Admins may do all.
const std::map<std::string, Role, std::less<>> rules{
    {"GET /overview", Role::viewer},
    {"GET /findings", Role::viewer},
    {"GET /findings/{id}", Role::viewer},
    {"GET /findings/{id}/why", Role::viewer},
    {"GET /remediations", Role::viewer},
    {"GET /remediations/{id}", Role::viewer},
    {"GET /approvals", Role::viewer},
    {"GET /executions", Role::viewer},
    {"GET /executions/{id}", Role::viewer},
    {"GET /executions/{id}/flow", Role::viewer},
    {"GET /controls", Role::viewer},
    {"GET /controls/{id}", Role::viewer},
    {"GET /policy", Role::viewer},
    {"GET /session", Role::viewer},
    {"GET /config-rules", Role::viewer},
    {"POST /reload", Role::admin},
    {"GET /brakes", Role::viewer},
    {"GET /escalations", Role::viewer},
    {"POST /escalations/{id}/ack", Role::operator_},
    {"GET /channels", Role::viewer},
    {"POST /channels/test", Role::operator_},
    {"GET /report", Role::viewer},
    {"GET /report/page", Role::viewer},
    {"GET /ledger", Role::viewer},
    {"GET /ledger/verify", Role::viewer},
    {"GET /ledger/checkpoint", Role::viewer},
    {"GET /ledger/proofs", Role::viewer},
    {"GET /archives", Role::viewer},
    {"GET /replays", Role::viewer},
    {"POST /replays", Role::operator_},
    {"GET /scan", Role::viewer},
    {"POST /scan", Role::operator_},
    {"POST /signals", Role::operator_},
    {"POST /findings/{id}/plan", Role::operator_},
    {"POST /findings/{id}/fix", Role::operator_},
    {"GET /autonomy", Role::viewer},
    {"GET /exceptions", Role::viewer},
    {"POST /findings/{id}/exception", Role::operator_},
    {"POST /findings/{id}/exception/end", Role::operator_},
    {"POST /remediations/{id}/rollback", Role::operator_},
    {"POST /remediations/{id}/approve", Role::approver},
    {"POST /remediations/{id}/reject", Role::approver},
    {"POST /executions/{id}/cancel", Role::operator_},
    {"POST /executions/{id}/signal", Role::approver},
    {"POST /executions", Role::admin},
    {"POST /halt", Role::admin},
};

Caller caller(std::vector<Role> roles, std::string name = "ana") {
  return {.actor = {.name = name, .arn = "arn:aws:iam::111122223333:user/" + name},
          .roles = std::move(roles)};
}

std::string path_of(std::string_view route) {
  auto prefix = route.starts_with("/findings")       ? "fnd_"
                : route.starts_with("/remediations") ? "rem_"
                : route.starts_with("/escalations")  ? "esc_"
                                                     : "exec_";
  std::string path(route);
  if (auto at = path.find("{id}"); at != std::string::npos)
    path.replace(at, 4, std::string(prefix) + "01J00000000000000000000000");
  return "/api/v1" + path;
}

class TheApi : public ::testing::Test, public remediation::World {
 protected:
  TheApi() {
    open(
        "controls: [{id: s3-bucket-public-read-prohibited}]\ndecide: [{name: ask, decision: "
        "approval}]\n",
        {{"Asks", R"(
schemaVersion: "0.3"
mainSteps:
  - name: Ask
    action: aws:approve
    inputs: {Message: "Look?", Approvers: ["arn:aws:iam::111122223333:user/ben"]}
)"}});
    api.emplace(*engine, Surroundings{.version = "1", .target = "sandbox", .account = account});
  }
  net::Response ask(std::string method, std::string target, const Caller& who,
                    std::string body = "") {
    return api->handle({.method = std::move(method),
                        .target = std::move(target),
                        .headers = {},
                        .body = std::move(body)},
                       who);
  }
  static json::Value error(const net::Response& response) {
    return json::at(json::parse(response.body).value_or(json::Value()), "error");
  }

  std::optional<Api> api;
};

TEST_F(TheApi, HasOneRuleForEachRouteAndNoneForOthers) {
  std::set<std::string> listed;
  for (const auto& route : Api::routes()) {
    auto name = fmt::format("{} {}", route.method, route.path);
    listed.insert(name);
    auto rule = rules.find(name);
    ASSERT_NE(rule, rules.end())
        << name << " is new: say here, and in docs/reference/api.md, who may ask for it";
    EXPECT_EQ(rule->second, route.role) << name;
  }
  EXPECT_EQ(listed.size(), rules.size());
}

// Every route, asked by every role and by somebody who has none.
TEST_F(TheApi, LetsARoleDoWhatItsRuleSaysAndNothingElse) {
  for (const auto& [name, needed] : rules) {
    auto space = name.find(' ');
    auto method = name.substr(0, space), path = path_of(std::string_view(name).substr(space + 1));
    auto entries = ledger->size();
    auto nobody = ask(method, path, caller({}));
    EXPECT_EQ(nobody.status, 403) << name << " without a role";
    for (auto role : every_role) {
      bool allowed = role == Role::admin || role == needed || needed == Role::viewer;
      if (allowed) continue;
      auto response = ask(method, path, caller({role}), "{}");
      EXPECT_EQ(response.status, 403) << name << " as " << server::name(role);
      EXPECT_EQ(json::text(error(response), "number", ""), "AR-0011");
      EXPECT_THAT(json::text(error(response), "message", ""),
                  HasSubstr(fmt::format("the role {}; ana has {}", server::name(needed),
                                        server::name(role))));
    }
    EXPECT_EQ(ledger->size(), entries) << name << " left a trace of somebody who may not";
    for (auto role : every_role) {
      bool allowed = role == Role::admin || role == needed || needed == Role::viewer;
      if (!allowed) continue;
      EXPECT_NE(ask(method, path, caller({role}), "{}").status, 403)
          << name << " as " << server::name(role);
    }
  }
}

TEST_F(TheApi, HoldsBothWhenSomebodyHasTwoRoles) {
  auto both = caller({Role::operator_, Role::approver});
  EXPECT_NE(ask("POST", "/api/v1/scan", both, "{}").status, 403);
  EXPECT_NE(ask("POST", path_of("/remediations/{id}/approve"), both, "{}").status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/halt", both, "{}").status, 403);
}

TEST_F(TheApi, RefusesWhatIsInNoTable) {
  auto admin = caller({Role::admin});
  for (auto path : {"/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/findings/",
                    "/api/v1/findings/a/b", "/api/v1//findings", "/api/v1/findings/fnd_1/why/more",
                    "/api/v2/findings", "/api/v1/halt/now"})
    EXPECT_EQ(ask("GET", path, admin).status, 404) << path;
  EXPECT_EQ(ask("DELETE", "/api/v1/findings", admin).status, 405);
  EXPECT_EQ(ask("POST", "/api/v1/overview", admin).status, 405);
  EXPECT_EQ(ask("GET", "/api/v1/halt", admin).status, 405);
}

TEST_F(TheApi, TakesIdsOfOneKindOnly) {
  auto admin = caller({Role::admin});
  EXPECT_EQ(ask("GET", "/api/v1/findings/rem_01J00000000000000000000000", admin).status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/remediations/..%2Fhalt", admin).status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/executions/sig_1", admin).status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/findings/fnd_'%20or%201=1--", admin).status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/findings/fnd_1", admin).status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/findings/fnd_00000000000000000000000000", admin).status, 404);
  // Another kind's stream is not read as one's own.
  auto started = engine->start_runbook("Asks", {}, account, region, {"ana", ""}, {});
  ASSERT_TRUE(started);
  EXPECT_NE(ask("GET", "/api/v1/remediations/" + started->str(), admin).status, 200);
}

TEST_F(TheApi, DoesNothingWithABodyThatIsNoJson) {
  auto admin = caller({Role::admin});
  auto entries = ledger->size();
  for (const auto& body :
       {std::string("{"), std::string("on=true"), std::string(100'000, '['), std::string("\xff")})
    EXPECT_EQ(ask("POST", "/api/v1/halt", admin, body).status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/signals", caller({Role::operator_}), "[]").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/signals", caller({Role::operator_}), R"({"source": "x"})").status,
            400);
  EXPECT_EQ(ledger->size(), entries);
}

TEST_F(TheApi, DoesNothingWhereItIsNotSaidPlainly) {
  auto admin = caller({Role::admin}), operators = caller({Role::operator_});
  EXPECT_EQ(ask("POST", "/api/v1/halt", admin, R"({"on": true})").status, 200);
  for (const char* body : {"{}", "[]", R"({"on": "yes"})", R"({"on": null})"}) {
    EXPECT_EQ(ask("POST", "/api/v1/halt", admin, body).status, 400) << body;
    EXPECT_TRUE(engine->all_halted()) << body;
  }
  EXPECT_EQ(ask("POST", "/api/v1/scan", operators, R"({"control": ["restricted-ssh"]})").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/scan", operators, R"({"controls": "restricted-ssh"})").status, 400);
}

TEST_F(TheApi, SaysWhoActedByTheTokenAndNotByTheBody) {
  auto eve = caller({Role::admin}, "eve");
  EXPECT_EQ(ask("POST", "/api/v1/halt", eve, R"({"on": true, "reason": "r", "principal": "ana"})").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/halt", eve, R"({"on": true, "reason": "r"})").status, 200);
  auto entries = ledger->stream("engine").value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(json::text(entries[0].body, "principal", ""), "eve");
}

// Every route, asked for something that it does not know.
TEST_F(TheApi, RefusesWhatARouteDoesNotKnow) {
  auto admin = caller({Role::admin});
  for (const auto& [name, needed] : rules) {
    auto space = name.find(' ');
    auto method = name.substr(0, space), path = path_of(std::string_view(name).substr(space + 1));
    auto entries = ledger->size();
    auto answer = ask(method, path + "?unheard=1", admin, method == "POST" ? "{}" : "");
    EXPECT_EQ(answer.status, 400) << name;
    EXPECT_EQ(json::text(error(answer), "code", ""), "invalid") << name;
    EXPECT_THAT(json::text(error(answer), "message", ""), HasSubstr("'unheard'")) << name;
    if (method == "POST") {
      EXPECT_EQ(ask(method, path, admin, R"({"unheard": 1})").status, 400) << name;
      EXPECT_EQ(ask(method, path, admin, "[]").status, 400) << name;
      EXPECT_EQ(ask(method, path, admin, "5").status, 400) << name;
    }
    EXPECT_EQ(ledger->size(), entries) << name;
  }
}

TEST_F(TheApi, RefusesValuesThatNothingCanHave) {
  auto viewer = caller({Role::viewer});
  struct Case {
    const char *query, *says;
  };
  const Case cases[] = {
      {"findings?status=opne", "status: 'opne' is not a status of findings; write one of open, resolved; did you mean"},
      {"findings?status=", "status: '' is not"},
      {"findings?severity=hihg", "did you mean 'high'?"},
      {"findings?control=restricted-sh", "did you mean 'restricted-ssh'?"},
      {"findings?contrl=restricted-ssh", "write one of status, control, severity; did you mean 'control'?"},
      {"findings?status=open&status=resolved", "status is said twice"},
      {"remediations?stage=awaiting", "did you mean 'awaiting_approval'?"},
      {"executions?status=success", "did you mean 'Success'?"},
      {"ledger?from=abc", "from: 'abc' is not a whole number"},
      {"ledger?from=1e3", "is not a whole number"},
      {"ledger?from=99999999999999999999", "is not a whole number"},
      {"ledger?limit=0", "limit: 0 is not within 1 and 1000"},
      {"ledger?limit=1001", "limit: 1001 is not within 1 and 1000"},
      {"overview?status=open", "this takes no parameters"},
  };
  for (const auto& one : cases) {
    auto answer = ask("GET", std::string("/api/v1/") + one.query, viewer);
    EXPECT_EQ(answer.status, 400) << one.query;
    EXPECT_THAT(json::text(error(answer), "message", ""), HasSubstr(one.says)) << one.query;
  }
  for (const char* good : {"findings?status=open&control=restricted-ssh&severity=high", "findings?status=resolved",
                           "remediations?stage=rolled_back", "executions?status=TimedOut", "ledger?from=-5&limit=1000"})
    EXPECT_EQ(ask("GET", std::string("/api/v1/") + good, viewer).status, 200) << good;
}

TEST_F(TheApi, SaysWhoAsksAndWhichPolicyHolds) {
  auto body = [&](const char* path, const Caller& who) {
    return json::parse(ask("GET", std::string("/api/v1") + path, who).body).value_or(json::Value());
  };
  auto own = body("/session", caller({Role::operator_}));
  EXPECT_EQ(json::text(own, "principal", ""), "ana");
  EXPECT_EQ(json::texts(json::at(own, "may")), (std::vector<std::string>{"viewer", "operator"}));
  EXPECT_EQ(json::texts(json::at(body("/session", caller({Role::admin})), "may")).size(), every_role.size());
  auto policy = body("/policy", caller({Role::viewer}));
  EXPECT_EQ(json::text(policy, "hash", ""), engine->policy().hash);
  EXPECT_EQ(json::text(json::at(policy, "decide").get_array().at(0), "decision", ""), "approval");
  EXPECT_EQ(json::print(policy).find("token_sha256"), std::string::npos);
  EXPECT_THAT(json::text(body("/report/page", caller({Role::viewer})), "html", ""), HasSubstr("<html"));
}

TEST_F(TheApi, TellsOfOneControlAndItsTests) {
  Surroundings surroundings{.version = "1", .target = "sandbox", .account = account};
  surroundings.tests_of = [](const std::string& id) { return std::vector<std::string>{"a test of " + id}; };
  api.emplace(*engine, std::move(surroundings));
  auto viewer = caller({Role::viewer});
  auto one = json::parse(ask("GET", "/api/v1/controls/restricted-ssh", viewer).body).value_or(json::Value());
  EXPECT_EQ(json::text(one, "id", ""), "restricted-ssh");
  EXPECT_EQ(json::texts(json::at(one, "tests")), std::vector<std::string>{"a test of restricted-ssh"});
  EXPECT_EQ(ask("GET", "/api/v1/controls/no-such-control", viewer).status, 404);
}

TEST_F(TheApi, CountsWhatOthersSetRightIntoNoTimeToFix) {
  open("controls: [{id: s3-bucket-public-read-prohibited}]\n");
  api.emplace(*engine, Surroundings{.version = "1", .target = "sandbox", .account = account});
  make_public_bucket("acme");
  ASSERT_TRUE(engine->scan({}, {}));
  settle();
  somebody("s3:DeleteBucketPolicy", R"({"Bucket": "acme"})");
  ASSERT_TRUE(engine->scan({}, {}));
  settle();
  auto overview = json::parse(ask("GET", "/api/v1/overview", caller({Role::viewer})).body).value_or(json::Value());
  const auto& counts = json::items(json::at(overview, {"findings", "by_control"}));
  ASSERT_EQ(counts.size(), 1u) << json::print(overview);
  EXPECT_EQ(json::integer(json::at(counts[0], "resolved")), 1);
  EXPECT_TRUE(json::at(overview, "median_time_to_fix_s").is_null());
}

TEST_F(TheApi, SaysWhoDecidesAboutAControlAsThePolicyComesToIt) {
  constexpr const char* automatic =
      "controls: [{id: restricted-ssh}]\n"
      "remediations: [{ConfigRuleName: restricted-ssh, TargetId: AWS-DisablePublicAccessForSecurityGroup,\n"
      "  Automatic: true, MaximumAutomaticAttempts: 1, RetryAttemptSeconds: 60}]\n";
  auto decided = [&](const std::string& policy, const std::string& control) {
    open(policy);
    api.emplace(*engine, Surroundings{.version = "1", .target = "sandbox", .account = account});
    auto answer = ask("GET", "/api/v1/controls/" + control, caller({Role::viewer}));
    return json::print(json::at(json::parse(answer.body).value_or(json::Value()), "decided"));
  };
  EXPECT_EQ(decided(automatic, "restricted-ssh"),
            R"([{"decision":"automatic","reason":"its RemediationConfiguration is automatic","accounts":["111122223333"]}])");
  EXPECT_EQ(decided(std::string(automatic) + "decide: [{name: ask, decision: approval}]\n", "restricted-ssh"),
            R"([{"decision":"approval","reason":"rule 'ask' says approval","accounts":["111122223333"]}])");
  EXPECT_EQ(decided(automatic, "sqs-queue-encrypted"), "[]");
}

TEST_F(TheApi, TellsTheFlowOfAnExecutionByItsSteps) {
  auto id = engine->start_runbook("Asks", {}, account, region, {"ana", ""}, {}).value();
  auto flow = json::parse(ask("GET", "/api/v1/executions/" + id.str() + "/flow", caller({Role::viewer})).body);
  ASSERT_TRUE(flow);
  const auto& steps = json::items(json::at(*flow, "steps"));
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(json::text(steps[0], "action", ""), "aws:approve");
  EXPECT_EQ(json::text(json::items(json::at(steps[0], "ways"))[0], "kind", ""), "next");
}

TEST_F(TheApi, FixesByAPlanThatWasShownOnly) {
  make_public_bucket("logs");
  scan_and_settle();
  auto waiting = only();
  ASSERT_TRUE(engine->reject(waiting.id, waiting.plan->hash, {"ben", ""}, "not now"));
  settle();
  auto operators = caller({Role::operator_});
  auto finding = "/api/v1/findings/" + waiting.finding.str();
  EXPECT_EQ(ask("POST", finding + "/fix", operators, "{}").status, 400);
  EXPECT_EQ(json::text(error(ask("POST", finding + "/fix", operators, R"({"plan_hash": "0"})")), "number", ""), "AR-0018");
  auto plan = json::parse(ask("POST", finding + "/plan", operators, "{}").body);
  ASSERT_TRUE(plan);
  auto hash = json::text(*plan, "hash", "");
  auto started = ask("POST", finding + "/fix", operators, json::print(json::Object{{"plan_hash", hash}}));
  EXPECT_EQ(started.status, 200) << started.body;
  settle();
  auto id = json::text(*json::parse(started.body), "remediation", "");
  EXPECT_EQ(engine->remediation(*RemediationId::parse(id))->plan->hash, hash);
}

TEST_F(TheApi, DeniesTheAnswerToAStepToWhoIsNotAmongItsApprovers) {
  auto id = engine->start_runbook("Asks", {}, account, region, {"ana", ""}, {}).value();
  settle();
  auto path = "/api/v1/executions/" + id.str() + "/signal";
  auto refused =
      ask("POST", path, caller({Role::approver}, "ana"), R"({"type": "Approve", "step": "Ask"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(json::text(error(refused), "number", ""), "AR-0016");
  EXPECT_THAT(json::text(error(refused), "message", ""),
              HasSubstr("its approvers are arn:aws:iam::111122223333:user/ben"));
  auto taken =
      ask("POST", path, caller({Role::approver}, "ben"), R"({"type": "Approve", "step": "Ask"})");
  EXPECT_EQ(taken.status, 200);
}

TEST_F(TheApi, PagesThroughTheLedgerWithinItsBounds) {
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(engine->resume_all({"ana", ""}, "r"));
  auto viewer = caller({Role::viewer});
  auto count = [&](std::string query) {
    auto answer = ask("GET", "/api/v1/ledger?" + query, viewer);
    EXPECT_EQ(answer.status, 200);
    return json::items(json::at(*json::parse(answer.body), "entries")).size();
  };
  EXPECT_EQ(count("from=2"), 2u);
  EXPECT_EQ(count("from=-1"), 1u);
  EXPECT_EQ(count("from=-99"), 3u);
  EXPECT_EQ(count("limit=1"), 1u);
  EXPECT_EQ(count("from=0"), 3u);
  EXPECT_EQ(count("from=9223372036854775807&limit=1000"), 0u);
  EXPECT_EQ(count("from=-9223372036854775808"), 3u);
}

}  // namespace
}  // namespace aright::server
