#pragma once
// A PostgreSQL server of a test's own: on a Unix socket in a fresh directory, gone with the process that started it.
// Not part of the module: tests include it.

#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "store/postgres.h"

namespace aright::store {

inline constexpr const char* postgres_programs = "/usr/lib/postgresql/15/bin";
inline constexpr int start_looks_max = 600;  // 100 ms apart

class PrivatePostgres {
 public:
  PrivatePostgres() {
    auto data = directory_.path() / "data";
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);  // the server is another user
    run({"initdb", "--no-sync", "--auth=trust", "--username=aright", "--locale=C", "--encoding=UTF8", "-D",
         data.string()});
    server_ = start({"postgres", "-D", data.string(), "-k", directory_.path().string(), "-c", "listen_addresses=",
                     "-c", "fsync=off", "-c", "max_connections=60"});
    for (int look = 0; look < start_looks_max && !engine("public")->connect(Access::read); ++look)
      std::this_thread::sleep_for(milliseconds(100));
  }
  ~PrivatePostgres() {
    kill(server_, SIGINT);
    waitpid(server_, nullptr, 0);
  }
  // One for all tests of a process.
  static PrivatePostgres& shared() {
    static PrivatePostgres server;
    return server;
  }

  std::string url() const { return "postgresql:///postgres?user=aright&host=" + directory_.path().string(); }
  std::unique_ptr<Engine> engine(std::string schema) const {
    return postgres_engine({.url = url(), .schema = std::move(schema)});
  }
  // With tables of its own.
  std::unique_ptr<Engine> fresh() { return engine("s" + std::to_string(++schemas_)); }
  pid_t process() const { return server_; }

 private:
  // As the user postgres where we are root: the server does not run as that.
  static pid_t start(std::vector<std::string> words) {
    auto child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGINT);
    if (const auto* user = getuid() == 0 ? getpwnam("postgres") : nullptr)
      if (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
    std::ignore = freopen("/dev/null", "w", stdout);
    std::ignore = freopen("/dev/null", "w", stderr);
    auto program = std::string(postgres_programs) + "/" + words[0];
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  static void run(std::vector<std::string> words) {
    int status = 0;
    waitpid(start(std::move(words)), &status, 0);
    EXPECT_EQ(status, 0) << "the private PostgreSQL did not start; is Debian's postgresql-15 installed?";
  }

  TemporaryDirectory directory_{"aright-postgres-"};
  pid_t server_ = 0;
  int schemas_ = 0;
};

}  // namespace aright::store
