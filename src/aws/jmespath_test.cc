#include "aws/jmespath.h"

#include <gtest/gtest.h>

#include "aws/oracle.h"
#include "model/model.h"

namespace aright::aws {
namespace {

std::string found(std::string_view document, std::string_view expression) {
  auto value = search(expression, *json::parse(document));
  return value ? json::print(*value) : value.error().text();
}

TEST(Jmespath, ReadsPageTokens) {
  EXPECT_EQ(found(R"({"NextToken":"t"})", "NextToken"), R"("t")");
  EXPECT_EQ(found(R"({"A":{"NextMarker":"t"}})", "A.NextMarker"), R"("t")");
  auto listing = R"({"Contents":[{"Key":"a"},{"Key":"b"}]})";
  EXPECT_EQ(found(listing, "NextMarker || Contents[-1].Key"), R"("b")");
  EXPECT_EQ(found(R"({"Contents":[]})", "NextMarker || Contents[-1].Key"), "null");
}

TEST(Jmespath, ReadsWhatWaitersLookAt) {
  auto document = R"({"Reservations":[{"Instances":[{"State":{"Name":"running"}}]},
                      {"Instances":[{"State":{"Name":"pending"}},{"State":{}}]}]})";
  EXPECT_EQ(found(document, "Reservations[].Instances[].State.Name"), R"(["running","pending"])");
  EXPECT_EQ(found(document, "length(Reservations[]) > `0`"), "true");
  EXPECT_EQ(found(document, "Images[].State"), "null");
  auto services = R"({"services":[{"deployments":[1],"runningCount":2,"desiredCount":2}]})";
  EXPECT_EQ(found(services,
                  "length(services[?!(length(deployments) == `1` && "
                  "runningCount == desiredCount)]) == `0`"),
            "true");
  EXPECT_EQ(found(R"({"V":{"x":{"S":"ok"},"y":{}}})", "V.*.S"), R"(["ok"])");
}

TEST(Jmespath, ShapesAnswersAsQueriesDo) {
  auto document = R"({"Users":[{"Name":"b","Tags":[{"Key":"k","Value":"v"}]},{"Name":"a"}]})";
  EXPECT_EQ(found(document, "Users[?Tags].{n: Name, v: Tags[?Key=='k'] | [0].Value}"),
            R"([{"n":"b","v":"v"}])");
  EXPECT_EQ(found(document, "sort_by(Users, &Name)[*].Name | join(',', @)"), R"("a,b")");
  EXPECT_EQ(found(document, "Users[::-1].[Name, length(Name)]"), R"([["a",1],["b",1]])");
}

TEST(Jmespath, SlicesAreProjections) {
  EXPECT_EQ(found(R"([[{"a":1},{"a":2},{"a":3}]])", "[0][1:].a"), "[2,3]");
  EXPECT_EQ(found("[0,1,2,3]", "[-2:]"), "[2,3]");
  EXPECT_EQ(found("[0,1,2,3]", "[::-1]"), "[3,2,1,0]");
  EXPECT_EQ(found("[0,1,2,3]", "[9:1:-1]"), "[3,2]");
}

TEST(Jmespath, NamesWhatItCannotRead) {
  EXPECT_EQ(found("{}", "A."),
            "invalid: the expression 'A.': column 3: the expression ends too early");
  EXPECT_EQ(found("{}", "A[?b"),
            "invalid: the expression 'A[?b': column 5: the expression ends too early");
  EXPECT_EQ(found("{}", "a ] b"),
            "invalid: the expression 'a ] b': column 3: ']' cannot stand here");
  EXPECT_EQ(found("{}", "a = b"),
            "invalid: the expression 'a = b': column 3: '=' is no part of JMESPath");
  EXPECT_EQ(found("{}", "'x"), "invalid: the expression ''x': column 1: ' is not closed");
  EXPECT_EQ(found("{}", "length(@, @)"), "invalid: length() takes 1 arguments, not 2");
  EXPECT_EQ(found("{}", "abs('x')"), "invalid: abs() cannot take string as its argument 1");
  EXPECT_EQ(found("{}", "frob(@)"), "invalid: there is no function frob()");
  EXPECT_EQ(found("[1]", "[::0]"), "invalid: a slice's step may not be 0");
  EXPECT_FALSE(search("", json::Value()));
}

TEST(Jmespath, HasItsLimits) {
  EXPECT_FALSE(Jmespath::compile(std::string(200, '(') + "a" + std::string(200, ')')));
  EXPECT_FALSE(Jmespath::compile(std::string(expression_bytes_max + 1, 'a')));
  std::string chain = "a";
  for (int i = 0; i < 400; ++i)
    chain += ".a";
  EXPECT_EQ(found("{}", chain), "null");
  EXPECT_FALSE(Jmespath::compile(chain + chain.substr(1)));
}

TEST(Jmespath, ReadsEveryPathOfTheModels) {
  int paths = 0;
  auto compiles = [&](const std::string& path) {
    if (path.empty()) return;
    ++paths;
    EXPECT_TRUE(Jmespath::compile(path)) << path;
  };
  for (const model::Service& service : model::Models::embedded().services()) {
    for (const model::Waiter& waiter : service.waiters()) {
      for (const model::Acceptor& acceptor : waiter.acceptors)
        compiles(acceptor.argument);
    }
    for (const model::Operation& operation : service.operations()) {
      auto pagination = operation.pagination();
      if (!pagination) continue;
      for (const std::string& path : pagination->output_tokens)
        compiles(path);
      for (const std::string& path : pagination->result_keys)
        compiles(path);
      compiles(pagination->more_results);
    }
  }
  EXPECT_GT(paths, 3000);
}

TEST(Jmespath, AgreesWithTheReference) {
  if (!has_botocore()) GTEST_SKIP() << "needs botocore's JMESPath";
  int cases = 0, differing = 0;
  for (const json::Value& one : oracle("jmespath_oracle.py")) {
    auto expression = json::text(one, "expression", "");
    auto value = search(expression, json::at(one, "given"));
    bool fails = one.get_object().contains("error");
    bool same = fails ? !value : value && json::equal(*value, json::at(one, "result"));
    ++cases;
    if (same || ++differing > 20) continue;
    ADD_FAILURE() << json::print(one)
                  << "\n  ours: " << (value ? json::print(*value) : value.error().text());
  }
  EXPECT_GT(cases, 3000);
  EXPECT_EQ(differing, 0);
}

}  // namespace
}  // namespace aright::aws
