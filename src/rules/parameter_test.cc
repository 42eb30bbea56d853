#include "rules/parameter.h"

#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "rules/control.h"
#include "rules/folder.h"
#include "rules/pack.h"

namespace aright::rules {

namespace {

// What a rule sees of {"it": text}; "" where the parameter is no such thing.
std::string seen(const char* text, ParameterType type) {
  auto out = typed({{"it", text}}, {}, {{"it", type}});
  return out ? json::print(*out) : "";
}

}  // namespace

TEST(Parameters, AreWhatTheControlSaysTheyAre) {
  EXPECT_EQ(seen("90", ParameterType::integer), R"({"it":90})");
  EXPECT_EQ(seen(" True ", ParameterType::boolean), R"({"it":true})");
  EXPECT_EQ(seen("a, b,,c", ParameterType::list), R"({"it":["a","b","c"]})");
  EXPECT_EQ(seen("443,1020-1025", ParameterType::ports), R"({"it":[{"From":443,"To":443},{"From":1020,"To":1025}]})");
  EXPECT_EQ(seen("ALL", ParameterType::text), R"({"it":"ALL"})");
}

TEST(Parameters, WithoutAValueAreNotThere) {
  EXPECT_EQ(seen("", ParameterType::integer), "{}");
  EXPECT_EQ(seen("", ParameterType::boolean), "{}");
  EXPECT_EQ(seen("", ParameterType::list), R"({"it":[]})");
  EXPECT_EQ(json::print(typed({}, {}, {{"it", ParameterType::ports}}).value()), R"({"it":[]})");
}

TEST(Parameters, ThatAreNotWhatTheyShouldBeAreRefused) {
  for (auto text : {"many", "9x", "1.5"}) EXPECT_EQ(seen(text, ParameterType::integer), "") << text;
  EXPECT_EQ(seen("yes", ParameterType::boolean), "");
  for (auto text : {"https", "25-20", "70000", "-1", "1-"}) EXPECT_EQ(seen(text, ParameterType::ports), "") << text;
  auto refused = typed({{"it", "many"}}, {}, {{"it", ParameterType::integer}});
  EXPECT_EQ(refused.error().message, "The parameter it is no integer: many.");
}

TEST(Parameters, ThatNoRuleHeedsMaySayTheirDefaultAlone) {
  const ParameterTypes types{{"it", ParameterType::not_evaluated}};
  EXPECT_TRUE(typed({{"it", "false"}}, {{"it", "false"}}, types));
  EXPECT_TRUE(typed({}, {}, types));
  EXPECT_EQ(typed({{"it", "true"}}, {{"it", "false"}}, types).error().message,
            "The parameter it can't be evaluated here.");
}

TEST(OwnControls, AreReadFromTheirFoldersAndTakeThePlaceOfTheCatalogs) {
  TemporaryDirectory directory;
  auto write = [&](const std::string& folder, const char* file, const std::string& text) {
    std::filesystem::create_directories(directory.path() / folder);
    ASSERT_TRUE(write_file(directory.path() / folder / file, text));
  };
  const std::string described = "title: Ours\nrule: CUSTOM_POLICY\nresource_type: AWS::S3::Bucket\nseverity: low\n";
  write("ours", "control.yaml", "id: ours\n" + described);
  write("ours", "rule.guard", "rule any { Resources.* !empty }\n");
  write("restricted-ssh", "control.yaml", "id: restricted-ssh\n" + described);
  write("no-control", "notes.txt", "nothing");
  auto bundle = controls_in(directory.path());
  ASSERT_TRUE(bundle) << bundle.error().text();
  auto all = Controls::embedded().with(*bundle);
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_EQ(all->all().size(), Controls::embedded().all().size() + 1);
  EXPECT_EQ(all->find("restricted-ssh")->title, "Ours");
  ASSERT_NE(Controls::rule_of(*all->find("ours")), nullptr);
}

TEST(OwnControls, AFaultNamesItsFile) {
  auto bundle = [](const char* text) {
    return json::Value(json::Array{json::Object{{"file", "ours/control.yaml"}, {"text", text}}});
  };
  auto fault = Controls::load(bundle("id: ours\n")).error().message;
  EXPECT_EQ(fault, "ours/control.yaml: 'title' is required");
  auto parameter = Controls::load(bundle(
      "{id: a, title: a, rule: A, resource_type: A, severity: low, parameters: {x: {is: float}}}")).error().message;
  EXPECT_EQ(parameter, "ours/control.yaml: a parameter is text, integer, boolean, list, ports or not_evaluated, not "
                       "'float'");
}

TEST(OwnControls, RelationsAreChecked) {
  json::Array bundle{
      json::Object{{"file", "ours/rule.guard"}, {"text", "rule any { Resources.* !empty }\n"}},
      json::Object{{"file", "ours/control.yaml"},
                   {"text", "{id: a, title: a, rule: A, resource_type: AWS::EC2::VPC, severity: low,"
                            " related: {AWS::EC2::FlowLog: {by: Nothing}}}"}}};
  EXPECT_EQ(Controls::load(json::Value(bundle)).error().message,
            "ours/control.yaml: related: 'Nothing' is at no aspect of AWS::EC2::FlowLog");
}

TEST(Packs, NameControlsThatAreThere) {
  for (const auto& [id, pack] : packs())
    for (const auto& entry : pack.controls)
      EXPECT_NE(Controls::embedded().find(entry.control), nullptr) << id << ": " << entry.control;
}

TEST(Controls, SayAllThatAnApproverReads) {
  const std::set<std::string> severities{"informational", "low", "medium", "high", "critical"};
  for (const auto& [id, control] : Controls::embedded().all()) {
    EXPECT_FALSE(control.title.empty() || control.description.empty() || control.may_break.empty()) << id;
    EXPECT_TRUE(severities.contains(control.severity)) << id;
    EXPECT_TRUE(std::set<std::string>({"low", "medium", "high"}).contains(control.risk)) << id;
    EXPECT_TRUE(std::set<std::string>({"simple", "moderate", "complex"}).contains(control.complexity)) << id;
    EXPECT_NE(Controls::rule_of(control), nullptr) << id;
  }
}

TEST(Controls, AreFoundByTypeAndByWhatTheySeeBeside) {
  const auto& controls = Controls::embedded();
  std::size_t counted = 0;
  std::set<std::string> types;
  for (const auto& [id, control] : controls.all()) types.insert(control.resource_type);
  for (const auto& type : types) counted += controls.for_type(type).size();
  EXPECT_EQ(counted, controls.all().size());
  ASSERT_EQ(controls.beside_type("AWS::EC2::FlowLog").size(), 1u);
  EXPECT_EQ(controls.beside_type("AWS::EC2::FlowLog")[0]->id, "vpc-flow-logs-enabled");
  EXPECT_TRUE(controls.for_type("AWS::Nothing::There").empty());
}

}  // namespace aright::rules
