#include "base/id.h"

#include <gtest/gtest.h>

#include "base/seeded_ids.h"

namespace aright {
namespace {

TEST(Ids, AreTheSameWhileTheirSeedIs) {
  std::string first, second, other;
  {
    SeededIds ids(7);
    first = ulid({1'000}) + uuid();
  }
  {
    SeededIds ids(7);
    second = ulid({1'000}) + uuid();
  }
  {
    SeededIds ids(8);
    other = ulid({1'000}) + uuid();
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first, other);
  EXPECT_NE(ulid({1'000}), ulid({1'000}));
}

}  // namespace
}  // namespace aright
