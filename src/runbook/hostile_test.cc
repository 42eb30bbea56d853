// Documents and events that were made to hurt. Each must end, soon, with an error or an end.

#include <gtest/gtest.h>

#include "runbook/machine.h"

namespace aright::runbook {

namespace {

constexpr std::string_view head = "{\"schemaVersion\": \"0.3\", \"mainSteps\": [";

Start start() {
  return {.execution_id = "e", .account = "111122223333", .region = "eu-west-1"};
}

Result<Machine> machine_of(std::string_view text) {
  auto document = TRY(Document::parse(text, "hostile"));
  return Machine(std::make_shared<const Document>(std::move(document)), start());
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

Event answer(const Machine& machine, json::Value output) {
  return {{1}, Returned{.token = std::string(token(machine.next())), .output = std::move(output)}};
}

}  // namespace

TEST(Hostile, DeepNestingIsRefused) {
  EXPECT_FALSE(Document::parse(repeated("[", 30'000), "d"));
  EXPECT_FALSE(Document::parse(repeated("{\"a\":", 10'000), "d"));
  EXPECT_FALSE(Document::parse(repeated("- ", 30'000), "d"));
}

TEST(Hostile, AliasesThatMultiplyAreRefused) {
  std::string text = "schemaVersion: '0.3'\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i)
    text +=
        fmt::format("a{}: &a{} [{}*a{}]\n", i, i, repeated(fmt::format("*a{}, ", i - 1), 9), i - 1);
  EXPECT_FALSE(Document::parse(text, "d"));
}

TEST(Hostile, LoopsNestOnlySoDeep) {
  auto open = repeated(
      R"({"name": "L", "action": "aws:loop", "inputs": {"Iterators": ["a"], "Steps": [)", 20);
  EXPECT_FALSE(Document::parse(std::string(head) + open + repeated("]}}", 20) + "]}", "d"));
}

TEST(Hostile, ManyFaultsAreNotAllTold) {
  std::string steps;
  for (int i = 0; i < 900; ++i)
    steps += fmt::format(R"({}{{"name": "S{}", "action": "aws:nothing{}"}})", i ? "," : "", i, i);
  std::vector<Diagnostic> faults;
  EXPECT_FALSE(Document::parse(std::string(head) + steps + "]}", "d", &faults));
  EXPECT_EQ(faults.size(), 100u);
}

TEST(Hostile, ManyWrongReferencesAreReadQuickly) {
  auto text =
      std::string(head) +
      R"({"name": "A", "action": "aws:executeAwsApi", "inputs": {"Service": "s3", "Api": "A", "X": ")" +
      repeated("{{ a }}", 8'000) + "\"}}]}";
  EXPECT_FALSE(Document::parse(text, "d"));
  EXPECT_TRUE(Document::parse(
      std::string(head) +
          R"({"name": "A", "action": "aws:executeAwsApi", "inputs": {"Service": "s3", "Api": "A", "X": ")" +
          repeated("{{{{", 10'000) + "\"}}]}",
      "d"));
}

TEST(Hostile, ReferencesCannotMultiplyWithoutEnd) {
  auto text =
      std::string(head) +
      R"({"name": "A", "action": "aws:executeAwsApi", "inputs": {"Service": "s3", "Api": "A"},
                  "outputs": [{"Name": "Big", "Selector": "$.Big", "Type": "String"}]},
                 {"name": "B", "action": "aws:executeAwsApi", "inputs": {"Service": "s3", "Api": "A", "X": ")" +
      repeated("{{A.Big}}", 5'000) + "\"}}]}";
  auto machine = machine_of(text).value();
  ASSERT_TRUE(machine.apply(answer(machine, json::Object{{"Big", std::string(1 << 20, 'x')}})));
  EXPECT_EQ(machine.status(), Status::failed);
  EXPECT_TRUE(std::get<Finished>(machine.next()).failure.contains("more than 8388608 bytes"));
}

TEST(Hostile, AnExecutionKeepsOnlySoMuch) {
  auto text =
      std::string(head) +
      R"({"name": "A", "action": "aws:executeAwsApi", "nextStep": "A", "inputs": {"Service": "s3", "Api": "A"}}]})";
  auto machine = machine_of(text).value();
  int answers = 0;
  while (!ended(machine.status()) && ++answers < 100)
    ASSERT_TRUE(machine.apply(answer(machine, json::Object{{"Big", std::string(4 << 20, 'x')}})));
  EXPECT_EQ(machine.status(), Status::failed);
  EXPECT_LT(answers, 20);
}

TEST(Hostile, EmptyLoopsGoAroundOnlySoOften) {
  auto loop = std::string(
      R"({"name": "L", "action": "aws:loop", "nextStep": "L",
          "inputs": {"Iterators": [], "Steps": [{"name": "S", "action": "aws:pause"}]}})");
  auto machine = machine_of(std::string(head) + loop + "]}").value();
  EXPECT_EQ(machine.status(), Status::failed);
}

TEST(Hostile, LoopsWithinLoopsEnd) {
  std::string text;
  std::string iterators = "[" + repeated("\"a\", ", 99) + "\"a\"]";
  for (int i = 0; i < 5; ++i)
    text += fmt::format(
        R"({{"name": "L{}", "action": "aws:loop", "inputs": {{"Iterators": {}, "Steps": [)", i,
        iterators);
  text +=
      R"({"name": "U", "action": "aws:updateVariable", "inputs": {"Name": "variable:V", "Value": "x"}})";
  text = R"({"schemaVersion": "0.3", "variables": {"V": {"type": "String"}}, "mainSteps": [)" +
         text + repeated("]}}", 5) + "]}";
  EXPECT_EQ(machine_of(text).value().status(), Status::failed);
}

TEST(Hostile, EventsThatFitNothingChangeNothing) {
  auto machine =
      machine_of(std::string(head) +
                 R"({"name": "A", "action": "aws:sleep", "inputs": {"Duration": "PT1H"}}]})")
          .value();
  auto before = json::print(machine.execution());
  auto waiting = std::string(token(machine.next()));
  EXPECT_FALSE(machine.apply({{5}, Returned{.token = waiting}}));
  EXPECT_FALSE(machine.apply({{5}, Woke{""}}));
  EXPECT_FALSE(machine.apply({{5}, Woke{"e/9-X/1.1"}}));
  EXPECT_FALSE(machine.apply({{5}, Signalled{.type = "Approve", .principal = "x"}}));
  EXPECT_FALSE(machine.apply({{5}, Signalled{.type = "StartStep", .step = "A"}}));
  EXPECT_EQ(json::print(machine.execution()), before);
  ASSERT_TRUE(machine.apply({{5}, StopRequested{}}));
  EXPECT_FALSE(machine.apply({{6}, StopRequested{}}));
  EXPECT_EQ(machine.status(), Status::cancelled);
}

TEST(Hostile, TimeDoesNotRunBackwards) {
  auto machine = machine_of(std::string(head) +
                            R"({"name": "A", "action": "aws:waitForAwsResourceProperty", "inputs":
                                {"Service": "a", "Api": "B", "PropertySelector": "$.x", "DesiredValues": ["y"]}}]})")
                     .value();
  auto first = std::string(token(machine.next()));
  ASSERT_TRUE(machine.apply({{1'000'000}, Returned{.token = first, .output = json::Object()}}));
  EXPECT_EQ(std::get<WaitUntil>(machine.next()).due.ms, 1'005'000);
  ASSERT_TRUE(machine.apply({{-5}, Woke{std::string(token(machine.next()))}}));
  ASSERT_TRUE(machine.apply(
      {{7}, Returned{.token = std::string(token(machine.next())), .output = json::Object()}}));
  EXPECT_EQ(std::get<WaitUntil>(machine.next()).due.ms, 1'005'000);
}

TEST(Hostile, ANestedExecutionTooDeepDoesNotStart) {
  auto document =
      Document::parse(std::string(head) + R"({"name": "A", "action": "aws:pause"}]})", "d").value();
  auto deep = start();
  deep.depth = nesting_max + 1;
  EXPECT_EQ(Machine(std::make_shared<const Document>(std::move(document)), deep).status(),
            Status::failed);
}

}  // namespace aright::runbook
