// What a script can reach and exhaust, tried from inside, on each footing that this machine allows.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/file.h"
#include "script/fake_door.h"
#include "script/run.h"

namespace aright::script {
namespace {

class Jailed : public testing::TestWithParam<Footing> {
 protected:
  Outcome run(const Program& program, const Context& context = {}) {
    auto outcome = run_on(GetParam(), program, door, context);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().text();
    return {};
  }
  // What main() returns, given its body.
  json::Value result(std::string_view body) {
    Outcome outcome = run(script(std::string(prelude) + std::string(body)));
    EXPECT_TRUE(outcome.ok) << outcome.error_type << ": " << outcome.error_message << "\n"
                            << outcome.log;
    return outcome.result;
  }

  // attempt(f, …) is the name of what stops it, or what it got.
  static constexpr std::string_view prelude = R"(
import ctypes, errno, os, signal, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, *arguments):
  try:
    return str(what(*arguments))
  except OSError as error:
    return errno.errorcode[error.errno]
def syscall(*arguments):
  if libc.syscall(*arguments) == -1:
    return errno.errorcode[ctypes.get_errno()]
  return "done"
)";
  FakeDoor door;
};

std::vector<Footing> footings() {
  if (::geteuid() != 0) return {{.user_namespace = true, .as_root = false}};
  return {{.user_namespace = true, .as_root = true}, {.user_namespace = false, .as_root = true}};
}
INSTANTIATE_TEST_SUITE_P(Footings, Jailed, testing::ValuesIn(footings()), [](const auto& info) {
  return info.param.user_namespace ? "UserNamespace" : "Root";
});

TEST(CanJail, HoldsOnThisMachine) {
  auto can = can_jail();
  EXPECT_TRUE(can) << can.error().text();
}

TEST_P(Jailed, HasNoNetwork) {
  EXPECT_EQ(result(R"(
def main(events, context):
  kinds = [(socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_DGRAM), (socket.AF_UNIX, socket.SOCK_STREAM),
           (socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_VSOCK, socket.SOCK_STREAM),
           (socket.AF_ALG, socket.SOCK_SEQPACKET)]
  return [attempt(socket.socket, *kind) for kind in kinds]
)"),
            (json::Value{"EPERM", "EPERM", "EPERM", "EPERM", "EPERM", "EPERM", "EPERM"}));
}

TEST_P(Jailed, CannotAskTheMetadataServiceOrAName) {
  EXPECT_EQ(result(R"(
import urllib.request
def main(events, context):
  seen = []
  for url in ("http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://localhost/", "https://example.com/"):
    try:
      seen.append(urllib.request.urlopen(url, timeout=2).read().decode())
    except OSError as error:
      seen.append("nothing")
  return seen
)"),
            (json::Value{"nothing", "nothing", "nothing", "nothing"}));
}

TEST_P(Jailed, CannotMakeTheSystemCallsThatLeadOut) {
  EXPECT_EQ(result(R"(
NUMBERS = dict(ptrace=101, mount=165, umount2=166, pivot_root=155, chroot=161, unshare=272, setns=308, keyctl=250, add_key=248,
               request_key=249, bpf=321, perf_event_open=298, userfaultfd=323, io_uring_setup=425, memfd_create=319,
               memfd_secret=447, process_vm_readv=310, process_vm_writev=311, open_by_handle_at=304, name_to_handle_at=303,
               kexec_load=246, init_module=175, finit_module=313, reboot=169, swapon=167, syslog=103, personality=135,
               shmget=29, msgget=68, semget=64, mq_open=240, move_mount=429, fsopen=430, open_tree=428, fanotify_init=300,
               inotify_init1=294, quotactl=179, mknod=133, settimeofday=164, clock_settime=227, sethostname=170, socket=41,
               bind=49, listen=50, connect=42, accept=43, accept4=288, seccomp=317, kcmp=312, pidfd_getfd=438, acct=163,
               setxattr=188, vmsplice=278, move_pages=279, landlock_create_ruleset=444, lookup_dcookie=212, iopl=172, modify_ldt=154)
def main(events, context):
  if os.uname().machine != "x86_64":
    return []
  return [name for name, number in NUMBERS.items() if syscall(number, 0, 0, 0, 0, 0, 0) != "EPERM"]
)"),
            json::Array());
}

TEST_P(Jailed, CannotMakeNamespacesOrTheTerminalItsOwn) {
  EXPECT_EQ(result(R"(
def main(events, context):
  if os.uname().machine != "x86_64":
    return ["EPERM"] * 8 + ["ENOSYS", "EPERM", "EPERM"]
  flags = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x7e020000)
  news = [syscall(56, flag | signal.SIGCHLD, 0, 0, 0, 0) for flag in flags]
  TIOCSTI, TIOCLINUX = 0x5412, 0x541C
  return news + [syscall(435, 0, 0), syscall(16, 0, TIOCSTI, 0), syscall(16, 0, TIOCLINUX, 0)]
)"),
            (json::Value{"EPERM", "EPERM", "EPERM", "EPERM", "EPERM", "EPERM", "EPERM", "EPERM",
                         "ENOSYS", "EPERM", "EPERM"}));
}

TEST_P(Jailed, IsNobodyAndGainsNothing) {
  EXPECT_EQ(result(R"(
def main(events, context):
  PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ = 39, 23
  bounding = sum(libc.prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1 for c in range(41))
  header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
  libc.capget(header, data)
  return [os.getuid() != 0, libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), list(data), bounding,
          attempt(os.setuid, 0) in ("EPERM", "EINVAL"), attempt(os.setgid, 0) in ("EPERM", "EINVAL"),
          attempt(os.setgroups, [0]), attempt(os.chroot, "/tmp"), attempt(os.nice, -5)]
)"),
            (json::Value{true, 1, json::Array{0, 0, 0, 0, 0, 0}, 0, true, true, "EPERM", "EPERM",
                         "EPERM"}));
}

TEST_P(Jailed, SeesNoFilesOfTheHost) {
  TemporaryDirectory secret;
  std::ofstream(secret.path() / "key") << "canary";
  Program program = script(std::string(prelude) + R"(
def main(events, context):
  paths = ["/etc/shadow", "/etc/passwd", "/root", "/home", "/proc", "/proc/self", "/sys", "/run", "/boot", "/var/lib", "/var/run",
           "/usr/local", "/usr/src", "/dev/mem", "/dev/kmsg", "/dev/tty", "/dev/ptmx", "/dev/shm", "/dev/kvm", "/dev/fuse",
           events["secret"]]
  return [path for path in paths if os.path.lexists(path)] + os.listdir("/tmp")
)",
                           json::Object{{"secret", secret.path().string()}});
  EXPECT_EQ(run(program).result, json::Array());
}

TEST_P(Jailed, WritesOnlyToItsOwnFolders) {
  EXPECT_EQ(result(R"(
def write(path):
  with open(path, "w") as out:
    out.write("x")
def main(events, context):
  places = ("/x", "/usr/x", "/usr/bin/x", "/usr/lib/python3/dist-packages/boto3/__init__.py", "/dev/x", "/var/x")
  return [attempt(write, place) for place in places] + [attempt(write, "/tmp/x"), attempt(os.rename, "/usr", "/tmp/usr")]
)"),
            (json::Value{"EROFS", "EROFS", "EROFS", "EROFS", "EROFS", "EROFS", "None", "EXDEV"}));
}

TEST_P(Jailed, GetsNowhereWithLinks) {
  EXPECT_EQ(result(R"(
def read(path):
  with open(path) as file:
    return file.read()
def main(events, context):
  os.symlink("/etc/shadow", "/tmp/shadow")
  os.symlink("../../../../../../etc/shadow", "/tmp/up")
  os.symlink("/tmp/loop", "/tmp/loop")
  os.mkdir("/tmp/deep")
  os.chdir("/tmp/deep")
  return [attempt(read, "/tmp/shadow"), attempt(read, "/tmp/up"), attempt(read, "/tmp/loop"),
          attempt(os.link, "/usr/bin/python3", "/tmp/python"), attempt(os.listdir, "/proc/self/root"),
          attempt(os.mknod, "/tmp/disk", 0o600 | 0o060000, os.makedev(8, 0))]
)"),
            (json::Value{"ENOENT", "ENOENT", "ELOOP", "EXDEV", "ENOENT", "EPERM"}));
}

TEST_P(Jailed, InheritsNoEnvironmentAndNoDescriptors) {
  ::setenv("ARIGHT_CANARY", "canary", 1);
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);  // without close-on-exec, as another library may leave it
  json::Value seen = result(R"(
def main(events, context):
  kinds = {}
  for fd in range(1024):
    try:
      os.fstat(fd)
      kinds[fd] = True
    except OSError:
      pass
  child = subprocess.run(["/usr/bin/env"], capture_output=True, text=True, close_fds=False)
  return [sorted(kinds), "ARIGHT_CANARY" in os.environ, "canary" in child.stdout, os.environ.get("AWS_SECRET_ACCESS_KEY")]
)");
  ::close(pipes[0]);
  ::close(pipes[1]);
  ::unsetenv("ARIGHT_CANARY");
  EXPECT_EQ(seen, (json::Value{json::Array{0, 1, 2, 3}, false, false, nullptr}));
}

TEST_P(Jailed, DoesNotHandItsLineToItsChildren) {
  EXPECT_EQ(result(R"(
def main(events, context):
  child = subprocess.run([sys.executable or "/usr/bin/python3", "-c", "import os; os.fstat(3);"], capture_output=True, text=True,
                         close_fds=False)
  return "Bad file descriptor" in child.stderr
)"),
            json::Value(true));
}

TEST_P(Jailed, SeesAndSignalsNoOtherProcesses) {
  EXPECT_EQ(result(R"(
def main(events, context):
  seen = [pid for pid in range(1, 40000) if attempt(os.kill, pid, 0) in ("None", "EPERM")]
  return [all(pid <= 3 for pid in seen), attempt(os.kill, 1, signal.SIGKILL) in ("None", "EPERM")]
)"),
            (json::Value{true, true}));
}

TEST_P(Jailed, EndsAForkBomb) {
  Program program = script(R"(
import os, time
def main(events, context):
  while True:
    try:
      os.fork()
    except OSError:
      time.sleep(0.05)
)");
  program.limits.wall = milliseconds(1'500);
  program.limits.processes_max = 16;
  Outcome outcome = run(program);
  EXPECT_EQ(outcome.error_type, "Sandbox.Timedout") << outcome.error_message << outcome.log;
  EXPECT_LT(outcome.took, milliseconds(8'000));
}

TEST_P(Jailed, MayUseThreadsWithinItsLimit) {
  EXPECT_EQ(result(R"(
from concurrent.futures import ThreadPoolExecutor
def main(events, context):
  with ThreadPoolExecutor(10) as pool:
    few = sum(pool.map(lambda i: i, range(100)))
  gate, born = threading.Event(), 0
  try:
    for _ in range(200):
      threading.Thread(target=gate.wait, daemon=True).start()
      born += 1
  except RuntimeError:
    pass
  gate.set()
  return [few, born < 64]
)"),
            (json::Value{4950, true}));
}

TEST_P(Jailed, GetsAMemoryErrorForTooMuchMemory) {
  Program program = script("def main(events, context):\n  return len(bytearray(1 << 30))\n");
  program.limits.memory_bytes = 128u << 20;
  Outcome outcome = run(program);
  EXPECT_EQ(outcome.error_type, "MemoryError");
}

TEST_P(Jailed, EndsAMemoryBombOfManyProcesses) {
  Program program = script(R"(
import os, time
def main(events, context):
  for _ in range(8):
    if os.fork() == 0:
      held = bytearray(os.urandom(1 << 20) * 60)
      time.sleep(60)
  time.sleep(60)
)");
  program.limits.memory_bytes = 128u << 20;
  Outcome outcome = run(program);
  EXPECT_EQ(outcome.error_type, "Runtime.OutOfMemory") << outcome.error_message;
}

TEST_P(Jailed, EndsAMemoryBombOfSharedPages) {
  Program program = script(R"(
import mmap, time
def main(events, context):
  held = []
  while True:
    held.append(mmap.mmap(-1, 32 << 20))
    held[-1].write(b"x" * (32 << 20))
)");
  program.limits.memory_bytes = 128u << 20;
  Outcome outcome = run(program);
  EXPECT_FALSE(outcome.ok);
  EXPECT_TRUE(outcome.error_type == "Runtime.OutOfMemory" || outcome.error_type == "OSError")
      << outcome.error_type;
}

TEST_P(Jailed, FillsNoMoreDiskThanItsOwn) {
  Program program = script(R"(
import errno
def main(events, context):
  full = []
  for number in range(8):
    try:
      with open(f"/tmp/{number}", "wb") as out:
        for _ in range(64):
          out.write(bytes(1 << 20))
    except OSError as error:
      full.append(errno.errorcode[error.errno])
  return full[-1]
)");
  program.limits.disk_bytes = 8u << 20;
  Outcome outcome = run(program);
  EXPECT_EQ(outcome.result, "ENOSPC") << outcome.error_type << outcome.error_message;
}

TEST_P(Jailed, KeepsTheEndOfEndlessOutput) {
  Program program = script(R"(
import sys
def main(events, context):
  for number in range(200_000):
    sys.stdout.write(f"line {number} \u00e4\u20ac\n") if number % 2 else sys.stderr.write(f"line {number}\n")
  sys.stdout.buffer.write(b"\xff\xfe")
)");
  Outcome outcome = run(program);
  EXPECT_TRUE(outcome.ok) << outcome.error_message;
  EXPECT_LE(outcome.log.size(), log_bytes_max);
  EXPECT_TRUE(outcome.log.starts_with("[the beginning is not kept]\n"));
  EXPECT_NE(outcome.log.find("line 199998\nline 199999 \u00e4\u20ac\n"), std::string::npos);
  EXPECT_TRUE(outcome.log.ends_with("\xEF\xBF\xBD\xEF\xBF\xBD"));
  EXPECT_TRUE(json::parse(json::print(json::Value(outcome.log))));
}

// Not at its timeout, which here is longer than a test may take.
TEST_P(Jailed, StopsEndlessOutputAtItsBound) {
  for (const char* printing : {"print('x' * 1000)", "sys.stderr.write('x' * 100_000)", "os.system('yes')"}) {
    Program program = script(fmt::format(R"(
import os, sys
def main(events, context):
  while True:
    {}
)", printing));
    program.request_id = "7a1c";
    program.limits.output_bytes = 2u << 20;
    program.limits.wall = milliseconds(3'600'000);
    Outcome outcome = run(program);
    EXPECT_EQ(outcome.error_type, "Runtime.OutputTooLarge") << printing;
    EXPECT_EQ(outcome.error_message,
              "RequestId: 7a1c Error: Runtime exited with error: signal: killed (it printed more than 2 MB)");
    EXPECT_LE(outcome.log.size(), log_bytes_max);
    EXPECT_TRUE(outcome.log.starts_with("[the beginning is not kept]\n")) << printing;
  }
}

// Printed by a process that goes on while the handler waits for an answer: nobody reads lines then, and yet it ends.
TEST_P(Jailed, StopsEndlessOutputOfAProcessLeftBehind) {
  Program program = script(R"(
import os, time
def main(events, context):
  if os.fork() == 0:
    os.execv("/usr/bin/yes", ["yes"])
  time.sleep(3600)
)");
  program.limits.output_bytes = 1u << 20;
  program.limits.wall = milliseconds(3'600'000);
  EXPECT_EQ(run(program).error_type, "Runtime.OutputTooLarge");
}

TEST_P(Jailed, EndsAnEndlessLoopAndKeepsItsOutput) {
  Program program =
      script("def main(events, context):\n  print('working', end='')\n  while True: pass\n");
  program.request_id = "7a1c";
  program.limits.wall = milliseconds(700);
  Outcome outcome = run(program);
  EXPECT_EQ(outcome.error_type, "Sandbox.Timedout");
  EXPECT_EQ(outcome.error_message, "RequestId: 7a1c Error: Task timed out after 0.70 seconds");
  EXPECT_EQ(outcome.log, "working");
  EXPECT_LT(outcome.took, milliseconds(8'000));
}

TEST_P(Jailed, CannotEscapeTheClockBySignalsAndSessions) {
  Program program = script(R"(
import os, signal, time
def main(events, context):
  for number in range(1, 65):
    try:
      signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
      pass
  signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
  if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
      os.close(1); os.close(2)
  while True:
    time.sleep(1)
)");
  program.limits.wall = milliseconds(700);
  EXPECT_EQ(run(program).error_type, "Sandbox.Timedout");
}

TEST_P(Jailed, LeavesNoProcessBehind) {
  Program program = script(R"(
import os, time
def main(events, context):
  for _ in range(4):
    if os.fork() == 0:
      os.setsid()
      while True:
        print("alive")
        time.sleep(0.01)
  time.sleep(0.2)
  return "left"
)");
  Outcome outcome =
      run(program);  // having waited for the end of the output, which every child holds open
  EXPECT_EQ(outcome.result, "left");
  EXPECT_NE(outcome.log.find("alive"), std::string::npos);
  EXPECT_LT(outcome.took, milliseconds(8'000));
}

TEST_P(Jailed, RefusesAHugeResult) {
  Outcome outcome = run(script("def main(events, context):\n  return 'x' * (7 << 20)\n"));
  EXPECT_EQ(outcome.error_type, "Function.ResponseSizeTooLarge");
}

TEST_P(Jailed, SurvivesRubbishOnItsLine) {
  for (const char* rubbish :
       {"b'rubbish\\n'", "b'[1]\\n'", "b'[' * 1000000 + b'\\n'", "b'\\xff\\xfe\\n'",
        "b'x' * (20 << 20)", "b'{\"call\": 1}\\n'", "b'{\"return\": \"\\\\ud800\"}\\n'"}) {
    Outcome outcome = run(script(
        fmt::format("import os\ndef main(events, context):\n  data = {}\n"
                    "  while data: data = data[os.write(3, data):]\n  import time; time.sleep(9)\n",
                    rubbish)));
    EXPECT_FALSE(outcome.ok) << rubbish;
    EXPECT_LT(outcome.took, milliseconds(8'000)) << rubbish;
  }
}

TEST_P(Jailed, EndsWhenItClosesItsLine) {
  Outcome outcome =
      run(script("import os, time\ndef main(events, context):\n  os.close(3)\n  time.sleep(15)\n"));
  EXPECT_EQ(outcome.error_type, "Runtime.ExitError");
  EXPECT_LT(outcome.took, milliseconds(8'000));
}

TEST_P(Jailed, TellsHowAProcessDied) {
  EXPECT_EQ(run(script("import os\ndef main(events, context):\n  os._exit(3)\n")).error_message,
            "Runtime exited with error: exit status 3");
  EXPECT_EQ(run(script("import os\ndef main(events, context):\n  os.abort()\n")).error_message,
            "Runtime exited with error: signal: 6");
  EXPECT_EQ(run(script("import ctypes\ndef main(events, context):\n  ctypes.string_at(0)\n"))
                .error_message,
            "Runtime exited with error: signal: 11");
}

TEST_P(Jailed, StopsWhenAsked) {
  std::stop_source stop;
  std::jthread soon([&] {
    ::usleep(400'000);
    stop.request_stop();
  });
  auto outcome = run_on(GetParam(), script("import time\ndef main(e, c):\n  time.sleep(15)\n"),
                        door, Context{.stop = stop.get_token()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::cancelled);
}

TEST_P(Jailed, StopsAtTheDeadlineOfItsCaller) {
  auto outcome = run_on(GetParam(), script("import time\ndef main(e, c):\n  time.sleep(15)\n"),
                        door, Context::within(milliseconds(700)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::deadline);
}

TEST_P(Jailed, RunsFourAtOnceWithoutTouchingEachOther) {
  std::vector<std::future<Outcome>> runs;
  for (int i = 0; i < 4; ++i)
    runs.push_back(std::async(std::launch::async, [this, i] {
      FakeDoor own([i](const aws::Call&, const Context&) {
        return json::Object{{"Account", std::to_string(i)}};
      });
      auto outcome = run_on(GetParam(), script(R"(
import boto3, os, time
def main(events, context):
  with open("/tmp/mine", "x") as out:
    out.write("x")
  for _ in range(20):
    account = boto3.client("sts").get_caller_identity()["Account"]
  return [account, len(os.listdir("/tmp"))]
)"),
                            own, Context());
      return outcome.value_or(Outcome{});
    }));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(runs[i].get().result, (json::Value{std::to_string(i), 1}));
}

}  // namespace
}  // namespace aright::script
