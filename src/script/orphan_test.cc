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

using Build = void (*)(const Footing&, useconds_t);

// Reaps what ends. How many children do not, of themselves, in good time.
int left_behind() {
  auto patience = Context::within(seconds(30));
  std::vector<pid_t> left;
  do {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    left = children_of(::getpid());
  } while (!left.empty() && patience.sleep(milliseconds(20)));
  for (pid_t child : left) ::kill(child, SIGKILL);
  return static_cast<int>(left.size());
}

// Builds and ends jails in a process that has no other children, and becomes the parent of whoever loses its own. How
// many are left behind; -1 when it could not be tried.
int orphans_of(Build build) {
  auto ground = footing();
  if (!ground) return -1;
  pid_t world = ::fork();
  if (world == 0) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < moments; ++i) build(*ground, static_cast<useconds_t>((moment * i).count()));
    ::_exit(left_behind());
  }
  int status = 0;
  ::waitpid(world, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Orphans, AreNoneWhenAJailIsEndedWhileItIsBuilt) {
  EXPECT_EQ(orphans_of([](const Footing& ground, useconds_t later) {
              auto jail = start_jail(ground, {.task_bytes = 1u << 20});
              if (!jail) ::_exit(moments);
              ::usleep(later);
            }),
            0);
}

// bwrap asks to die with its parent, then lets its child go on: two system calls, one behind the other. Only who dies
// just between them leaves that child waiting.
TEST(Orphans, AreAsGoodAsNoneWhenWhoeverBuildsAJailIsKilled) {
  auto left = orphans_of([](const Footing& ground, useconds_t later) {
    pid_t builder = ::fork();
    if (builder == 0) {
      auto jail = start_jail(ground, {.task_bytes = 1u << 20});
      while (jail) ::pause();
      ::_exit(1);
    }
    ::usleep(later);
    ::kill(builder, SIGKILL);
  });
  EXPECT_GE(left, 0);
  EXPECT_LE(left, 1);
}

}  // namespace
}  // namespace aright::script
