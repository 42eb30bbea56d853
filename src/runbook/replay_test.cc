// Documents and events that nobody would think of: drawn at random from a seed, run, and replayed. Whatever happens, an
// execution is a function of its document, its start and its events; a refused event changes nothing; and it ends.

#include <gtest/gtest.h>

#include <random>

#include "runbook/machine.h"

namespace aright::runbook {

namespace {

constexpr int seeds = 200;
constexpr int replay_events_max = 400;

class Draw {
 public:
  explicit Draw(unsigned seed) : engine_(seed) {}

  int below(int bound) { return static_cast<int>(engine_() % static_cast<unsigned>(bound)); }
  bool chance(int percent) { return below(100) < percent; }
  template <typename T, std::size_t size>
  T of(const T (&items)[size]) {
    return items[below(static_cast<int>(size))];
  }

 private:
  std::mt19937 engine_;
};

class DrawnDocument {
 public:
  explicit DrawnDocument(Draw& draw) : draw_(draw) {}

  std::string text() {
    auto steps = list("S", 2 + draw_.below(6), 0);
    json::Object document{
        {"schemaVersion", "0.3"},
        {"parameters", json::Object{{"P", json::Object{{"type", "StringList"},
                                                       {"default", json::Array{"a", "b"}}}}}},
        {"variables", json::Object{{"V", json::Object{{"type", "String"}, {"default", "v"}}}}},
        {"mainSteps", std::move(steps)},
        {"outputs", json::Array{"S0.Out"}}};
    return json::print(document);
  }

 private:
  json::Array list(const std::string& prefix, int count, int depth) {
    json::Array steps;
    for (int i = 0; i < count; ++i)
      steps.push_back(step(prefix, i, count, depth));
    return steps;
  }

  json::Object step(const std::string& prefix, int index, int count, int depth) {
    auto name = prefix + std::to_string(index);
    auto somewhere = [&] { return prefix + std::to_string(draw_.below(count)); };
    json::Object step{{"name", name}};
    fill(step, name, somewhere, depth);
    if (draw_.chance(20)) step["onFailure"] = "Continue";
    if (draw_.chance(15)) step["onFailure"] = "step:" + somewhere();
    if (draw_.chance(20)) step["isCritical"] = draw_.chance(50);
    if (draw_.chance(20)) step["maxAttempts"] = 1 + draw_.below(3);
    if (draw_.chance(20)) step["timeoutSeconds"] = 1 + draw_.below(30);
    if (draw_.chance(10)) {
      step["isEnd"] = true;
    } else if (draw_.chance(15)) {
      step["nextStep"] = somewhere();
    }
    return step;
  }

  template <typename Somewhere>
  void fill(json::Object& step, const std::string& name, Somewhere somewhere, int depth) {
    json::Object inputs;
    switch (draw_.below(depth < 2 ? 9 : 8)) {
      case 0:
      case 1:
        step["action"] = "aws:executeAwsApi";
        inputs = {{"Service", "s3"}, {"Api", "A"}, {"V", "{{ variable:V }}"}, {"P", "{{ P }}"}};
        step["outputs"] =
            json::Array{json::Object{{"Name", "Out"},
                                     {"Selector", "$.x"},
                                     {"Type", draw_.chance(50) ? "String" : "Integer"}}};
        break;
      case 2:
        step["action"] = "aws:waitForAwsResourceProperty";
        inputs = {{"Service", "s3"},
                  {"Api", "A"},
                  {"PropertySelector", "$.x"},
                  {"DesiredValues", json::Array{"1"}}};
        break;
      case 3:
        step["action"] = "aws:branch";
        inputs = {{"Choices", json::Array{json::Object{{"NextStep", somewhere()},
                                                       {"Variable", "{{ variable:V }}"},
                                                       {"StringEquals", "w"}}}}};
        break;
      case 4:
        step["action"] = "aws:updateVariable";
        inputs = {{"Name", "variable:V"}, {"Value", draw_.chance(50) ? "w" : "v"}};
        break;
      case 5:
        step["action"] = "aws:approve";
        inputs = {{"Approvers", json::Array{"alice", "bob"}},
                  {"MinRequiredApprovals", 1 + draw_.below(2)}};
        break;
      case 6:
        step["action"] = draw_.chance(50) ? "aws:sleep" : "aws:runCommand";
        if (step["action"] == "aws:sleep") {
          inputs = {{"Duration", "PT10S"}};
        } else {
          inputs = {{"DocumentName", "D"}, {"InstanceIds", "{{ P }}"}};
        }
        break;
      case 7:
        step["action"] = "aws:executeAutomation";
        inputs = {{"DocumentName", "D"},
                  {"TargetParameterName", "Id"},
                  {"Targets", json::Array{json::Object{{"Key", "ParameterValues"},
                                                       {"Values", json::Array{"a", "b", "c", "d"}}}}},
                  {"MaxConcurrency", std::to_string(1 + draw_.below(3))},
                  {"MaxErrors", std::to_string(draw_.below(3))}};
        break;
      default:
        step["action"] = "aws:loop";
        inputs = {{"Iterators", "{{ P }}"},
                  {"Steps", list(name + "x", 1 + draw_.below(3), depth + 1)}};
        break;
    }
    step["inputs"] = std::move(inputs);
  }

  Draw& draw_;
};

json::Value drawn_answer(Draw& draw) {
  static const char* const answers[] = {R"({})",
                                        R"({"x": "1"})",
                                        R"({"x": 1})",
                                        R"({"x": [1, 2]})",
                                        R"({"Command": {"CommandId": "c"}})",
                                        R"({"Commands": [{"Status": "Success"}]})",
                                        R"({"ExecutionId": "e", "Status": "Success"})",
                                        R"(null)",
                                        R"([])"};
  return json::parse(draw.of(answers)).value();
}

Happening drawn_happening(Draw& draw, const Command& command) {
  auto current = std::string(token(command));
  if (draw.chance(3)) return StopRequested{draw.chance(30)};
  if (draw.chance(5)) return Woke{current + "x"};
  if (draw.chance(5)) return Returned{.token = "nothing", .output = json::Object()};
  const bool asks = std::holds_alternative<AwaitSignal>(command);
  if (draw.chance(asks ? 80 : 5)) {
    static const char* const types[] = {"Approve", "Approve",  "Reject",
                                        "Resume",  "StopStep", "StartStep"};
    static const char* const names[] = {"alice", "bob", "arn:aws:iam::111122223333:user/alice",
                                        "mallory"};
    return Signalled{
        .type = draw.of(types), .principal = draw.of(names), .comment = "c", .step = ""};
  }
  if (asks || std::holds_alternative<WaitUntil>(command)) return Woke{current};
  const auto* running = std::get_if<RunChildren>(&command);
  if (running && !running->stopping) {
    if (draw.chance(5)) return Woke{current};
    const auto& children = running->children;
    current = children[static_cast<std::size_t>(draw.below(static_cast<int>(children.size())))].token;
  }
  Returned returned{.token = current, .output = drawn_answer(draw)};
  if (draw.chance(20)) {
    returned.error = Error{.code = draw.chance(30) ? Errc::deadline : Errc::throttled,
                           .message = "no",
                           .retry = Retry::later};
  }
  return returned;
}

// All that can be seen of a machine.
std::string seen(const Machine& machine) {
  auto command = std::visit(
      [](const auto& held) {
        json::Object told;
        if constexpr (requires { held.step; }) told["step"] = held.step;
        if constexpr (requires { held.input; }) told["input"] = held.input;
        if constexpr (requires { held.due; }) told["due"] = held.due.ms;
        if constexpr (requires { held.expires; }) told["expires"] = held.expires.ms;
        if constexpr (requires { held.timeout; }) told["timeout"] = held.timeout.count();
        if constexpr (requires { held.stopping; }) told["stopping"] = held.stopping;
        if constexpr (requires { held.children; })
          for (const auto& child : held.children) told[child.token] = json::print(child.parameters);
        if constexpr (requires { held.failure; }) told["failure"] = held.failure;
        return told;
      },
      machine.next());
  return fmt::format("{} {} {}", token(machine.next()), json::print(command),
                     json::print(machine.execution()));
}

Timestamp time_of(const Command& command, Timestamp now, Draw& draw) {
  if (const auto* wait = std::get_if<WaitUntil>(&command)) return wait->due;
  return now + seconds(draw.below(draw.chance(10) ? 100 : 5));
}

class Replay : public testing::TestWithParam<int> {};

TEST_P(Replay, GivesTheSameMachine) {
  Draw draw(static_cast<unsigned>(GetParam()));
  auto text = DrawnDocument(draw).text();
  auto parsed = Document::parse(text, "drawn");
  ASSERT_TRUE(parsed) << parsed.error().message << "\n" << text;
  auto document = std::make_shared<const Document>(std::move(*parsed));
  Start start{.execution_id = "e",
              .account = "111122223333",
              .region = "eu-west-1",
              .at = {1'700'000'000'000}};
  start.parameters = resolve_parameters(*document, {}).value();

  Machine machine(document, start);
  std::vector<Event> events;
  std::vector<std::string> states = {seen(machine)};
  Timestamp now = start.at;
  for (int i = 0; i < replay_events_max && !ended(machine.status()); ++i) {
    now = time_of(machine.next(), now, draw);
    Event event{now, drawn_happening(draw, machine.next())};
    if (!machine.apply(event)) {
      ASSERT_EQ(seen(machine), states.back()) << "a refused event changed something\n" << text;
      continue;
    }
    events.push_back(event_from_json(json::parse(json::print(to_json(event))).value()).value());
    states.push_back(seen(machine));
  }
  EXPECT_EQ(ended(machine.status()), std::holds_alternative<Finished>(machine.next()));

  Machine again(document, start);
  ASSERT_EQ(seen(again), states[0]);
  for (std::size_t i = 0; i < events.size(); ++i) {
    ASSERT_TRUE(again.apply(events[i])) << text;
    ASSERT_EQ(seen(again), states[i + 1]) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Replay, testing::Range(0, seeds));

}  // namespace

}  // namespace aright::runbook
