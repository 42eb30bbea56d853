// What holds for all policies: random ones, from a seed.
#include <gtest/gtest.h>

#include <array>

#include "base/random.h"
#include "iam/evaluate.h"
#include "iam/publicity.h"

namespace aright::iam {

namespace {

constexpr int rounds = 3000;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  template <std::size_t N>
  std::string pick(const std::array<const char*, N>& from) {
    return from[random_.below(N)];
  }
  bool maybe(std::uint64_t of_ten) { return random_.below(10) < of_ten; }

  json::Object statement(bool of_resource) {
    json::Object out{{"Effect", maybe(3) ? "Deny" : "Allow"}};
    out[maybe(2) ? "NotAction" : "Action"] = pick(actions_);
    out[maybe(2) ? "NotResource" : "Resource"] = pick(resources_);
    if (of_resource) {
      auto who = pick(principals_);
      out["Principal"] = who == "*" ? json::Value(who) : json::Value(json::Object{{"AWS", who}});
    }
    if (maybe(3))
      out["Condition"] =
          json::Object{{pick(operators_), json::Object{{pick(keys_), pick(values_)}}}};
    return out;
  }
  NamedPolicy policy(bool of_resource = false) {
    json::Array statements;
    for (std::uint64_t i = 0, n = 1 + random_.below(3); i < n; ++i)
      statements.push_back(statement(of_resource));
    return named_policy(
        "p", json::print(json::Object{{"Version", "2012-10-17"}, {"Statement", statements}}));
  }
  Policies policies() {
    Policies out;
    for (std::uint64_t i = 0, n = random_.below(3); i < n; ++i)
      out.identity.push_back(policy());
    if (maybe(5)) out.resource = policy(true);
    if (maybe(2)) out.boundary = std::vector{policy()};
    if (maybe(2)) out.session = std::vector{policy()};
    if (maybe(2)) out.service_control = {{policy()}};
    return out;
  }
  Request request() {
    Request out{.caller = caller_of(pick(callers_)),
                .action = pick(asked_),
                .resource = pick(targets_),
                .resource_account = "111122223333",
                .keys = {}};
    for (int i = 0; i < 2; ++i)
      if (maybe(7)) out.keys.set(pick(keys_), pick(values_));
    return out;
  }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  static constexpr std::array actions_{
      "*", "s3:*", "s3:Get*", "s3:GetObject", "sqs:SendMessage", "S3:PUTOBJECT", "iam:*"};
  static constexpr std::array asked_{"s3:GetObject", "s3:PutObject", "sqs:SendMessage"};
  static constexpr std::array resources_{"*", "arn:aws:s3:::logs/*",
                                         "arn:aws:s3:::logs/${aws:username}",
                                         "arn:aws:sqs:*:*:jobs", "arn:aws:s3:::l?gs/*"};
  static constexpr std::array targets_{"arn:aws:s3:::logs/a", "arn:aws:s3:::other",
                                       "arn:aws:sqs:us-east-1:111122223333:jobs"};
  static constexpr std::array principals_{"*", "111122223333", "444455556666",
                                          "arn:aws:iam::111122223333:user/ana",
                                          "arn:aws:iam::111122223333:role/ops"};
  static constexpr std::array callers_{
      "arn:aws:iam::111122223333:user/ana", "arn:aws:sts::111122223333:assumed-role/ops/s",
      "arn:aws:iam::444455556666:user/eve", "arn:aws:iam::111122223333:root", ""};
  static constexpr std::array operators_{"StringEquals",
                                         "StringNotEquals",
                                         "StringLike",
                                         "IpAddress",
                                         "Bool",
                                         "Null",
                                         "ForAllValues:StringEquals",
                                         "NumericLessThanIfExists",
                                         "ArnLike"};
  static constexpr std::array keys_{"aws:username", "aws:SourceIp", "aws:PrincipalTag/team",
                                    "aws:SourceArn"};
  static constexpr std::array values_{
      "a", "ana", "10.0.0.0/8", "10.1.1.1", "true", "arn:aws:s3:::x", "12", "*"};
  Random random_;
};

NamedPolicy deny_of(Draw& draw) {
  auto statement = draw.statement(false);
  statement["Effect"] = "Deny";
  return named_policy(
      "more", json::print(json::Object{{"Version", "2012-10-17"}, {"Statement", statement}}));
}

TEST(Properties, AnotherDenyNeverAllowsMore) {
  Draw draw(1);
  for (int i = 0; i < rounds; ++i) {
    auto policies = draw.policies();
    auto request = draw.request();
    bool before = evaluate(request, policies).allowed();
    policies.identity.push_back(deny_of(draw));
    EXPECT_LE(evaluate(request, policies).allowed(), before) << i;
  }
}

TEST(Properties, ABoundaryASessionOrAControlPolicyNeverAllowsMore) {
  Draw draw(2);
  for (int i = 0; i < rounds; ++i) {
    auto policies = draw.policies();
    policies.boundary.reset();
    policies.session.reset();
    policies.service_control.clear();
    auto request = draw.request();
    bool before = evaluate(request, policies).allowed();
    auto narrowed = policies;
    switch (draw.below(3)) {
      case 0:
        narrowed.boundary = std::vector{draw.policy()};
        break;
      case 1:
        narrowed.session = std::vector{draw.policy()};
        break;
      default:
        narrowed.service_control = {{draw.policy()}};
    }
    EXPECT_LE(evaluate(request, narrowed).allowed(), before) << i;
  }
}

TEST(Properties, AnotherAllowNeverTakesAway) {
  Draw draw(3);
  for (int i = 0; i < rounds; ++i) {
    auto policies = draw.policies();
    auto request = draw.request();
    bool before = evaluate(request, policies).allowed();
    policies.identity.push_back(
        named_policy("more", R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"));
    EXPECT_GE(evaluate(request, policies).allowed(), before) << i;
  }
}

TEST(Properties, AnExplicitDenyIsNamedExactlyWhenOneMatched) {
  Draw draw(4);
  for (int i = 0; i < rounds; ++i) {
    auto verdict = evaluate(draw.request(), draw.policies());
    bool matched = false;
    for (const auto& match : verdict.matches)
      matched |= match.effect == Effect::deny;
    EXPECT_EQ(verdict.outcome == Outcome::explicit_deny, matched) << i;
  }
}

TEST(Properties, NobodyIsLetInWhereAPolicyIsNotPublic) {
  Draw draw(5);
  int open = 0;
  for (int i = 0; i < rounds; ++i) {
    Policies policies;
    policies.resource = draw.policy(true);
    auto request = draw.request();
    request.caller = caller_of("");
    if (!evaluate(request, policies).allowed()) continue;
    ++open;
    bool conditional = false;
    for (const auto& statement : policies.resource->policy.statements)
      conditional |= !statement.conditions.empty();
    EXPECT_TRUE(conditional || public_policy(policies.resource->policy)) << i;
  }
  EXPECT_GT(open, 20);
}

// Documents that were bent at random places: they are read or refused, and never more than that.
TEST(Properties, BentDocumentsAreReadOrRefused) {
  constexpr std::string_view alphabet =
      "{}[]\",:*?$\\ \x01\xff"
      "0eAllowDeny";
  Draw draw(6);
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    auto text = json::print(
        json::Object{{"Version", "2012-10-17"}, {"Statement", json::Array{draw.statement(true)}}});
    for (std::uint64_t bends = 1 + draw.below(4); bends > 0; --bends) {
      auto at = draw.below(text.size());
      switch (draw.below(3)) {
        case 0:
          text[at] = alphabet[draw.below(alphabet.size())];
          break;
        case 1:
          text.erase(at, draw.below(20));
          break;
        default:
          text.insert(at, text.substr(draw.below(text.size()), draw.below(20)));
      }
      if (text.empty()) text = "{";
    }
    auto policy = named_policy("bent", text);
    if (!policy.broken.empty()) ++refused;
    Policies policies;
    policies.identity = {policy};
    policies.resource = policy;
    bool allowed = evaluate(draw.request(), policies).allowed();
    EXPECT_FALSE(!policy.broken.empty() && allowed) << text;
  }
  EXPECT_GT(refused, rounds / 2);
  EXPECT_LT(refused, rounds);
}

}  // namespace

}  // namespace aright::iam
