#pragma once
// A door for tests: remembers what it was asked, and answers as each test says.

#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "script/script.h"

namespace aright::script {

class FakeDoor final : public aws::Caller {
 public:
  using Answer = std::function<Result<json::Object>(const aws::Call&, const Context&)>;
  explicit FakeDoor(Answer answer = [](const aws::Call&, const Context&) { return json::Object(); })
      : answer_(std::move(answer)) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    {
      std::lock_guard lock(mutex_);
      calls.push_back(call);
    }
    return answer_(call, context);
  }

  std::vector<aws::Call> calls;

 private:
  std::mutex mutex_;
  Answer answer_;
};

inline Program script(std::string text, json::Value event = json::Object()) {
  return {.files = {{"script.py", std::move(text)}},
          .handler = "main",
          .event = std::move(event),
          .account = "111122223333",
          .limits = {.wall = milliseconds(20'000)}};
}

// To its end, whatever it returns; a test fails where it cannot even be run.
inline Outcome run_through(FakeDoor& door, const Program& program) {
  auto outcome = run(program, door, Context());
  if (outcome) return *outcome;
  ADD_FAILURE() << outcome.error().text();
  return {};
}

inline Outcome run(const Program& program) {
  FakeDoor door;
  return run_through(door, program);
}

}  // namespace aright::script
