// Every service as its testdata/<service>.yaml tells it. What `expect` says must be in the answer; null says that it must
// not be there; a list has as many items. `error` is the code of a refusal, `wait` lets seconds pass.
#include "cloud/snapshot.h"
#include "sandbox/stories.h"

namespace aright::sandbox {
namespace {

class Services : public ::testing::TestWithParam<Story> {
 protected:
  // "" when `actual` holds what is expected, else where it does not.
  std::string difference(const json::Value& expected, const json::Value& actual,
                         const std::string& where) {
    if (const auto* members = expected.if_object()) {
      for (const auto& [name, member] : *members)
        if (auto found =
                difference(member, json::at(actual, name), where + "/" + std::string(name));
            !found.empty())
          return found;
      return actual.is_object() || members->empty()
                 ? ""
                 : where + " is no object: " + json::print(actual);
    }
    if (const auto* list = expected.if_array()) {
      if (json::items(actual).size() != list->size())
        return fmt::format("{} has {} items rather than {}: {}", where, json::items(actual).size(),
                           list->size(), json::print(actual));
      for (std::size_t i = 0; i < list->size(); ++i)
        if (auto found =
                difference((*list)[i], json::items(actual)[i], where + "/" + std::to_string(i));
            !found.empty())
          return found;
      return "";
    }
    if (json::equal(expected, actual)) return "";
    if (expected.is_string() && actual.is_string() &&
        glob_match(json::text(expected), json::text(actual)))
      return "";
    return fmt::format("{} is {} rather than {}", where, json::print(actual),
                       json::print(expected));
  }

  void perform(const json::Value& step) {
    if (const auto& wait = json::at(step, "wait"); !wait.is_null())
      return clock.advance(seconds(json::integer(wait)));
    auto call = memory_.call(step);
    auto output = cloud.call(call, {});
    auto error = json::text(step, "error", "");
    if (!error.empty()) {
      ASSERT_FALSE(output) << call.name() << " is not refused, but answers "
                           << json::print(*output);
      EXPECT_EQ(output.error().wire_code, error) << call.name() << ": " << output.error().message;
      return;
    }
    ASSERT_TRUE(output) << call.name() << ": " << output.error().wire_code << ": "
                        << output.error().message;
    auto expected = memory_.filled(json::at(step, "expect"));
    EXPECT_EQ(difference(expected.is_null() ? json::Object() : expected, *output, call.name()), "");
    memory_.keep(step, *output);
  }

  VirtualClock clock;
  Cloud cloud{{}, clock};

 private:
  Memory memory_;
};

TEST_P(Services, BehaveAsTold) {
  for (const auto& step : GetParam().steps) {
    perform(step);
    if (HasFatalFailure() || HasFailure()) {
      ADD_FAILURE() << "at the step " << json::print(step);
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Testdata, Services, ::testing::ValuesIn(stories()), [](const auto& info) {
  auto name = info.param.service + "_" + info.param.title;
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

class Inventory : public SandboxTest {};

TEST_F(Inventory, DoesNotCountWhatIsTerminated) {
  ok("ec2:CreateDefaultVpc");
  auto run = ok("ec2:RunInstances", R"({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 2})");
  auto count = [&] {
    auto all = cloud::list_resources(cloud, "AWS::EC2::Instance", default_account, "us-east-1", {});
    return all ? all->size() : 0;
  };
  EXPECT_EQ(count(), 2u);
  auto terminate = call_of("ec2:TerminateInstances");
  terminate.input["InstanceIds"] = json::Array{run.at("Instances").at(0).at("InstanceId")};
  ok(terminate);
  EXPECT_EQ(count(), 1u);
}

}  // namespace
}  // namespace aright::sandbox
