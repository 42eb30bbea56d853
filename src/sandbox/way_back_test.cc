// Every write of every described aspect, there and back again, in the emulated cloud: what the sandbox derives from the
// descriptions is what everything else derives from them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cloud/round_trip.h"
#include "cloud/template.h"
#include "sandbox/cloud.h"
#include "sandbox/overlay.h"

namespace aright::sandbox {
namespace {

namespace round_trip = cloud::round_trip;

constexpr int rounds = 10;
constexpr auto settled_after = std::chrono::hours(24);  // longer than any slow change

// What creation gives, where it does not depend on the call.
json::Object initial_aspects(const cloud::ResourceType& type) {
  json::Object out;
  for (const auto& aspect : type.aspects)
    if (aspect.initial && cloud::placeholders(*aspect.initial).empty()) out[aspect.name] = *aspect.initial;
  return out;
}

// What views show beside the aspects, as creation fills it; what it draws is a text like any other.
json::Object record_of(const cloud::ResourceType& type, const cloud::ResourceRef& ref) {
  auto known = cloud::lookup_of(type, ref);
  auto filled = cloud::fill(json::Value(type.record), [&](std::string_view name) -> json::Value {
    if (name.starts_with("input.")) return nullptr;
    if (name.starts_with("now")) return json::Value("2024-05-01T10:00:00Z");
    auto value = known(name);
    return value.is_null() ? json::Value("drawn") : value;
  });
  return json::members(filled);
}

// The resource and its parents, as if just created.
json::Object world_with(const cloud::ResourceType& type, const cloud::Catalog& catalog) {
  json::Object resources;
  auto ref = round_trip::some(type);
  for (const auto* here = &type; here != nullptr; here = catalog.type(here->parent)) {
    auto parts = cloud::key_parts(type, ref.id);
    parts.resize(std::max<std::size_t>(here->key.size(), 1));
    auto one = cloud::at_home(*here, {ref.account, ref.region, here->name, cloud::join_key(parts)});
    auto record = record_of(*here, one);
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
                                                     .settle = [&] { clock.advance(settled_after); }});
      EXPECT_EQ(result.wrong, "") << subject.name() << " seed " << seed;
      came_back = came_back || result.came_back;
    }
    if (!came_back) never.insert(subject.name());
  }
  EXPECT_LT(never.size(), subjects.size() / 3) << fmt::format("{}", fmt::join(never, "\n"));
}

// A cloud of its own in which the subject's resource exists.
struct Home {
  explicit Home(const cloud::ResourceType& type) {
    auto imported = cloud.import_state(world_with(type, cloud.catalog()));
    EXPECT_TRUE(imported) << imported.error().text();
  }
  VirtualClock clock;
  Cloud cloud{{}, clock};
};

struct Return {
  bool taken = false;      // the write was made
  bool came_back = false;  // and its inverse was made on the overlay
  std::string wrong;       // "": nothing
};

// The subject's write as a plan makes it: on an overlay over one cloud, and in truth on its twin.
Return rehearse(const round_trip::Subject& subject, std::uint64_t seed) {
  const auto& aspect = *subject.aspect;
  const auto ref = round_trip::some(*aspect.type);
  Home twin(*aspect.type), below(*aspect.type);
  const auto& catalog = twin.cloud.catalog();
  cloud::Arbitrary arbitrary(seed);
  auto both_settle = [&] { twin.clock.advance(settled_after), below.clock.advance(settled_after); };
  // Some state to start from: what one takes, the other takes.
  for (const auto& first : aspect.writes) {
    auto call = round_trip::arbitrary_call(arbitrary, {&aspect, &first}, ref, catalog);
    if (!call || cloud::classify(*call, catalog).effect != cloud::Effect::write) continue;
    for (auto* home : {&twin, &below}) (void)home->cloud.call(*call, {});
    both_settle();
  }
  auto call = round_trip::arbitrary_call(arbitrary, subject, ref, catalog);
  if (!call) return {};
  auto before = cloud::read_image(below.cloud, *call, {}, catalog);
  if (!before) return {.wrong = before.error().text()};
  round_trip::match(*call, subject, ref, *before);

  below.cloud.clear_calls();
  Overlay overlay(below.cloud, {}, below.clock);
  auto done = twin.cloud.call(*call, {});
  auto rehearsed = overlay.call(*call, {});
  if (done.has_value() != rehearsed.has_value())
    return {.wrong = done ? "only the overlay refuses: " + rehearsed.error().text()
                          : "only the cloud refuses: " + done.error().text()};
  if (!below.cloud.calls().empty()) return {.wrong = "the write went through the overlay"};
  if (!done) return {};
  both_settle();
  auto now = cloud::read_again(twin.cloud, *before, {}, catalog);
  auto there = cloud::read_again(overlay, *before, {}, catalog);
  if (!now || !there) return {.wrong = (now ? there : now).error().text()};
  auto wrong = subject.write->decided ? "" : round_trip::unlike(aspect, *there, *now, "on the overlay");
  if (!wrong.empty()) return {.taken = true, .wrong = wrong};

  const auto writes = overlay.writes();
  if (writes.size() != 1 || writes[0].call.name() != call->name())
    return {.taken = true, .wrong = "the rehearsed writes are not the one that was made"};
  const bool moved = !round_trip::unlike(aspect, *there, *before, "").empty();
  if (moved && overlay.difference().empty()) return {.taken = true, .wrong = "the difference is empty"};
  if (!writes[0].reversible) return {.taken = true};
  for (auto back : writes[0].inverse) {
    round_trip::match(back, subject, ref, *there);
    if (auto undone = overlay.call(back, {}); !undone)
      return {.taken = true, .wrong = back.name() + " of the inverse: " + undone.error().text()};
    both_settle();
  }
  auto after = cloud::read_again(overlay, *before, {}, catalog);
  if (!after) return {.taken = true, .wrong = after.error().text()};
  wrong = round_trip::unlike(aspect, *after, *before, "after the inverse");
  return {.taken = true, .came_back = wrong.empty(), .wrong = wrong};
}

TEST(APlan, OfEveryWriteOfEveryAspectIsWhatTheCloudThenDoes) {
  constexpr int tries = 3;
  std::set<std::string> types, taken, came_back;
  for (const auto& subject : round_trip::subjects(cloud::Catalog::embedded())) {
    types.insert(subject.aspect->type->name);
    for (int seed = 0; seed < tries; ++seed) {
      auto result = rehearse(subject, static_cast<std::uint64_t>(seed));
      EXPECT_EQ(result.wrong, "") << subject.name() << " seed " << seed;
      if (result.taken) taken.insert(subject.aspect->type->name);
      if (result.came_back) came_back.insert(subject.aspect->type->name);
    }
  }
  // Some types refuse whatever is arbitrary; plans_test.cc has all of them.
  std::set<std::string> never;
  std::ranges::set_difference(types, came_back, std::inserter(never, never.end()));
  EXPECT_LT(never.size(), types.size() / 4) << fmt::format("{}", fmt::join(never, "\n"));
  RecordProperty("types", static_cast<int>(types.size()));
  RecordProperty("types_taken", static_cast<int>(taken.size()));
  RecordProperty("types_came_back", static_cast<int>(came_back.size()));
}

}  // namespace
}  // namespace aright::sandbox
