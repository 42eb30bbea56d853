// The stories of testdata/<service>.yaml once more, told by boto3, Debian's AWS CLI and the AWS SDK for JavaScript
// over a real connection: each service, as what people have at hand sees it. What these clients do not know yet is left
// out, and counted.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <thread>

#include "sandbox/http_server.h"
#include "sandbox/stories.h"

namespace aright::sandbox {
namespace {

constexpr const char* boto3 = "/usr/bin/python3 " ARIGHT_SOURCE_DIR "/src/sandbox/testdata/client_bridge.py boto3";
constexpr const char* cli = "/usr/bin/python3 " ARIGHT_SOURCE_DIR "/src/sandbox/testdata/client_bridge.py awscli";
constexpr const char* modules = ARIGHT_SOURCE_DIR "/build/npm/clients/node_modules";
const std::string javascript =
    fmt::format("node {}/src/sandbox/testdata/client_bridge.mjs {}", ARIGHT_SOURCE_DIR, modules);

// An input as a language has it that tells bytes and times from text: {"$blob": base64}, {"$timestamp": text}.
json::Value native(const json::Value& value, model::Shape shape) {
  if (!shape) return value;
  if (shape.type() == model::Type::blob && value.is_string()) return json::Object{{"$blob", value}};
  if (shape.type() == model::Type::timestamp) return json::Object{{"$timestamp", value}};
  if (const auto* list = value.if_array(); list != nullptr && shape.type() == model::Type::list) {
    json::Array out;
    for (const auto& item : *list)
      out.push_back(native(item, shape.element()));
    return out;
  }
  const auto* members = value.if_object();
  if (members == nullptr) return value;
  json::Object out;
  for (const auto& [name, member] : *members) {
    auto known = shape.member(name);
    auto named = known ? known->shape() : model::Shape();
    out[name] = native(member, shape.type() == model::Type::map ? shape.element() : named);
  }
  return out;
}

// Whether a client that goes by the model can say the whole input.
bool can_be_said(const json::Value& value, model::Shape shape) {
  if (!shape || shape.document()) return true;
  if (const auto* list = value.if_array())
    return std::ranges::all_of(*list, [&](const json::Value& item) { return can_be_said(item, shape.element()); });
  const auto* members = value.if_object();
  return members == nullptr || std::ranges::all_of(*members, [&](const auto& one) {
    if (shape.type() == model::Type::map) return can_be_said(one.value(), shape.element());
    auto member = shape.member(one.key());
    return member && can_be_said(one.value(), member->shape());
  });
}

// Who makes the calls: `program` is one of testdata/client_bridge.*.
class Bridge {
 public:
  explicit Bridge(const std::string& program) {
    auto to = (folder_.path() / "to").string(), from = (folder_.path() / "from").string();
    EXPECT_EQ(mkfifo(to.c_str(), S_IRWXU) + mkfifo(from.c_str(), S_IRWXU), 0);
    auto command = fmt::format("{} {} {}", program, to, from);
    runs_ = std::thread([command] { EXPECT_EQ(std::system(command.c_str()), 0); });
    to_.open(to);
    from_.open(from);
  }
  ~Bridge() {
    to_.close();
    runs_.join();
  }
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  json::Value ask(const std::string& url, const aws::Call& call, json::Value expect) {
    auto account = call.account.empty() || call.account == default_account ? "test" : call.account;
    auto service = model::Models::embedded().service(call.service);
    auto operation = service ? service->operation(call.operation) : std::nullopt;
    auto input = operation ? operation->input() : model::Shape();
    to_ << json::print(json::Object{{"url", url},
                                    {"service", call.service},
                                    {"id", service ? service->service_id() : ""},
                                    {"operation", call.operation},
                                    {"region", call.region},
                                    {"account", account},
                                    {"input", call.input},
                                    {"native", native(call.input, input)},
                                    {"sayable", can_be_said(call.input, input)},
                                    {"expect", std::move(expect)}})
        << std::endl;
    std::string line;
    if (!std::getline(from_, line)) return json::Object{{"error", "the client is gone"}};
    auto answer = json::parse(line);
    return answer ? *answer : json::Value();
  }

 private:
  TemporaryDirectory folder_;
  std::ofstream to_;
  std::ifstream from_;
  std::thread runs_;
};

constexpr int answers_enough = 1;  // of each service, where a client is slow: one story

struct Told {
  std::map<std::string, int> answered, refused, unknown;  // steps, by service
};

class EveryService : public ::testing::Test {
 protected:
  void tell(Bridge& bridge, const Story& story, Told& told) {
    VirtualClock clock;
    Cloud cloud({}, clock);
    Front front(cloud, demonstration_keys(), system_);
    auto server = *HttpServer::start(front);
    cloud.set_endpoint(server->url());
    Memory memory;
    each_call(story, clock, memory, [&](const json::Value& step, const aws::Call& call) {
      auto expect = memory.filled(json::at(step, "expect"));
      auto answer = bridge.ask(server->url(), call, expect.is_null() ? json::Object() : expect);
      if (!json::at(answer, "unknown").is_null()) {
        ++told.unknown[call.service];
        auto here = cloud.call(call, {});  // the story goes on
        if (here) memory.keep(step, *here);
        return true;
      }
      auto wrong = fault(step, call, answer);
      ++(json::at(answer, "error").is_null() ? told.answered : told.refused)[call.service];
      EXPECT_EQ(wrong, "") << story.service << ": " << story.title << "\n" << json::print(step);
      if (wrong.empty()) memory.keep(step, json::members(json::at(answer, "output")));
      return wrong.empty();
    });
  }

  static std::string fault(const json::Value& step, const aws::Call& call, const json::Value& answer) {
    auto wanted = json::text(step, "error", ""), got = json::text(answer, "error", "");
    bool bodiless = call.operation.starts_with("Head") && got == "404";  // no body, no code
    bool named = wanted == json::text(answer, "name", "");               // the model's name of the code
    if (wanted != got && (wanted.empty() || !(bodiless || named)))
      return fmt::format("'{}' rather than '{}': {}", got, wanted, json::text(answer, "message", ""));
    if (!wanted.empty()) return "";
    return difference(json::at(answer, "expect"), json::at(answer, "output"), call.name());
  }

  // `enough`: of a service that has had so many answers, no other story is told.
  void tell_all(const std::string& who, const std::string& program, int enough) {
    Bridge bridge(program);
    Told told;
    std::set<std::string> services;
    for (const auto& story : stories()) {
      if (told.answered[story.service] < enough) tell(bridge, story, told);
      for (const auto& step : story.steps)
        if (auto call = json::text(step, "call", ""); !call.empty()) services.insert(call.substr(0, call.find(':')));
    }
    int answered = 0, refused = 0, unknown = 0;
    for (const auto& service : services) {
      EXPECT_GT(told.answered[service], 0) << who << " had no answer of " << service;
      answered += told.answered[service];
      refused += told.refused[service];
      unknown += told.unknown[service];
    }
    fmt::print("{}: {} services, {} answers, {} refusals; {} steps that it does not know\n", who,
               services.size(), answered, refused, unknown);
  }

 private:
  SystemClock system_;
};

TEST_F(EveryService, IsWhatBoto3Expects) {
  if (std::system("/usr/bin/python3 -c 'import boto3' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs boto3";
  tell_all("boto3", boto3, std::numeric_limits<int>::max());
}

TEST_F(EveryService, IsWhatTheCliExpects) {
  if (std::system("/usr/bin/python3 -c 'import awscli' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs the AWS CLI";
  tell_all("awscli", cli, answers_enough);
}

TEST_F(EveryService, IsWhatJavaScriptExpects) {
  ASSERT_TRUE(std::filesystem::exists(modules)) << "run tools/build release clients";
  ASSERT_EQ(std::system("node --version >/dev/null"), 0) << "needs Node";
  tell_all("JavaScript", javascript, std::numeric_limits<int>::max());
}

}  // namespace
}  // namespace aright::sandbox
