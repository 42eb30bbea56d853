// Kills aright at every append of the four examples, before and after its commit, starts it again, and compares with a
// run that nobody killed: everything is resolved, the ledger is sound, every write was made exactly as often, and none
// without an intent on record.
//
// The cloud is a sandbox in this process, reached over HTTP; aright is a child process that is really killed.
//   crash_test               all examples, all crash points
//   crash_test --half        all examples; of the appends in turn one before and one after its commit
//   crash_test NAME [POINT]  one example; at one point, such as before:17
//   crash_test --kills COUNT [SEED]  until so many processes were killed, at points drawn from the seed: those that go
//                                    on after a kill are killed as well

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/random.h"
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
  int kills = 0;
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

using Points = std::vector<std::string>;  // where the first process ends, the one that goes on after it, and so on

Outcome run(const std::string& self, const std::string& example, const Points& points) {
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

  Outcome out;
  int status = 0;
  bool killed = true;
  for (std::size_t life = 0; killed && life <= points.size() + restarts_max; ++life) {
    auto point = life < points.size() ? points[life] : std::string("-");
    status = run_child(self, {"--child", (*server)->url(), ledger_path, example, point, seeded_path});
    killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    out.kills += killed ? 1 : 0;
  }
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

// Two runs at a time. `next` gives points while there are any; `judge` is told what came of them, one at a time.
void run_all(const std::string& self, const std::function<std::optional<std::pair<std::string, Points>>()>& next,
             const std::function<void(const std::string& example, const Points&, const Outcome&)>& judge) {
  std::mutex mutex;
  auto worker = [&] {
    while (true) {
      std::unique_lock lock(mutex);
      auto drawn = next();
      if (!drawn) return;
      lock.unlock();
      auto outcome = run(self, drawn->first, drawn->second);
      lock.lock();
      judge(drawn->first, drawn->second, outcome);
    }
  };
  std::jthread first(worker), second(worker);
}

bool is_as(const Outcome& expected, const Outcome& outcome, const std::string& example, const Points& points) {
  if (outcome.fault.empty() && outcome.writes == expected.writes) return true;
  fmt::print("{} killed {}: {}\n  expected{}\n  made    {}\n{}\n", example, fmt::join(points, ", "),
             outcome.fault.empty() ? "other writes" : outcome.fault, text(expected.writes), text(outcome.writes),
             outcome.story);
  std::fflush(stdout);
  return false;
}

// Of an example that nobody kills.
Outcome whole(const std::string& self, const std::string& example) {
  auto out = run(self, example, {});
  if (!out.fault.empty()) fmt::print("{}: fails without any crash: {}\n", example, out.fault);
  return out;
}

// Kills at every append. How many of the crash points failed.
int sweep(const std::string& self, const std::string& example, const std::string& only, bool half) {
  auto expected = whole(self, example);
  if (!expected.fault.empty()) return 1;
  std::vector<std::string> points;
  // Appends hold one entry or more, so there are at most as many as entries; points past the last one kill nobody.
  for (std::uint64_t n = 1; n <= expected.appends && only.empty(); ++n)
    for (auto when : {"before", "after"})
      if (!half || (n % 2 == 0) == (std::string_view(when) == "after")) points.push_back(fmt::format("{}:{}", when, n));
  if (!only.empty()) points.push_back(only);
  std::size_t drawn = 0;
  int failed = 0;
  run_all(
      self,
      [&]() -> std::optional<std::pair<std::string, Points>> {
        if (drawn == points.size()) return std::nullopt;
        return std::pair{example, Points{points[drawn++]}};
      },
      [&](const auto&, const Points& of_one, const Outcome& outcome) {
        failed += is_as(expected, outcome, example, of_one) ? 0 : 1;
      });
  fmt::print("{}: {} crash points, {} failed; writes{}\n", example, points.size(), failed, text(expected.writes));
  std::fflush(stdout);
  return failed;
}

// Until so many were killed. How many runs failed.
int kill_many(const std::string& self, const std::vector<std::string>& examples, int kills, std::uint64_t seed) {
  constexpr std::uint64_t lives_max = 4;
  std::map<std::string, Outcome> expected;
  for (const auto& example : examples)
    if (!(expected[example] = whole(self, example)).fault.empty()) return 1;
  Random random(seed);
  int runs = 0, killed = 0, failed = 0;
  run_all(
      self,
      [&]() -> std::optional<std::pair<std::string, Points>> {
        if (killed >= kills) return std::nullopt;
        const auto& example = examples[static_cast<std::size_t>(runs++) % examples.size()];
        Points points;
        for (auto left = 1 + random.below(lives_max); left > 0; --left) {
          const char* when = random.below(2) == 0 ? "before" : "after";
          auto appends = expected[example].appends / (points.size() + 1);
          points.push_back(fmt::format("{}:{}", when, 1 + random.below(appends)));
        }
        return std::pair{example, std::move(points)};
      },
      [&](const std::string& example, const Points& points, const Outcome& outcome) {
        killed += outcome.kills;
        failed += is_as(expected[example], outcome, example, points) ? 0 : 1;
      });
  fmt::print("{} kills in {} runs, seed {}: {} failed\n", killed, runs, seed, failed);
  return failed;
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  if (argc > 6 && std::string_view(argv[1]) == "--child") return aright::child(argv);
  std::vector<std::string> examples{"config-rule", "lambda-function", "automation-document", "event-orchestration"};
  const std::string_view order = argc > 1 ? argv[1] : "";
  auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  setenv("AWS_ACCESS_KEY_ID", "test", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "test", 1);
  if (order == "--kills" && argc > 2) {
    auto seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    return aright::kill_many(self, examples, std::atoi(argv[2]), seed) == 0 ? 0 : 1;
  }
  bool half = order == "--half";
  if (!order.empty() && !half) examples = {argv[1]};
  int failed = 0;
  for (const auto& example : examples) failed += aright::sweep(self, example, argc > 2 ? argv[2] : "", half);
  return failed == 0 ? 0 : 1;
}
