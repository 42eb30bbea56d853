// A stack with one resource of each described type that something creates, as testdata/stacks/types.yaml has it.
#include <deque>
#include <set>

#include "sandbox/stories.h"

namespace aright::sandbox {
namespace {

constexpr const char* elsewhere = "eu-central-1";  // than where everything has its default

const json::Value& least_stacks() {
  static const json::Document document = [] {
    auto path = std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/sandbox/testdata/stacks/types.yaml";
    auto text = read_file(path);
    auto parsed = text ? json::parse_yaml(*text) : Result<json::Document>(fail(text.error()));
    EXPECT_TRUE(parsed) << parsed.error().message;
    return parsed.value_or(json::Document());
  }();
  return document.value;
}

// The other resources that a part refers to.
void collect_references(const json::Value& value, std::deque<std::string>& out) {
  for (const auto& item : json::items(value)) collect_references(item, out);
  for (const auto& [name, member] : json::members(value)) {
    collect_references(member, out);
    if (name == "Ref" || name == "DependsOn") out.push_back(json::text(member));
    if (name == "Fn::GetAtt") out.push_back(json::text(json::items(member)[0]));
    auto text = name == "Fn::Sub" ? json::text(member) : "";
    for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2))
      out.push_back(text.substr(at + 2, text.find_first_of(".}", at) - at - 2));
  }
}

json::Object template_of(const std::string& type, const json::Value& properties) {
  const auto& beside = json::at(least_stacks(), "beside");
  json::Object resources{{"X", json::Object{{"Type", type}, {"Properties", properties}}}};
  std::deque<std::string> asked;
  collect_references(properties, asked);
  for (; !asked.empty(); asked.pop_front()) {
    const auto& other = json::at(beside, asked.front());
    if (other.is_null() || resources.contains(asked.front())) continue;
    resources[asked.front()] = other;
    collect_references(other, asked);
  }
  return {{"Parameters", json::Object{{"Image", json::Object{{"Type", "String"}}}}}, {"Resources", resources}};
}

std::vector<std::string> told_types() {
  std::vector<std::string> out;
  for (const auto& [type, properties] : json::members(json::at(least_stacks(), "types"))) out.emplace_back(type);
  return out;
}

CloudOptions with_default_networks() {
  CloudOptions options;
  options.furnished = true;
  return options;
}

class AStackOfOne : public SandboxTest, public ::testing::WithParamInterface<std::string> {
 protected:
  AStackOfOne() : SandboxTest(with_default_networks()) {}
  json::Object told(const char* name, const json::Object& input) {
    auto call = call_of(name, "{}", elsewhere);
    call.input = input;
    return ok(call);
  }
  std::string image() {
    auto images = told("ec2:DescribeImages", {{"Owners", json::Array{"amazon"}}});
    return json::text(json::items(json::at(images, "Images"))[0], "ImageId", "");
  }
  std::string status() {
    auto stacks = told("cloudformation:DescribeStacks", {{"StackName", id}});
    return json::text(json::items(json::at(stacks, "Stacks"))[0], "StackStatus", "");
  }
  // What failed, and why.
  std::string failures() {
    std::string out;
    auto events = told("cloudformation:DescribeStackEvents", {{"StackName", id}});
    for (const auto& event : json::items(json::at(events, "StackEvents")))
      if (json::text(event, "ResourceStatus", "").ends_with("FAILED"))
        out += fmt::format("{}: {}\n", json::text(event, "LogicalResourceId", ""),
                           json::text(event, "ResourceStatusReason", ""));
    return out;
  }
  std::string id;
};

TEST_P(AStackOfOne, IsMadeOfWhatIsRequiredAlone) {
  auto body = template_of(GetParam(), json::at(json::at(least_stacks(), "types"), GetParam()));
  json::Object parameter{{"ParameterKey", "Image"}, {"ParameterValue", image()}};
  auto made = told("cloudformation:CreateStack", {{"StackName", "one"},
                                                  {"TemplateBody", json::print(body)},
                                                  {"Parameters", json::Array{std::move(parameter)}},
                                                  {"Capabilities", json::Array{"CAPABILITY_NAMED_IAM"}}});
  id = json::text(made, "StackId", "");
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(status(), "CREATE_COMPLETE") << failures();
}

INSTANTIATE_TEST_SUITE_P(Types, AStackOfOne, ::testing::ValuesIn(told_types()), [](const auto& info) {
  auto name = info.param;
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(StackTypes, AreAllThatSomethingCreates) {
  const auto& types = json::at(least_stacks(), "types");
  const auto& without = json::at(least_stacks(), "without");
  for (const auto* type : cloud::Catalog::embedded().types()) {
    bool told = json::members(types).contains(type->name), left_out = json::members(without).contains(type->name);
    if (type->create() == nullptr) EXPECT_FALSE(left_out) << type->name;
    else EXPECT_NE(told, left_out) << type->name << " belongs to `types`, or to `without` with a reason";
  }
}

}  // namespace
}  // namespace aright::sandbox
