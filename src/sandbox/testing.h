#pragma once
// Verbs for tests on the emulated cloud: calls as one line, answers and error codes as plain
// values. Not part of the module: tests include it.

#include <gtest/gtest.h>

#include <string>

#include "sandbox/cloud.h"

namespace aright::sandbox {

inline json::Value value_of(std::string_view text) {
  auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : json::Value();
}

inline aws::Call call_of(std::string_view name, std::string_view input = "{}",
                         std::string_view region = "us-east-1") {
  auto colon = name.find(':');
  return {.service = std::string(name.substr(0, colon)),
          .operation = std::string(name.substr(colon + 1)),
          .region = std::string(region),
          .account = "",
          .input = value_of(input).as_object()};
}

class SandboxTest : public ::testing::Test {
 protected:
  explicit SandboxTest(CloudOptions options = {}) : cloud(std::move(options), clock) {}

  // The answer; a failure of the call fails the test.
  json::Object ok(std::string_view name, std::string_view input = "{}") {
    return ok(call_of(name, input));
  }
  json::Object ok(const aws::Call& call) {
    auto output = cloud.call(call, {});
    EXPECT_TRUE(output) << call.name() << ": " << output.error().wire_code << ": "
                        << output.error().message;
    return output ? *output : json::Object();
  }
  // The code of the error; "" when there was none.
  std::string refused(std::string_view name, std::string_view input = "{}") {
    return refused(call_of(name, input));
  }
  std::string refused(const aws::Call& call) {
    auto output = cloud.call(call, {});
    return output ? "" : output.error().wire_code;
  }
  json::Object as(const Principal& who, std::string_view name, std::string_view input = "{}") {
    auto output = cloud.call_as(who, call_of(name, input), {});
    EXPECT_TRUE(output) << name << ": " << output.error().message;
    return output ? *output : json::Object();
  }
  std::string refused_as(const Principal& who, std::string_view name,
                         std::string_view input = "{}") {
    auto output = cloud.call_as(who, call_of(name, input), {});
    return output ? "" : output.error().wire_code;
  }

  VirtualClock clock;
  Cloud cloud;
};

}  // namespace aright::sandbox
