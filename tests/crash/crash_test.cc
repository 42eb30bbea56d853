// Kills aright at every append of the four examples, before and after its commit, starts it again, and compares with a
// run that nobody killed: everything is resolved, the ledger is sound, every write was made exactly as often, and none
// without an intent on record.
//
// The cloud is a sandbox in this process, reached over HTTP; aright is a child process that is really killed.
//   crash_test               all examples, all crash points
//   crash_test --half        all examples; of the appends in turn one before and one after its commit
//   crash_test NAME [POINT]  one example; at one point, such as before:17

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/file.h"
#include "cli/demo_events.h"
#include "cli/house.h"
#include "trial/seed.h"
#include "remediation/narrate.h"
#include "remediation/projection.h"
#include "sandbox/http_server.h"

namespace aright {
namespace {

using remediation::State;

constexpr double speed = 600;
constexpr seconds run_timeout{60};
constexpr int restarts_max = 3;
constexpr const char* account = sandbox::default_account;

Context limited() { return Context::within(milliseconds(run_timeout)); }

// ── the child: aright over HTTP, one example, until all is at rest ──────────────────────────────────────────────────

Result<> give_signals(cli::House& house, std::string_view example, const json::Object& seeded) {
  auto now = house.clock().now();
  auto accept = [&](json::Object event) -> Result<> {
    event["id"] = fmt::format("{}-{}", example, json::text(event, "source"));
    CHECK_OK(house.engine().accept_event(std::move(event)));
    return {};
  };
  if (example == "config-rule") return accept(cli::config_event("acme-reports", account, now));
  if (example == "lambda-function") {
    CHECK_OK(house.engine().scan({"restricted-ssh"}, limited()));
    return {};
  }
  if (example == "automation-document")
    return accept(cli::guardduty_event(cli::instance_of(seeded, "build7"), account, now));
  CHECK_OK(accept(cli::securityhub_event("acme-press", account, now)));
  return accept(cli::cloudtrail_event("acme-website-assets", account, now));
}

// Whoever may approve does, once it is asked for.
Result<> approve_what_waits(cli::House& house, const std::vector<json::Value>& remediations) {
  const remediation::Actor ana{.name = "ana", .arn = "arn:aws:iam::111122223333:role/SecurityApprover"};
  for (const auto& item : remediations) {
    if (json::text(item, "stage", "") != "awaiting_approval") continue;
    auto id = TRY(RemediationId::parse(json::text(item, "id", "")));
    CHECK_OK(house.engine().approve(id, json::text(item, "plan_hash", ""), ana, ""));
  }
  auto steps = TRY(house.engine().executor().waiting_for_people());
  for (const auto& step : steps) {
    auto id = TRY(ExecutionId::parse(json::text(step, "execution", "")));
    CHECK_OK(house.engine().signal_execution(id, "Approve", json::text(step, "step", ""), ana, ""));
  }
  return {};
}

Result<> play(const std::string& url, const std::string& ledger, const std::string& example,
              const std::string& crash_at, const json::Object& seeded) {
  cli::HouseOptions options{.policy_text = std::string(cli::demo_policy()), .policy_directory = ".",
                            .ledger_path = ledger,
                            .state_directory = std::filesystem::path(ledger).parent_path().string(),  // with the keys
                            .target = url, .speed = speed};
  if (!crash_at.empty()) options.crash_at = TRY(ledger::parse_crash_point(crash_at));
  auto house = TRY(cli::House::open(std::move(options)));
  CHECK_OK(give_signals(*house, example, seeded));
  auto context = limited();
  while (true) {
    CHECK_OK(house->engine().settle(context));
    auto list = TRY(remediation::list_remediations(house->ledger(), {}));
    CHECK_OK(approve_what_waits(*house, list));
    bool resolved = !list.empty() && std::ranges::all_of(list, [](const auto& item) {
      return json::text(item, "stage", "") == "resolved";
    });
    if (resolved && (example != "event-orchestration" || list.size() == 2)) return {};
    for (const auto& item : list)
      if (json::text(item, "stage", "") == "escalated" || json::text(item, "stage", "") == "closed")
        return fail(Errc::internal, "{} ended {}", json::text(item, "id", ""), json::text(item, "stage", ""));
    CHECK_OK(context.sleep(milliseconds(2)));
  }
}

int child(char** argv) {
  auto seeded = json::parse(read_file(argv[6]).value()).value();
  auto played = play(argv[2], argv[3], argv[4], std::string(argv[5]) == "-" ? "" : argv[5], seeded.as_object());
  if (!played) fmt::print(stderr, "child: {}\n", played.error().text());
  return played ? 0 : 1;
}

// ── the parent ───────────────────────────────────────────────────────────────────────────────────────────────────────

constexpr std::size_t told_max = 14;  // of the story, when it went wrong

struct Outcome {
  std::map<std::string, int> writes;  // by operation: how often the cloud was changed
  std::uint64_t appends = 0;
  std::string fault;
  std::string story;                  // its last milestones
};

std::string story_of(const ledger::Ledger& ledger) {
  std::vector<std::string> lines;
  auto entries = ledger.read(1, ledger::read_entries_max).value();
  for (const auto& entry : entries)
    if (remediation::is_milestone(entry)) lines.push_back("    " + remediation::narrate(entry));
  if (lines.size() > told_max) lines.erase(lines.begin(), lines.end() - told_max);
  return fmt::format("{}", fmt::join(lines, "\n"));
}

int run_child(const std::string& self, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(self.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = vfork();
  if (pid == 0) {
    execv(self.c_str(), argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

// Notices are delivered at least once, from the outbox; everything else is a write of a remediation.
std::vector<sandbox::WriteRecord> writes_of_remediations(const sandbox::Cloud& cloud) {
  auto writes = cloud.calls();
  std::erase_if(writes, [](const auto& write) { return write.call.service == "sns"; });
  return writes;
}

// Every write that the cloud saw was intended on the ledger before.
std::string unintended(const ledger::Ledger& ledger, const std::vector<sandbox::WriteRecord>& writes) {
  std::map<std::string, int> intended;
  for (std::uint64_t from = 1; from <= ledger.size(); from += 1000) {
    auto page = ledger.read(from, 1000).value();
    for (const auto& entry : page) {
      if (entry.kind != remediation::entry::call_intended) continue;
      const auto& call = json::at(entry.body, "call");
      ++intended[json::text(call, "service", "") + ":" + json::text(call, "operation", "")];
    }
  }
  for (const auto& write : writes)
    if (intended[write.call.name()]-- <= 0) return write.call.name() + " was made without an intent";
  return "";
}

Outcome run(const std::string& self, const std::string& example, const std::string& crash_at) {
  TemporaryDirectory directory("aright-crash-");
  SystemClock system;
  ScaledClock clock(system, speed);
  sandbox::Cloud cloud({}, clock);
  auto seeded = trial::seed(cloud, cli::demo_account(), account, "us-east-1", limited());
  if (!seeded) return {.fault = seeded.error().text()};
  if (example == "event-orchestration") {
    auto opened = trial::seed(cloud, cli::opened_bucket, account, "us-east-1", limited());
    if (!opened) return {.fault = opened.error().text()};
  }
  cloud.clear_calls();
  sandbox::Front front(cloud, sandbox::demonstration_keys(), system);
  auto server = sandbox::HttpServer::start(front);
  if (!server) return {.fault = server.error().text()};
  auto ledger_path = (directory.path() / "ledger.db").string();
  auto seeded_path = (directory.path() / "seeded.json").string();
  if (!write_file(seeded_path, json::print(*seeded))) return {.fault = "no disk"};

  std::vector<std::string> arguments{"--child", (*server)->url(), ledger_path, example,
                                     crash_at.empty() ? "-" : crash_at, seeded_path};
  int status = run_child(self, arguments);
  bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  arguments[4] = "-";
  for (int restart = 0; killed && restart < restarts_max; ++restart) {
    status = run_child(self, arguments);
    killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  Outcome out;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) out.fault = fmt::format("the child ended with status {}", status);
  for (const auto& write : writes_of_remediations(cloud)) ++out.writes[write.call.name()];
  ledger::Options options{.path = ledger_path};
  auto ledger = ledger::Ledger::open(std::move(options));
  if (!ledger) return {.fault = ledger.error().text()};
  out.appends = (*ledger)->size();
  out.story = story_of(**ledger);
  auto verdict = (*ledger)->verify();
  if (out.fault.empty() && (!verdict || verdict->fault)) out.fault = "the ledger is not sound";
  if (out.fault.empty()) out.fault = unintended(**ledger, writes_of_remediations(cloud));
  return out;
}

std::string text(const std::map<std::string, int>& writes) {
  std::string out;
  for (const auto& [name, count] : writes) out += fmt::format(" {}×{}", name, count);
  return out;
}

// Kills at every append; two children at a time. How many crash points there were, and how many failed.
struct Tally {
  int points = 0, failed = 0;
};
Tally sweep(const std::string& self, const std::string& example, const std::string& only, bool half) {
  auto expected = run(self, example, "");
  if (!expected.fault.empty()) {
    fmt::print("{}: fails without any crash: {}\n", example, expected.fault);
    return {1, 1};
  }
  std::vector<std::string> points;
  // Appends hold one entry or more, so there are at most as many as entries; points past the last one kill nobody.
  for (std::uint64_t n = 1; n <= expected.appends && only.empty(); ++n)
    for (auto when : {"before", "after"})
      if (!half || (n % 2 == 0) == (std::string_view(when) == "after")) points.push_back(fmt::format("{}:{}", when, n));
  if (!only.empty()) points.push_back(only);
  Tally tally{static_cast<int>(points.size()), 0};
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  auto worker = [&] {
    for (auto i = next++; i < points.size(); i = next++) {
      auto outcome = run(self, example, points[i]);
      bool same = outcome.fault.empty() && outcome.writes == expected.writes;
      if (same) continue;
      std::lock_guard lock(mutex);
      ++tally.failed;
      fmt::print("{} killed {}: {}\n  expected{}\n  made    {}\n{}\n", example, points[i],
                 outcome.fault.empty() ? "other writes" : outcome.fault, text(expected.writes),
                 text(outcome.writes), outcome.story);
    }
  };
  {
    std::jthread first(worker), second(worker);
  }
  fmt::print("{}: {} crash points, {} failed; writes{}\n", example, tally.points, tally.failed, text(expected.writes));
  std::fflush(stdout);
  return tally;
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  if (argc > 6 && std::string_view(argv[1]) == "--child") return aright::child(argv);
  std::vector<std::string> examples{"config-rule", "lambda-function", "automation-document", "event-orchestration"};
  bool half = argc > 1 && std::string_view(argv[1]) == "--half";
  if (argc > 1 && !half) examples = {argv[1]};
  auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  setenv("AWS_ACCESS_KEY_ID", "test", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "test", 1);
  int failed = 0;
  for (const auto& example : examples) failed += aright::sweep(self, example, argc > 2 ? argv[2] : "", half).failed;
  return failed == 0 ? 0 : 1;
}
