// The stories of testdata/<service>.yaml once more, told by boto3 and by Debian's AWS CLI over a real connection: each
// service, as what people have at hand sees it. What these clients do not know yet is left out, and counted.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <thread>

#include "sandbox/http_server.h"
#include "sandbox/stories.h"

namespace aright::sandbox {
namespace {

// testdata/client_bridge.py, which makes the calls.
class Bridge {
 public:
  explicit Bridge(const std::string& mode) {
    auto to = (folder_.path() / "to").string(), from = (folder_.path() / "from").string();
    EXPECT_EQ(mkfifo(to.c_str(), S_IRWXU) + mkfifo(from.c_str(), S_IRWXU), 0);
    auto command = fmt::format("/usr/bin/python3 {}/src/sandbox/testdata/client_bridge.py {} {} {}", ARIGHT_SOURCE_DIR,
                               mode, to, from);
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
    to_ << json::print(json::Object{{"url", url},
                                    {"service", call.service},
                                    {"operation", call.operation},
                                    {"region", call.region},
                                    {"account", account},
                                    {"input", call.input},
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
    for (const auto& step : story.steps) {
      if (const auto& wait = json::at(step, "wait"); !wait.is_null()) {
        clock.advance(seconds(json::integer(wait)));
        continue;
      }
      auto call = memory.call(step);
      auto expect = memory.filled(json::at(step, "expect"));
      auto answer = bridge.ask(server->url(), call, expect.is_null() ? json::Object() : expect);
      if (!json::at(answer, "unknown").is_null()) {
        ++told.unknown[call.service];
        auto here = cloud.call(call, {});  // the story goes on
        if (here) memory.keep(step, *here);
        continue;
      }
      auto wrong = fault(step, call, answer);
      ++(json::at(answer, "error").is_null() ? told.answered : told.refused)[call.service];
      EXPECT_EQ(wrong, "") << story.service << ": " << story.title << "\n" << json::print(step);
      if (!wrong.empty()) return;
      memory.keep(step, json::members(json::at(answer, "output")));
    }
  }

  static std::string fault(const json::Value& step, const aws::Call& call, const json::Value& answer) {
    auto wanted = json::text(step, "error", ""), got = json::text(answer, "error", "");
    bool bodiless = call.operation.starts_with("Head") && got == "404";  // no body, no code
    if (wanted != got && !(bodiless && !wanted.empty())) return fmt::format("'{}' rather than '{}'", got, wanted);
    if (!wanted.empty()) return "";
    return difference(json::at(answer, "expect"), json::at(answer, "output"), call.name());
  }

  // `enough`: of a service that has had so many answers, no other story is told.
  void tell_all(const std::string& mode, int enough) {
    Bridge bridge(mode);
    Told told;
    std::set<std::string> services;
    for (const auto& story : stories()) {
      if (told.answered[story.service] < enough) tell(bridge, story, told);
      for (const auto& step : story.steps)
        if (auto call = json::text(step, "call", ""); !call.empty()) services.insert(call.substr(0, call.find(':')));
    }
    int answered = 0, refused = 0, unknown = 0;
    for (const auto& service : services) {
      EXPECT_GT(told.answered[service], 0) << mode << " had no answer of " << service;
      answered += told.answered[service];
      refused += told.refused[service];
      unknown += told.unknown[service];
    }
    fmt::print("{}: {} services, {} answers, {} refusals; {} steps that it does not know\n", mode,
               services.size(), answered, refused, unknown);
  }

 private:
  SystemClock system_;
};

TEST_F(EveryService, IsWhatBoto3Expects) {
  if (std::system("/usr/bin/python3 -c 'import boto3' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs boto3";
  tell_all("boto3", std::numeric_limits<int>::max());
}

TEST_F(EveryService, IsWhatTheCliExpects) {
  if (std::system("/usr/bin/python3 -c 'import awscli' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs the AWS CLI";
  tell_all("awscli", answers_enough);
}

}  // namespace
}  // namespace aright::sandbox
