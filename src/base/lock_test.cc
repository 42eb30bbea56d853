#include "base/lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/clock.h"
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

TEST(FileLock, WaitsForAHolderThatWasKilledAndHasNotEndedYet) {
  TemporaryDirectory folder;
  auto path = folder.path() / "lock";
  auto gone = ::fork();
  if (gone == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
  ASSERT_TRUE(write_file(path, std::to_string(gone) + "\n"));
  int last_write = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(last_write, LOCK_EX), 0);
  std::jthread disk([&] {
    std::this_thread::sleep_for(milliseconds(100));
    ::close(last_write);
  });
  auto next = FileLock::take(path);
  EXPECT_TRUE(next) << next.error().text();
  EXPECT_EQ(read_file(path).value(), std::to_string(::getpid()) + "\n") << "for whoever comes next";
}

TEST(FileLock, SaysWhyTheFileCannotBeOpened) {
  TemporaryDirectory folder;
  auto lock = FileLock::take(folder.path() / "nowhere" / "lock");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace aright
