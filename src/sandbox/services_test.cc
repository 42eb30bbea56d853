// Every service as its testdata/<service>.yaml tells it: stories of calls on a fresh cloud. `input`
// and `expect` may use
// ${name.Member.0.Member} of an answer kept with `as`. What `expect` says must be in the answer;
// null says that it must not be there; a list has as many items. `error` is the code of a refusal,
// `wait` lets seconds pass.
#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cloud/snapshot.h"
#include "json/yaml.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

struct Story {
  std::string service, title;
  json::Array steps;
};

void PrintTo(const Story& story, std::ostream* out) {
  *out << story.service << ": " << story.title;
}

std::vector<Story> stories() {
  std::vector<Story> out;
  auto folder = std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/sandbox/testdata";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    auto text = read_file(entry.path());
    auto document = text ? json::parse_yaml(*text) : Result<json::Document>(fail(text.error()));
    EXPECT_TRUE(document) << entry.path() << ": " << document.error().message;
    if (!document) continue;
    for (const auto& [title, steps] : json::members(document->value))
      out.push_back({entry.path().stem().string(), title, json::items(steps)});
  }
  auto demo = read_file(std::filesystem::path(ARIGHT_SOURCE_DIR) / "catalog/demo/account.yaml");
  auto account = demo ? json::parse_yaml(*demo) : Result<json::Document>(fail(demo.error()));
  EXPECT_TRUE(account);
  if (account)
    out.push_back({"demo", "the demonstration's account can be made", json::items(account->value)});
  std::ranges::sort(out, {},
                    [](const Story& story) { return std::pair(story.service, story.title); });
  return out;
}

class Services : public ::testing::TestWithParam<Story> {
 protected:
  const json::Value& recalled(std::string_view path) {
    const json::Value* here = &memory_;
    for (const auto& step : split(path, '.')) {
      auto index = json::integer(json::Value(step), -1);
      const auto* list = here->if_array();
      if (list != nullptr && index >= 0 && static_cast<std::size_t>(index) < list->size())
        here = &(*list)[static_cast<std::size_t>(index)];
      else
        here = &json::at(*here, step);
    }
    EXPECT_FALSE(here->is_null()) << "nothing is remembered as " << path;
    return *here;
  }

  json::Value filled(const json::Value& value) {
    if (value.is_string()) return filled_text(std::string(value.get_string()));
    if (const auto* list = value.if_array()) {
      json::Array out;
      for (const auto& item : *list)
        out.push_back(filled(item));
      return out;
    }
    if (!value.is_object()) return value;
    json::Object out;
    for (const auto& [name, member] : value.get_object())
      out[name] = filled(member);
    return out;
  }

  json::Value filled_text(std::string text) {
    for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", open)) {
      auto close = text.find('}', open);
      const auto& value = recalled(text.substr(open + 2, close - open - 2));
      if (open == 0 && close + 1 == text.size()) return value;
      auto written = json::scalar_text(value);
      text.replace(open, close + 1 - open, written);
      open += written.size();
    }
    return json::Value(text);
  }

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
    auto call =
        call_of(json::text(step, "call", ""), "{}", json::text(step, "region", "us-east-1"));
    call.input = json::members(filled(json::at(step, "input")));
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
    EXPECT_EQ(
        difference(filled(json::at(step, "expect")).is_null() ? json::Object()
                                                              : filled(json::at(step, "expect")),
                   *output, call.name()),
        "");
    if (auto name = json::text(step, "as", ""); !name.empty()) memory_.as_object()[name] = *output;
  }

  VirtualClock clock;
  Cloud cloud{{}, clock};

 private:
  json::Value memory_ = json::Object();
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
