#include "base/lock.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace aright {
namespace {

TEST(FileLock, IsHeldByOneAtATimeAndGoesWithItsHolder) {
  TemporaryDirectory folder;
  auto path = folder.path() / "lock";
  {
    auto first = FileLock::take(path);
    ASSERT_TRUE(first) << first.error().text();
    auto second = FileLock::take(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict);
  }
  EXPECT_TRUE(FileLock::take(path));
}

TEST(FileLock, SaysWhyTheFileCannotBeOpened) {
  TemporaryDirectory folder;
  auto lock = FileLock::take(folder.path() / "nowhere" / "lock");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace aright
