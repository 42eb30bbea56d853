// One API call, and what it should find: aws:executeAwsApi, aws:assertAwsResourceProperty,
// aws:waitForAwsResourceProperty.

#include <algorithm>

#include "base/id.h"
#include "runbook/action.h"
#include "runbook/calls.h"
#include "runbook/selector.h"

namespace aright::runbook {

namespace {

// The request: every input but those that are the action's own.
json::Object request_of(const Scene& scene) {
  json::Object request = scene.inputs;
  for (const char* own : {"Service", "Api", "PropertySelector", "DesiredValues"})
    request.erase(own);
  return request;
}

// DescribeInstances for describe_instances.
std::string operation_name(std::string_view api) {
  std::string name;
  bool starts_word = true;
  for (char c : api) {
    if (c == '_') {
      starts_word = true;
      continue;
    }
    name += starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = false;
  }
  return name;
}

// As boto3 has it: what selectors look into tells of the HTTP response too.
json::Object with_metadata(const Scene& scene, const json::Value& output) {
  auto answer = json::members(output);
  answer["ResponseMetadata"] = json::Object{{"RequestId", uuid_from(fmt::format("{}.{}", scene.seed, scene.look))},
                                            {"HTTPStatusCode", scene.http_status}};
  return answer;
}

Fault call_fault(const Scene& scene, const Error& error) {
  auto told = fault(error);
  if (!error.wire_code.empty()) {
    told.message =
        fmt::format("An error occurred ({}) when calling the {} operation: {}", error.wire_code,
                    operation_name(json::text(scene.inputs, "Api")), error.message);
  }
  return told;
}

class ApiAction : public Action {
 protected:
  Move ask(const Scene& scene, Then then, Otherwise otherwise = call_fault) {
    auto named = named_call(scene.inputs);
    return call(std::move(named.service), std::move(named.operation), request_of(scene), std::move(then),
                std::move(otherwise));
  }
};

class ExecuteAwsApi final : public ApiAction {
 public:
  Move begin(const Scene& scene) override {
    return ask(scene, [](const Scene& now, const json::Value& output) -> Move {
      return Done{.outputs = {{"OutputPayload", output}}, .answer = with_metadata(now, output)};
    });
  }
};

Result<bool> has_desired_value(const Scene& scene, const json::Value& output, std::string* seen) {
  auto found = TRY(select(json::text(scene.inputs, "PropertySelector"), output));
  if (seen) *seen = found ? json::scalar_text(*found) : "nothing";
  return found && desired(*found, json::items(json::at(scene.inputs, "DesiredValues")));
}

Result<> check_property_inputs(const Scene& scene) {
  if (!json::at(scene.inputs, "DesiredValues").is_array()) {
    return fail(Errc::invalid, "DesiredValues is a list");
  }
  return {};
}

class AssertProperty final : public ApiAction {
 public:
  Move begin(const Scene& scene) override {
    if (auto right = check_property_inputs(scene); !right) return bad_input(right.error().message);
    return ask(scene, [](const Scene& now, const json::Value& output) -> Move {
      std::string seen;
      auto matched = has_desired_value(now, with_metadata(now, output), &seen);
      if (!matched) return bad_input(matched.error().message);
      if (*matched) return Done{.answer = output};
      return Fault{.stage = "PostVerification",
                   .type = "Verification",
                   .message = fmt::format("{} is {}, not one of {}",
                                          json::text(now.inputs, "PropertySelector"), seen,
                                          json::print(json::at(now.inputs, "DesiredValues")))};
    });
  }
};

class WaitForProperty final : public ApiAction {
 public:
  Move begin(const Scene& scene) override {
    if (auto right = check_property_inputs(scene); !right) return bad_input(right.error().message);
    return look(scene);
  }

 private:
  Move look(const Scene& scene) {
    auto later = [this](const Scene& now) { return look(now); };
    return ask(
        scene,
        [this, later](const Scene& now, const json::Value& output) -> Move {
          auto matched = has_desired_value(now, with_metadata(now, output), nullptr);
          if (!matched) return bad_input(matched.error().message);
          if (*matched) return Done{.answer = output};
          return again_in(now, poll_pause, later);
        },
        [this, later](const Scene& now, const Error& error) -> Move {
          if (error.retry == Retry::never && error.code != Errc::throttled)
            return call_fault(now, error);
          return again_in(now, poll_pause, later);
        });
  }
};

}  // namespace

std::unique_ptr<Action> make_execute_aws_api() {
  return std::make_unique<ExecuteAwsApi>();
}
std::unique_ptr<Action> make_assert_property() {
  return std::make_unique<AssertProperty>();
}
std::unique_ptr<Action> make_wait_for_property() {
  return std::make_unique<WaitForProperty>();
}

}  // namespace aright::runbook
