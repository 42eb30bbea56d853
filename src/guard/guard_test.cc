#include "guard/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "guard/formats.h"
#include "guard/parse_tree.h"
#include "guard/test_file.h"

namespace aright::guard {

namespace {

using testing::HasSubstr;

Rules parsed(std::string_view text) {
  auto rules = parse_rules(text, "r.guard");
  EXPECT_TRUE(rules) << rules.error().text();
  return *rules;
}

Document document(std::string_view text) {
  auto read = read_document(text, "data.yaml");
  EXPECT_TRUE(read) << read.error().text();
  return *read;
}

constexpr std::string_view bucket_rules = R"(
rule versioned when Resources exists {
  Resources.*[ Type == "AWS::S3::Bucket" ].Properties {
    Versioning == "Enabled" <<turn versioning on>>
    Logging exists or Public == false
  }
}
)";

constexpr std::string_view bucket = R"(
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      Versioning: Suspended
)";

}  // namespace

TEST(Guard, TellsEachFailingClauseWithItsPlaces) {
  auto report = evaluate(parsed(bucket_rules), document(bucket));
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->rules.size(), 1U);
  EXPECT_EQ(report->status, Status::fail);
  auto told = leaves(report->rules[0].failures);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0]->path(), "/Resources/Logs/Properties/Versioning");
  EXPECT_EQ(told[0]->message, "turn versioning on");
  EXPECT_EQ(told[0]->reason, "is \"Suspended\"; expected == \"Enabled\"");
  EXPECT_EQ(told[0]->place(), (Place{6, 19}));
  EXPECT_EQ(told[0]->clause_place, (Place{4, 5}));
  EXPECT_EQ(told[1]->reason, "there is no Logging at /Resources/Logs/Properties");
  EXPECT_EQ(told[2]->missing, "Public");
}

TEST(Guard, TellsTheLeftOfTwoQueriesThatAreNotEqual) {
  auto rules = parsed("rule r { Resources.Logs.Properties.Versioning == Wanted.Versioning }");
  auto report = evaluate(rules, document(std::string(bucket) + "Wanted: {Versioning: Enabled}\n"));
  ASSERT_TRUE(report) << report.error().text();
  auto told = leaves(report->rules.at(0).failures);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]->path(), "/Resources/Logs/Properties/Versioning");
  EXPECT_EQ(told[0]->reason, "is \"Suspended\"; expected == \"Enabled\"");
}

TEST(Guard, JudgesAValueThatSomebodyHolds) {
  auto rules = parsed("rule r { Versioning == \"Enabled\" Count in r(1, 3] Size is_float }");
  json::Value snapshot = json::Object{{"Versioning", "Enabled"}, {"Count", 2}, {"Size", 1.0}};
  auto report = evaluate(rules, document_of(snapshot, "bucket"));
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->status, Status::pass);
}

TEST(Guard, JoinsParametersWithData) {
  auto rules = parsed("rule r { Region in allowed }");
  auto both = merge(document("allowed: [eu-west-1]"), document("Region: eu-west-1"));
  ASSERT_TRUE(both);
  EXPECT_EQ(evaluate(rules, *both)->status, Status::pass);
  auto clash = merge(document("a: 1"), document("b: 1\na: 2"));
  ASSERT_FALSE(clash);
  EXPECT_EQ(clash.error().place, (Place{2, 1}));
}

TEST(Guard, ReportsOutliveRulesAndData) {
  Report report;
  {
    auto rules = parsed("rule r { a == 1 }");
    report = *evaluate(rules, document("a: {b: [1, 2]}"));
  }
  EXPECT_EQ(print(*report.rules[0].failures[0].from), "{\"b\":[1,2]}");
}

TEST(Guard, ManyThreadsJudgeByTheSameRules) {
  auto rules = parsed(bucket_rules);
  auto data = document(bucket);
  std::vector<std::thread> threads;
  std::vector<Status> statuses(8, Status::skip);
  for (auto& status : statuses) {
    threads.emplace_back([&] {
      for (int run = 0; run < 50; ++run)
        status = evaluate(rules, data)->status;
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_THAT(statuses, testing::Each(Status::fail));
}

TEST(Guard, NowIsWhatTheCallerSays) {
  auto rules = parsed("let t = now()\nlet e = parse_epoch(at)\nrule r { %e < %t }");
  auto data = document("at: '2024-01-31T12:00:00Z'");
  EXPECT_EQ(evaluate(rules, data, {.now_s = 1'706'702'399})->status, Status::fail);
  EXPECT_EQ(evaluate(rules, data, {.now_s = 1'706'702'401})->status, Status::pass);
}

TEST(Guard, FaultsOfRulesHavePlaceCauseAndCure) {
  auto rules = parse_rules("rule r {\n  a = 1\n}", "net.guard");
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().text(),
              HasSubstr("net.guard:2:5: error: expected a comparison such as =="));
  rules = parse_rules("rule r { a == /(/ }", "net.guard");
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().text(),
              HasSubstr("net.guard:1:15: error: expected a regular expression"));
  rules = parse_rules("rule r { a == \"x }", "net.guard");
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().text(), HasSubstr("(add the closing \")"));
}

TEST(Guard, DepthIsBounded) {
  std::string filters = "rule r { a", lists = "rule r { a == ";
  for (int depth = 0; depth < 100'000; ++depth) {
    filters += "[ a";
    lists += "[";
  }
  EXPECT_THAT(parse_rules(filters, "r.guard").error().message, HasSubstr("nested deeper than"));
  EXPECT_THAT(parse_rules(lists, "r.guard").error().message, HasSubstr("nested deeper than"));
  EXPECT_THAT(read_document(std::string(100'000, '['), "d").error().message,
              HasSubstr("nested deeper than"));
  std::string blocks = "rule r { ";
  for (int depth = 0; depth < 100'000; ++depth)
    blocks += "a { ";
  EXPECT_THAT(parse_rules(blocks, "r.guard").error().message, HasSubstr("nested deeper than"));
}

TEST(Guard, ARuleThatCallsItselfForeverIsRefused) {
  auto rules = parsed("rule p(x) { p(%x) }\nrule r { p(a) }");
  auto report = evaluate(rules, document("a: 1"));
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("deeper than"));
}

TEST(Guard, WorkIsBounded) {
  std::string data = "l: [";
  for (int at = 0; at < 3'000; ++at)
    data += std::to_string(at) + ",";
  auto rules = parsed("let all = l[*]\nrule r { l[ %all >= 0 ] exists }");
  auto report = evaluate(rules, document(data + "]"), {.steps_max = 100'000});
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().text(), HasSubstr("more than 100000 steps"));
}

TEST(Guard, AliasesOfTestFilesCannotGrowWithoutBound) {
  std::string bomb = "- input:\n    a: &a [1,1,1,1,1,1,1,1,1,1]\n";
  for (char next = 'b'; next < 'k'; ++next) {
    bomb += fmt::format("    {0}: &{0} [", next);
    for (int times = 0; times < 10; ++times)
      bomb += fmt::format("*{},", static_cast<char>(next - 1));
    bomb += "]\n";
  }
  auto tests = read_tests(bomb, "t.yaml");
  ASSERT_FALSE(tests);
  EXPECT_THAT(tests.error().message, HasSubstr("aliases"));
}

TEST(Guard, AClassOfManyPartsCannotGrowWithoutBound) {
  std::string pattern = "[\\w";
  for (int part = 0; part < 1'000; ++part)
    pattern += "~~\\d";
  EXPECT_FALSE(Regex::compile(pattern + "]"));
}

TEST(TestFile, IsReadByItsOwnRules) {
  auto tests = read_tests(R"(
- name: types
  input: {t: True, h: 0x1F, z: 010, e: , i: .inf, a: &x 1, b: *x}
  expectations: {rules: {types: PASS, twin: SKIP}}
)",
                          "t.yaml");
  ASSERT_TRUE(tests) << tests.error().text();
  auto rules = parsed(
      "rule types { t is_bool h is_int z is_string e is_null i is_float b == 1 }\n"
      "rule twin when nope exists { t exists }\nrule twin { t exists }\nrule free { t exists }");
  auto verdicts = run_test(rules, (*tests)[0], {});
  ASSERT_TRUE(verdicts) << verdicts.error().text();
  ASSERT_EQ(verdicts->size(), 3U);
  EXPECT_TRUE((*verdicts)[0].met());
  EXPECT_FALSE((*verdicts)[1].met()) << "for SKIP all of one name must be skipped";
  EXPECT_FALSE((*verdicts)[2].expected);
}

TEST(Formats, SarifHasPlacesAndNamesInCapitals) {
  Judgement judgement{"r.guard", "t.yaml", *evaluate(parsed(bucket_rules), document(bucket)), 0};
  auto text = json::print(sarif({{"t.yaml", {&judgement}}}, "1.0"));
  EXPECT_THAT(text, HasSubstr("\"ruleId\":\"VERSIONED\""));
  EXPECT_THAT(text, HasSubstr("\"region\":{\"startLine\":6,\"startColumn\":19}"));
}

TEST(Formats, JUnitEscapesWhatDataSays) {
  auto rules = parsed("rule r { a == 1 <<a < b & c>> }");
  Judgement judgement{"r.guard", "t.yaml", *evaluate(rules, document("a: '<x>'")), 0};
  auto text = junit({{"t.yaml", {&judgement}}});
  EXPECT_THAT(text, HasSubstr("a &lt; b &amp; c"));
  EXPECT_THAT(text, HasSubstr("&lt;x&gt;"));
  EXPECT_THAT(text, HasSubstr("tests=\"1\" failures=\"1\""));
}

TEST(ParseTree, IsTheTreeOfTheFile) {
  auto tree = parse_tree(parsed("rule r when a exists { b[ c == 1 ] !empty <<m>> }"));
  EXPECT_EQ(
      json::print(json::at(json::items(json::at(tree, "guard_rules"))[0], "conditions")),
      R"([[{"Clause":{"access_clause":{"query":{"query":[{"Key":"a"}],"match_all":true},"comparator":["Exists",false],)"
      R"("compare_with":null,"custom_message":null,"location":{"line":1,"column":13}},"negation":false}}]])");
}

}  // namespace aright::guard
