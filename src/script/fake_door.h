#pragma once
// A door for tests: remembers what it was asked, and answers as each test says.

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

}  // namespace aright::script
