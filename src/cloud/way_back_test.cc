// Every write of every described aspect, there and back again, on a cloud that knows nothing but
// the descriptions.
#include <gmock/gmock.h>

#include "cloud/fake_cloud_test.h"
#include "cloud/round_trip.h"

namespace aright::cloud {
namespace {

constexpr int rounds = 20;

TEST(WayBack, LeadsFromEveryWriteOfEveryAspectToWhatWasBefore) {
  const auto& catalog = Catalog::embedded();
  for (const auto& subject : round_trip::subjects(catalog)) {
    bool came_back = false;
    for (int seed = 0; seed < rounds; ++seed) {
      const auto* type = subject.aspect->type;
      auto ref = round_trip::some(*type);
      FakeCloud cloud(catalog);
      auto& state = cloud.at(ref.type, ref.id);
      if (subject.aspect->initial) state[subject.aspect->name] = *subject.aspect->initial;
      auto result = round_trip::play(subject, seed, {.cloud = cloud, .catalog = catalog});
      EXPECT_EQ(result.wrong, "") << subject.name() << " seed " << seed;
      EXPECT_FALSE(result.refused) << subject.name() << " seed " << seed;
      came_back = came_back || result.came_back;
    }
    EXPECT_TRUE(came_back) << subject.name() << " never found a way back";
  }
}

}  // namespace
}  // namespace aright::cloud
