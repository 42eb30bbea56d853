// Nobody outlives a jail, at whatever moment it ends, and however.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/context.h"
#include "script/jail.h"

namespace aright::script {
namespace {

constexpr int moments = 150;  // each a little later than the one before: building a jail takes some milliseconds
constexpr auto moment = std::chrono::microseconds(200);

// Whoever loses its parent becomes a child of this test.
class Orphans : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    found_ = footing();
    ASSERT_TRUE(found_) << found_.error().message;
    known_ = children_of(::getpid());
  }
  void TearDown() override { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }

  // Reaps what ends; true when nobody is left but those that were there before, spare jails among them.
  bool all_gone() {
    auto patience = Context::within(seconds(20));
    do {
      for (pid_t child : children_of(::getpid()))
        if (!known(child)) ::waitpid(child, nullptr, WNOHANG);
      auto now = children_of(::getpid());
      if (std::ranges::none_of(now, [&](pid_t child) { return !known(child); })) return true;
    } while (patience.sleep(milliseconds(20)));
    return false;
  }
  bool known(pid_t pid) const { return std::ranges::find(known_, pid) != known_.end(); }
  const Footing& ground() const { return *found_; }

 private:
  Result<Footing> found_ = Footing{};
  std::vector<pid_t> known_;
};

TEST_F(Orphans, AreNoneWhenAJailIsEndedWhileItIsBuilt) {
  for (int i = 0; i < moments; ++i) {
    auto jail = start_jail(ground(), {.task_bytes = 1u << 20});
    ASSERT_TRUE(jail) << jail.error().message;
    ::usleep(static_cast<useconds_t>((moment * i).count()));
  }
  EXPECT_TRUE(all_gone());
}

TEST_F(Orphans, AreNoneWhenWhoeverBuildsAJailIsKilled) {
  for (int i = 0; i < moments; ++i) {
    pid_t builder = ::fork();
    if (builder == 0) {
      auto jail = start_jail(ground(), {.task_bytes = 1u << 20});
      while (jail) ::pause();
      ::_exit(1);
    }
    ::usleep(static_cast<useconds_t>((moment * i).count()));
    ::kill(builder, SIGKILL);
  }
  EXPECT_TRUE(all_gone());
}

}  // namespace
}  // namespace aright::script
