// Every write of every described aspect, there and back again, in the emulated cloud: what the sandbox derives from the
// descriptions is what everything else derives from them.
#include <gtest/gtest.h>

#include <set>

#include "cloud/round_trip.h"
#include "cloud/template.h"
#include "sandbox/cloud.h"

namespace aright::sandbox {
namespace {

namespace round_trip = cloud::round_trip;

constexpr int rounds = 10;
constexpr auto settling = std::chrono::hours(24);  // longer than any slow change

// What creation gives, where it does not depend on the call.
json::Object initial_aspects(const cloud::ResourceType& type) {
  json::Object out;
  for (const auto& aspect : type.aspects)
    if (aspect.initial && cloud::placeholders(*aspect.initial).empty()) out[aspect.name] = *aspect.initial;
  return out;
}

// The resource and its parents, as if just created.
json::Object world_with(const cloud::ResourceType& type, const cloud::Catalog& catalog) {
  json::Object resources;
  auto ref = round_trip::some(type);
  for (const auto* here = &type; here != nullptr; here = catalog.type(here->parent)) {
    auto parts = cloud::key_parts(type, ref.id);
    parts.resize(std::max<std::size_t>(here->key.size(), 1));
    auto one = cloud::at_home(*here, {ref.account, ref.region, here->name, cloud::join_key(parts)});
    json::Object record;
    for (std::size_t i = 0; i < here->key.size(); ++i) record[here->key[i]] = parts[i];
    resources[one.key()] = json::Object{{"record", std::move(record)}, {"aspects", initial_aspects(*here)}};
  }
  return {{"resources", std::move(resources)}};
}

TEST(WayBack, LeadsFromEveryWriteOfEveryAspectToWhatWasBefore) {
  std::set<std::string> never;  // hooks refuse what is arbitrary: addresses, references to other resources
  const auto subjects = round_trip::subjects(cloud::Catalog::embedded());
  for (const auto& subject : subjects) {
    bool came_back = false;
    for (int seed = 0; seed < rounds; ++seed) {
      VirtualClock clock;
      Cloud cloud({}, clock);
      auto imported = cloud.import_state(world_with(*subject.aspect->type, cloud.catalog()));
      ASSERT_TRUE(imported) << imported.error().text();
      auto result = round_trip::play(subject, seed, {.cloud = cloud, .catalog = cloud.catalog(),
                                                     .settle = [&] { clock.advance(settling); }});
      EXPECT_EQ(result.wrong, "") << subject.name() << " seed " << seed;
      came_back = came_back || result.came_back;
    }
    if (!came_back) never.insert(subject.name());
  }
  EXPECT_LT(never.size(), subjects.size() / 3) << fmt::format("{}", fmt::join(never, "\n"));
}

}  // namespace
}  // namespace aright::sandbox
