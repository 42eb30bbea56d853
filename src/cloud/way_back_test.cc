// There and back again, for every aspect that is described: an arbitrary value by the shape of the API is written and
// read, and the inverse restores what was there before.
#include <gmock/gmock.h>

#include "cloud/arbitrary.h"
#include "cloud/fake_cloud_test.h"
#include "cloud/image.h"

namespace aright::cloud {
namespace {

constexpr int rounds = 20;

struct Subject {
  const Aspect* aspect;
  const Write* write;
};

std::vector<Subject> subjects() {
  std::vector<Subject> out;
  for (const auto* type : Catalog::embedded().types())
    for (const auto& aspect : type->aspects)
      for (const auto& write : aspect.writes) out.push_back({&aspect, &write});
  return out;
}

// One that writes the aspect, with arbitrary input; nothing where the input is for a C++ function alone.
std::optional<aws::Call> arbitrary_call(Arbitrary& arbitrary, const Aspect& aspect, const Write& write,
                                        const ResourceRef& ref) {
  auto call = address(*aspect.type, write.op, ref);
  json::Value input = std::move(call.input);
  if (!write.at.empty() || !write.members.empty()) {
    auto value = arbitrary.written(aspect, write, Catalog::embedded().models());
    if (write.at.empty()) {
      for (const auto& [name, member] : json::members(value)) input.as_object()[name] = member;
    } else {
      write.at.set(input, std::move(value));
    }
  } else if (!write.compute.empty()) {
    return std::nullopt;
  }
  if (!write.entry.empty()) write.entry.set(input, json::Value(arbitrary.word()));
  call.input = std::move(input.as_object());
  return call;
}

ResourceRef some(const ResourceType& type) {
  ResourceRef ref{"111122223333", "us-east-1", type.name, ""};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < type.key.size(); ++i)
    parts.push_back(std::string(i + 1 == type.key.size() ? type.id_prefix() : "") + "some" + std::to_string(i));
  ref.id = type.singleton ? ref.account : join_key(parts);
  return ref;
}

class Round {
 public:
  explicit Round(std::uint64_t seed) : arbitrary_(seed) {}

  bool came_back = false;  // or there was nothing to do

  // What is wrong; "" when nothing is. That there is no way back to some state is not wrong.
  std::string play(const Subject& subject) {
    const auto& [aspect, write] = subject;
    auto ref = some(*aspect->type);
    FakeCloud cloud(Catalog::embedded());
    for (auto [type, here] = std::pair{aspect->type, ref}; !type->parent.empty();) {
      type = Catalog::embedded().type(type->parent);
      here.id = here.id.substr(0, here.id.find(key_separator));
      cloud.at(type->name, here.id);
    }
    auto& state = cloud.at(ref.type, ref.id);
    if (aspect->initial) state[aspect->name] = *aspect->initial;
    // Some state that described writes lead to.
    for (const auto& first : aspect->writes)
      if (auto call = arbitrary_call(arbitrary_, *aspect, first, ref); call && classify(*call).effect == Effect::write)
        if (auto done = cloud.call(*call, context_); !done) return done.error().text();
    auto original = normal(*aspect, state[aspect->name]);

    auto call = arbitrary_call(arbitrary_, *aspect, *write, ref);
    came_back = !call || !classify(*call).invertible || classify(*call).effect != Effect::write;
    if (came_back) return "";
    auto before = read_image(cloud, *call, context_);
    if (!before) return before.error().text();
    if (auto done = cloud.call(*call, context_); !done) return done.error().text();
    auto now = read_again(cloud, *before, context_);
    if (!now) return now.error().text();
    if (*now != predict(*call, *before, {})) return "the prediction was wrong: " + json::print(json::to_json(diff(predict(*call, *before, {}), *now)));
    auto way = inverse(*call, *before, {});
    if (!way) return way.error().code == Errc::unsupported ? "" : way.error().text();
    came_back = true;
    for (const auto& back : *way)
      if (auto done = cloud.call(back, context_); !done) return done.error().text();
    if (same(*aspect, state[aspect->name], original)) return "";
    if (original.is_null() && aspect->instead_of_absent && same(*aspect, state[aspect->name], *aspect->instead_of_absent)) return "";
    return fmt::format("{} instead of {}", json::print(state[aspect->name]), json::print(original));
  }

 private:
  Arbitrary arbitrary_;
  Context context_;
};

TEST(WayBack, LeadsFromEveryWriteOfEveryAspectToWhatWasBefore) {
  for (const auto& subject : subjects()) {
    auto name = subject.aspect->type->name + "/" + subject.aspect->name + " " + subject.write->op.name;
    bool came_back = false;
    for (int seed = 0; seed < rounds; ++seed) {
      Round round(seed);
      EXPECT_EQ(round.play(subject), "") << name << " seed " << seed;
      came_back = came_back || round.came_back;
    }
    EXPECT_TRUE(came_back) << name << " never found a way back";
  }
}

}  // namespace
}  // namespace aright::cloud
