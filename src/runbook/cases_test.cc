// Executions as data: testdata/*.yaml holds documents, what is given, what each step is answered, and what must come
// of it.
// Every case is also replayed: a machine rebuilt from any prefix of the events stands where the first one stood.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "json/yaml.h"
#include "runbook/machine.h"

namespace aright::runbook {

namespace {

constexpr std::size_t case_events_max = 2'000;  // a case that runs longer is wrong

struct Case {
  std::string file, name;
  json::Value body;
};

std::ostream& operator<<(std::ostream& out, const Case& each) {
  return out << each.file << ": " << each.name;
}

json::Value read_yaml(const std::string& path) {
  auto text = read_file(path);
  auto parsed = json::parse_yaml(text.value());
  if (!parsed) ADD_FAILURE() << path << ": " << parsed.error().text();
  return parsed ? parsed->value : json::Value();
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& entry :
       std::filesystem::directory_iterator(ARIGHT_SOURCE_DIR "/src/runbook/testdata")) {
    if (entry.path().extension() != ".yaml") continue;
    auto file = read_yaml(entry.path().string());
    for (const auto& body : json::items(json::at(file, "cases")))
      all.push_back({entry.path().stem().string(), json::text(json::at(body, "name")), body});
  }
  std::ranges::sort(all, {}, [](const Case& each) { return std::pair(each.file, each.name); });
  return all;
}

json::Object told(const CallAws& command) {
  return {{"call", command.service + ":" + command.operation},
          {"input", command.input},
          {"account", command.account},
          {"region", command.region},
          {"timeout", command.timeout.count() / 1000}};
}
json::Object told(const RunScript& command) {
  return {{"script", command.handler},  {"runtime", command.runtime},
          {"text", command.script},     {"attachment", command.attachment},
          {"payload", command.payload}, {"timeout", command.timeout.count() / 1000}};
}
json::Object told(const WaitUntil& command) {
  return {{"wait", command.due.iso_seconds()}};
}
json::Object told(const AwaitSignal& command) {
  constexpr const char* kinds[] = {"approve", "pause", "start"};
  return {{"ask", kinds[static_cast<int>(command.kind)]},
          {"approvers", json::Array(command.approvers.begin(), command.approvers.end())},
          {"approvals_min", command.approvals_min},
          {"message", command.message},
          {"expires", command.expires.iso_seconds()}};
}
json::Object told(const Child& child) {
  return {{"child", child.document},
          {"parameters", child.parameters},
          {"about", child.about},
          {"account", child.account},
          {"region", child.region}};
}
// One that runs alone as itself.
json::Object told(const RunChildren& command) {
  auto number = static_cast<std::int64_t>(command.children.size());
  json::Array tokens;
  for (const auto& child : command.children) tokens.push_back(json::Value(child.token));
  auto out = number == 1 ? told(command.children[0]) : json::Object();
  out["side_by_side"] = number;
  out["stopping"] = command.stopping;
  out["children"] = std::move(tokens);
  out["until"] = command.due.iso_seconds();
  return out;
}
json::Object told(const PostWebhook& command) {
  return {{"webhook", command.integration}, {"body", command.body}};
}
json::Object told(const Finished& command) {
  return {{"finished", name(command.status)}, {"failure", command.failure}};
}

std::string step_of(const Command& command) {
  return std::visit(
      [](const auto& held) -> std::string {
        if constexpr (requires { held.step; }) return held.step;
        return "";
      },
      command);
}

json::Object told(const Command& command) {
  auto object = std::visit([](const auto& held) { return told(held); }, command);
  object["step"] = step_of(command);
  object["token"] = token(command);
  return object;
}

// Everything that `wanted` says is so in `have`; what it does not say may be as it likes.
bool covers(const json::Value& have, const json::Value& wanted) {
  if (wanted.is_object() && have.is_object()) {
    return std::ranges::all_of(wanted.get_object(), [&](const auto& member) {
      return covers(json::at(have, member.key()), member.value());
    });
  }
  return json::equal(have, wanted);
}

// Plays the part of the world.
class Player {
 public:
  explicit Player(const json::Value& body) : body_(body) {
    for (const auto& [step, list] : json::members(json::at(body, "replies")))
      for (const auto& reply : json::items(list))
        replies_[std::string(step)].push_back(reply);
  }

  // What happens next, given what the machine wants; nothing when the story is over.
  Event answer(const Command& command, Timestamp now) {
    auto& queue = replies_[step_of(command)];
    auto takes = [&](const json::Value& reply) {
      const bool waits = std::holds_alternative<WaitUntil>(command);
      return !waits || json::members(reply).contains("stop") ||
             json::members(reply).contains("signal");
    };
    if (!queue.empty() && takes(queue.front())) {
      auto reply = queue.front();
      queue.pop_front();
      return scripted(reply, command, now);
    }
    if (const auto* wait = std::get_if<WaitUntil>(&command)) return {wait->due, Woke{wait->token}};
    if (const auto* ask = std::get_if<AwaitSignal>(&command))
      return {ask->expires, Woke{ask->token}};
    if (const auto* running = std::get_if<RunChildren>(&command); running && !running->stopping)
      return {now + seconds(1), Returned{.token = running->children[0].token,
                                         .output = json::Object{{"ExecutionId", "e"}, {"Status", "Success"}}}};
    return {now + seconds(1),
            Returned{.token = std::string(token(command)), .output = json::Object()}};
  }

 private:
  static Event scripted(const json::Value& reply, const Command& command, Timestamp now) {
    auto at = now + seconds(json::integer(json::at(reply, "after"), 1));
    auto token_text = std::string(token(command));
    const auto* running = std::get_if<RunChildren>(&command);
    // The first of those that run, or the one that the reply says.
    auto which = static_cast<std::size_t>(json::integer(json::at(reply, "child"), 0));
    if (running && !running->stopping && !json::members(reply).contains("woke"))
      token_text = running->children.at(which).token;
    const auto& fields = json::members(reply);
    if (fields.contains("stop"))
      return {at, StopRequested{json::text(fields, "stop") == "Complete"}};
    if (fields.contains("woke")) return {at, Woke{token_text}};
    if (fields.contains("signal")) {
      return {at, Signalled{.type = json::text(fields, "signal"),
                            .principal = json::text(fields, "by"),
                            .comment = json::text(fields, "comment"),
                            .step = json::text(fields, "step")}};
    }
    Returned returned{.token = token_text, .output = json::at(reply, "output")};
    returned.http_status = static_cast<int>(json::integer(json::at(fields, "http_status"), returned.http_status));
    if (fields.contains("error")) {
      const auto& error = json::at(fields, "error");
      returned.error = Error{
          .code = json::text(error, "code", "") == "deadline" ? Errc::deadline : Errc::invalid,
          .message = json::text(error, "message", "no"),
          .wire_code = json::text(error, "wire_code", "")};
    }
    return {at, std::move(returned)};
  }

  json::Value body_;
  std::map<std::string, std::deque<json::Value>> replies_;
};

class Cases : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const auto& body = GetParam().body;
    auto file = json::text(json::at(body, "file"));
    auto source = file.empty() ? json::text(json::at(body, "document"))
                               : read_file(ARIGHT_SOURCE_DIR "/" + file).value();
    std::vector<Diagnostic> faults;
    auto parsed = Document::parse(source, GetParam().name, &faults);
    ASSERT_TRUE(parsed) << parsed.error().message;
    document_ = std::make_shared<const Document>(std::move(*parsed));
    auto parameters = resolve_parameters(*document_, json::members(json::at(body, "parameters")),
                                         json::members(json::at(body, "store")));
    ASSERT_TRUE(parameters) << parameters.error().message;
    start_ = {.execution_id = "exec-1",
              .account = "111122223333",
              .region = "eu-west-1",
              .parameters = std::move(*parameters),
              .executed_by = "arn:aws:iam::111122223333:role/Starter",
              .at = parse_timestamp("2024-05-01T10:00:00Z").value()};
    start_.interactive = json::truth(json::at(GetParam().body, "interactive"));
  }

  // Runs to the end, noting commands and events; expectations about refusals are met on the way.
  void play(Machine& machine) {
    Player player(GetParam().body);
    Timestamp now = start_.at;
    while (events_.size() < case_events_max) {
      const auto command = machine.next();
      commands_.push_back(told(command));
      if (std::holds_alternative<Finished>(command)) return;
      if (std::holds_alternative<AwaitSignal>(command))
        while_waiting_ = json::items(json::at(machine.execution(), "StepExecutions"));
      auto event = player.answer(command, now);
      now = std::max(now, event.at);
      auto applied = machine.apply(event);
      if (!applied) {
        refusals_.push_back(json::Value(applied.error().message));
        EXPECT_EQ(told(machine.next()), commands_.back().get_object())
            << "a refused event changed something";
        commands_.pop_back();
        continue;
      }
      events_.push_back(event_from_json(json::parse(json::print(to_json(event))).value()).value());
    }
    FAIL() << "the case does not end";
  }

  void expect_replayable() const {
    auto start = start_from_json(json::parse(json::print(to_json(start_))).value()).value();
    Machine machine(document_, start);
    for (std::size_t applied = 0; applied <= events_.size(); ++applied) {
      Machine again(document_, start);
      for (std::size_t i = 0; i < applied; ++i)
        ASSERT_TRUE(again.apply(events_[i]));
      ASSERT_EQ(told(again.next()), commands_[applied].get_object());
      if (applied >= 40) break;  // quadratic; the first forty say enough
    }
  }

  std::shared_ptr<const Document> document_;
  Start start_;
  json::Array commands_, refusals_;
  json::Array while_waiting_;  // the steps, when one was asked for last
  std::vector<Event> events_;
};

TEST_P(Cases, RunAsTheySay) {
  const auto& expected = json::at(GetParam().body, "expect");
  Machine machine(document_, start_);
  play(machine);
  auto execution = machine.execution();
  const auto& wanted = json::items(json::at(expected, "commands"));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_LT(i, commands_.size() - 1) << "no command " << json::print(wanted[i]);
    EXPECT_TRUE(covers(commands_[i], wanted[i])) << json::print(commands_[i]) << "\nis not\n"
                                                 << json::print(wanted[i]);
  }
  if (!wanted.empty()) {
    EXPECT_EQ(wanted.size() + 1, commands_.size()) << json::print(commands_);
  }
  EXPECT_EQ(name(machine.status()), json::text(json::at(expected, "status"), "Success"))
      << json::print_pretty(execution);
  EXPECT_TRUE(
      json::text(execution, "FailureMessage").contains(json::text(json::at(expected, "failure"))))
      << json::text(execution, "FailureMessage");
  for (const auto& [output, value] : json::members(json::at(expected, "outputs")))
    EXPECT_EQ(json::at(json::at(execution, "Outputs"), output), value) << output;
  for (const auto& [variable, value] : json::members(json::at(expected, "variables")))
    EXPECT_EQ(json::at(json::at(execution, "Variables"), variable), value) << variable;
  const auto& steps = json::items(json::at(expected, "steps"));
  const auto& ran = json::items(json::at(execution, "StepExecutions"));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ASSERT_LT(i, ran.size());
    EXPECT_TRUE(covers(ran[i], steps[i])) << json::print(ran[i]) << "\nis not\n"
                                          << json::print(steps[i]);
  }
  if (!steps.empty()) {
    EXPECT_EQ(steps.size(), ran.size()) << json::print_pretty(execution);
  }
  const auto& waiting = json::items(json::at(expected, "while_waiting"));
  for (std::size_t i = 0; i < waiting.size(); ++i)
    EXPECT_TRUE(covers(while_waiting_.at(i), waiting[i])) << json::print(while_waiting_.at(i));
  EXPECT_EQ(json::items(json::at(expected, "refusals")), refusals_);
  expect_replayable();
}

INSTANTIATE_TEST_SUITE_P(Runbook, Cases, testing::ValuesIn(cases()), [](const auto& info) {
  auto text = info.param.file + "_" + info.param.name;
  std::ranges::replace_if(
      text, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return text;
});

}  // namespace

}  // namespace aright::runbook
