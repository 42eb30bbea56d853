// Every allocation fails once. A reader then says so, holds nothing, and reads as before; a ledger keeps what it
// acknowledged, and is sound; the engine goes on from its ledger as after a restart.
//
// What SQLite and OpenSSL allocate by themselves is not reached by this.
//
//   allocation_test [STRIDE]  of the engine's allocations each STRIDEth fails; 1: all of them, which takes long

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>
#include <set>
#include <utility>

#include "base/file.h"
#include "guard/guard.h"
#include "json/yaml.h"
#include "pattern/pattern.h"
#include "remediation/policy.h"
#include "remediation/testing.h"
#include "runbook/document.h"

namespace {

// Of this thread: how many allocations until one fails, and whether it did.
thread_local long remaining = -1;
thread_local bool struck = false;
thread_local long alive = 0;

void* take(std::size_t size) {
  if (remaining >= 0 && remaining-- == 0) {
    struck = true;
    throw std::bad_alloc();
  }
  void* out = std::malloc(size == 0 ? 1 : size);
  if (!out) throw std::bad_alloc();
  ++alive;
  return out;
}

void give(void* what) noexcept {
  if (!what) return;
  --alive;
  std::free(what);
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* what) noexcept { give(what); }
void operator delete[](void* what) noexcept { give(what); }
void operator delete(void* what, std::size_t) noexcept { give(what); }
void operator delete[](void* what, std::size_t) noexcept { give(what); }

namespace aright {
namespace {

// Runs it with the nth allocation failing. Did one?
template <class Work>
bool fails_at(long nth, Work&& work) {
  struck = false;
  remaining = nth;
  try {
    work();
  } catch (const std::bad_alloc&) {
  }
  remaining = -1;
  return struck;
}

constexpr auto yaml = R"(
schemaVersion: "0.3"
assumeRole: "{{ AutomationAssumeRole }}"
parameters:
  AutomationAssumeRole: {type: String, default: ""}
  Bucket: {type: String, allowedPattern: "^[a-z.-]+$"}
mainSteps:
  - &call
    name: Close
    action: aws:executeAwsApi
    inputs: {Service: s3, Api: PutPublicAccessBlock, Bucket: "{{ Bucket }}"}
    outputs: [{Name: Answer, Selector: "$.Answer", Type: String}]
  - {name: Rest, action: aws:sleep, inputs: {Duration: PT5M}, isEnd: true}
)";
constexpr auto event = R"({"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported",
  "account": "111122223333", "region": "us-east-1", "detail": {"findings": [{"Id": "f", "AwsAccountId": "111122223333",
  "Title": "a title that is too long to be kept in place", "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.2"},
  "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::acme", "Region": "us-east-1"}]}]}})";

struct Reader {
  const char* name;
  std::function<std::string()> read;  // what came of it; "" : it says that something failed
};

const Reader readers[] = {
    {"json", [] {
       auto read = json::parse(event);
       return read ? json::print(*read) : "";
     }},
    {"yaml", [] {
       auto read = json::parse_yaml(yaml);
       return read ? json::print(read->value) : "";
     }},
    {"runbook", [] {
       auto read = runbook::Document::parse(yaml, "Close");
       return std::string(read ? "read" : "");
     }},
    {"guard", [] {
       auto read = guard::parse_rules("let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]\n"
                                      "rule closed when %buckets !empty { %buckets.Properties.Tags[*].Key exists }\n",
                                      "closed.guard");
       return std::string(read ? "read" : "");
     }},
    {"pattern", [] {
       auto read = pattern::Pattern::parse(R"({"source": ["aws.s3"], "detail": {"a": [{"anything-but": ["b", "c"]}],
                                               "n": [{"numeric": [">", 1, "<", 5]}], "w": [{"wildcard": "x*y"}]}})");
       return std::string(read ? "read" : "");
     }},
    {"policy", [] {
       auto read = remediation::parse_policy("targets: [{account: \"111122223333\", regions: [us-east-1]}]\n"
                                             "controls: [{id: s3-bucket-public-read-prohibited}]\n"
                                             "decide: [{name: at once, decision: automatic}]\n", ".");
       return std::string(read ? "read" : "");
     }},
};

class EveryReader : public testing::TestWithParam<Reader> {};

TEST_P(EveryReader, SaysThatMemoryIsOutAndHoldsNothing) {
  const auto& read = GetParam().read;
  const auto expected = read();
  ASSERT_FALSE(expected.empty());
  ASSERT_EQ(read(), expected);  // what is made once, such as compiled expressions, is there by now
  long nth = 0;
  std::string came;
  came.reserve(64 * 1024);
  for (const long before = alive;; ++nth) {
    bool failed = fails_at(nth, [&] { came = read(); });
    if (!failed) break;
    came = std::string();
    ASSERT_EQ(alive, before) << "after the allocation " << nth;
    ASSERT_EQ(read(), expected) << "after the allocation " << nth;
    came = std::string();
  }
  EXPECT_GT(nth, 10);
  RecordProperty("allocations", std::to_string(nth));
  fmt::print("{}: {} allocations failed, one at a time\n", GetParam().name, nth);
}

INSTANTIATE_TEST_SUITE_P(OfForeignText, EveryReader, testing::ValuesIn(readers),
                         [](const auto& info) { return info.param.name; });

TEST(ALedgerWithoutMemory, KeepsWhatItAcknowledgedAndIsSound) {
  TemporaryDirectory directory;
  auto path = (directory.path() / "ledger.db").string();
  std::set<std::int64_t> acknowledged;
  long nth = 0;
  {
    auto ledger = ledger::Ledger::open({.path = path}).value();
    auto append = [&](std::int64_t number) {
      std::vector<ledger::Draft> drafts;
      drafts.push_back({.stream = "a stream with a name of some length", .kind = "told", .sequence = {}});
      drafts.back().body = {{"number", number}, {"text", "something that does not fit into the string itself"}};
      return ledger->append(std::move(drafts)).has_value();
    };
    for (bool failed = true; failed; ++nth) {
      bool done = false;
      failed = fails_at(nth, [&] { done = append(nth); });
      if (done) acknowledged.insert(nth);
      ASSERT_TRUE(append(-1 - nth)) << "after the allocation " << nth;
      acknowledged.insert(-1 - nth);
    }
  }
  auto ledger = ledger::Ledger::open({.path = path}).value();
  EXPECT_FALSE(ledger->verify()->fault);
  auto entries = ledger->read(1, ledger::read_entries_max).value();
  std::set<std::int64_t> kept;
  for (const auto& entry : entries) EXPECT_TRUE(kept.insert(json::integer(json::at(entry.body, "number"))).second);
  EXPECT_TRUE(std::ranges::includes(kept, acknowledged));
  EXPECT_GT(nth, 10);
  fmt::print("ledger: {} allocations failed, one at a time\n", nth - 1);
}

TEST(ALedgerWithoutMemory, IsReadAgainWhenThereIsSome) {
  TemporaryDirectory directory;
  auto ledger = ledger::Ledger::open({.path = (directory.path() / "ledger.db").string()}).value();
  for (int i = 0; i < 3; ++i) {
    std::vector<ledger::Draft> drafts;
    drafts.push_back({.stream = "a stream with a name of some length", .kind = "told", .body = {}, .sequence = {}});
    ASSERT_TRUE(ledger->append(std::move(drafts)));
  }
  auto read = [&] { return ledger->read(1, ledger::read_entries_max); };
  ASSERT_TRUE(read());
  long nth = 0;
  for (bool failed = true; failed; ++nth) {
    failed = fails_at(nth, [&] { std::ignore = read(); });
    auto again = read();
    ASSERT_TRUE(again) << "after the allocation " << nth << ": " << again.error().text();
    ASSERT_EQ(again->size(), 3u);
  }
  EXPECT_GT(nth, 10);
}

// The cloud has memory enough, and outlives the process: each write leaves it in a file.
class Rich final : public aws::Caller {
 public:
  Rich(remediation::World& world, const std::filesystem::path& folder) : world_(world), path_(folder / "cloud.json") {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto until = std::exchange(remaining, -1);
    auto answer = world_.cloud.call(call, context);
    if (!cloud::classify(call, cloud::Catalog::embedded()).reads()) keep();
    remaining = until;
    return answer;
  }
  void keep() {
    auto text = json::print(
        json::Object{{"writes", earlier_ + world_.writes().size()}, {"state", world_.cloud.export_state()}});
    if (!write_file(path_, text)) std::abort();
  }
  void take_over() {
    auto kept = json::parse(read_file(path_, 64u << 20).value()).value();
    if (!world_.cloud.import_state(json::at(kept, "state").as_object())) std::abort();
    earlier_ = static_cast<std::size_t>(json::integer(json::at(kept, "writes")));
  }
  std::size_t writes() const { return earlier_ + world_.writes().size(); }

 private:
  remediation::World& world_;
  const std::filesystem::path path_;
  std::size_t earlier_ = 0;  // of the process before
};

enum Outcome { as_it_should_be, wrong, nothing_failed };

struct Life {
  explicit Life(const std::filesystem::path& folder) : rich(world, folder) {
    world.ledger_path = (folder / "ledger.db").string();
    world.weather.put_before(rich);
  }
  Outcome end() {
    world.settle();
    world.pass(seconds(60));
    bool well = world.stage() == "resolved" && rich.writes() == 1 && !world.ledger->verify()->fault;
    return well ? as_it_should_be : wrong;
  }
  remediation::World world;
  Rich rich;
};

// From the finding to its end, on one thread; an engine that failed is started again on its ledger.
Outcome set_right_with_one_failure(long nth, const std::filesystem::path& folder) {
  Life life(folder);
  auto& world = life.world;
  world.open(remediation::automatic);
  world.make_public_bucket("logs");
  world.scan();
  life.rich.keep();
  bool failed =
      fails_at(nth, [&] { std::ignore = world.engine->settle(Context::within(remediation::World::settle_timeout)); });
  if (!failed) return nothing_failed;
  world.start();
  return life.end();
}

// What a process left behind that was ended in the midst of it.
Outcome go_on(const std::filesystem::path& folder) {
  Life life(folder);
  life.world.clock.advance(seconds(60));
  life.rich.take_over();
  life.world.open(remediation::automatic);
  return life.end();
}

int status_of(const std::function<Outcome()>& work) {
  auto child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

// Of the engine's allocations; each by hand: allocation_test 1
long stride = 499;

// Each in a process of its own: where Boost.JSON has no way to tell that memory is out, it ends the process. The next
// one then goes on from what is on the disk.
TEST(AnEngineWithoutMemory, GoesOnFromItsLedgerAndWritesOnce) {
  int went_on = 0, ended = 0;
  long nth = 0;
  for (bool more = true; more; nth += stride) {
    TemporaryDirectory directory;
    auto status = status_of([&] { return set_right_with_one_failure(nth, directory.path()); });
    if (WIFSIGNALED(status)) {
      ASSERT_EQ(WTERMSIG(status), SIGABRT) << "after the allocation " << nth;
      status = status_of([&] { return go_on(directory.path()); });
      ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == as_it_should_be) << "after the allocation " << nth;
      ++ended;
      continue;
    }
    ASSERT_NE(WEXITSTATUS(status), wrong) << "after the allocation " << nth;
    more = WEXITSTATUS(status) != nothing_failed;
    went_on += more ? 1 : 0;
  }
  EXPECT_GT(went_on, 10);
  fmt::print("engine: {} allocations failed, of {} each {}th: {} times it went on, {} times the next process did\n",
             went_on + ended, nth, stride, went_on, ended);
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (argc > 1) aright::stride = std::max(1l, std::strtol(argv[1], nullptr, 10));
  return RUN_ALL_TESTS();
}
