// What stands beside the entries is what the entries say; and when it is not, that shows, and can be made anew.

#include "remediation/refold.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/random.h"
#include "ledger/salvage.h"
#include "ledger/timers.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto asking_runbook = R"(
schemaVersion: "0.3"
mainSteps:
  - name: Ask
    action: aws:approve
    inputs: {Message: "Look?", Approvers: ["arn:aws:iam::111122223333:user/ben"]}
)";

constexpr auto policy_text = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: ask, decision: approval}]
notify: [{name: hook, sns: "arn:aws:sns:us-east-1:111122223333:nobodys", on: [approval_requested, resolved, escalated, rolled_back]}]
)";

class TheRefold : public ::testing::Test, protected World {
 protected:
  // A ledger with something of everything: findings open and resolved, remediations that were rejected, wait, were
  // resolved and taken back, executions that ended and that wait, plans, signals, timers and messages.
  void live() {
    ledger_path = file();
    open(policy_text, {{"Asks", asking_runbook}});
    for (const char* bucket : {"logs", "press", "site"}) make_public_bucket(bucket);
    scan_and_settle();
    const Actor ben{.name = "ben", .arn = "arn:aws:iam::111122223333:user/ben"}, ana{.name = "ana", .arn = ""};
    ASSERT_TRUE(engine->approve(of("logs").id, of("logs").plan->hash, ben, "yes"));
    ASSERT_TRUE(engine->reject(of("press").id, of("press").plan->hash, ben, "no"));
    settle();
    ASSERT_EQ(name(of("logs").stage), "resolved");
    ASSERT_TRUE(engine->roll_back(of("logs").id, ben, "back"));
    settle();
    shown_hash(of("press").finding);
    ASSERT_TRUE(engine->start_runbook("Asks", {}, account, region, ana, {}));
    settle();
    json::Object event{{"id", "e-1"}, {"source", "acme"}, {"detail-type", "x"}, {"detail", json::Object{}}};
    ASSERT_TRUE(engine->accept_event(event));
  }
  std::string file() const { return (directory_.path() / "ledger.db").string(); }
  // Everything closed, and so in one file.
  std::string bytes() {
    engine.reset();
    ledger.reset();
    return *read_file(file(), 64u << 20);
  }
  const rules::Controls& controls() const { return rules::Controls::embedded(); }

  TemporaryDirectory directory_;
};

std::unique_ptr<ledger::Ledger> opened(const std::string& path) {
  auto ledger = ledger::Ledger::open({.path = path});
  return ledger ? std::move(*ledger) : nullptr;
}

// Sound, by everything that can tell.
bool called_sound(const std::string& path) {
  auto ledger = opened(path);
  if (!ledger) return false;
  auto verdict = ledger->verify();
  if (!verdict || verdict->fault) return false;
  auto differences = compare_projections(*ledger, rules::Controls::embedded());
  return differences && differences->empty();
}

// All that the file says, whatever it looks like inside.
std::string meaning(const std::string& path) {
  auto database = store::Database::open({.path = path});
  if (!database) return database.error().message;
  std::string out;
  auto read = (*database)->read([&](store::Transaction& tx) -> Result<> {
    out = TRY(tx.shape());
    for (const char* table : {"entries", "head", "timers", "outbox", "documents", "schema_migrations"}) {
      auto rows = TRY(tx.query(fmt::format("select * from {} order by 1, 2", table)));
      for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
          out += fmt::format("{}:{}:{}:{}|", static_cast<int>(row.type(i)), row.integer(i), row.text(i), row.bytes(i));
    }
    return {};
  });
  return read ? out : read.error().message;
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::filesystem::remove(path + "-wal");
  std::filesystem::remove(path + "-shm");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST_F(TheRefold, ComesToWhatIsStored) {
  live();
  auto differences = compare_projections(*ledger, controls());
  ASSERT_TRUE(differences) << differences.error().text();
  for (const auto& one : *differences) ADD_FAILURE() << one.kind << " " << one.id << ": " << one.what;
  std::set<std::string> kinds;
  ASSERT_TRUE(ledger->database().read([&](store::Transaction& tx) {
    return ledger::documents::each(tx, [&](const ledger::Document& document) -> Result<> {
      kinds.insert(document.kind);
      return {};
    });
  }));
  EXPECT_EQ(kinds, (std::set<std::string>{"execution", "execution_name", "finding", "outcome", "plan", "remediation",
                                          "scanned", "start", "track", "version"}));
}

TEST_F(TheRefold, IsMadeAnewAtTheStartWhenAnotherVersionMadeTheDocuments) {
  live();
  ASSERT_TRUE(ledger->database().transact([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("delete from documents where kind in ('version', 'outcome', 'start')"));
    return {};
  }));
  auto before = compare_projections(*ledger, controls());
  ASSERT_EQ(before->size(), 1u);
  EXPECT_EQ(before->front().kind, "version");
  start();
  EXPECT_THAT(*compare_projections(*ledger, controls()), IsEmpty());
  EXPECT_THAT(faults, Contains(std::string("the documents of another version were made anew")));
}

TEST_F(TheRefold, TellsWhichDocumentDiffers) {
  live();
  auto id = of("logs").finding.str();
  auto change = [&](const std::string& sql) {
    ASSERT_TRUE(ledger->database().transact([&](store::Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute(sql));
      return {};
    }));
  };
  change("update documents set status = 'resolved' where kind = 'finding' and id = '" + id + "'");
  change("delete from documents where kind = 'start'");
  change("update documents set body = replace(body, 'Success', 'Failed') where kind = 'execution'");
  change("insert into documents (kind, id, sort, status, parent, body) values ('finding', 'fnd_x', '', '', '', '{}')");
  change("delete from timers where id = '" + of("site").id.str() + "'");
  auto differences = compare_projections(*ledger, controls());
  ASSERT_TRUE(differences);
  std::string told;
  for (const auto& one : *differences) told += one.kind + " " + one.id + ": " + one.what + "\n";
  EXPECT_THAT(told, HasSubstr("finding " + id + ": its status is \"resolved\", and the entries say \"open\""));
  EXPECT_THAT(told, HasSubstr("its status is \"Failed\", and the entries say \"Success\""));
  EXPECT_THAT(told, HasSubstr("finding fnd_x: the entries tell of no such thing"));
  EXPECT_THAT(told, HasSubstr(": it is missing"));
  EXPECT_THAT(told, HasSubstr("timer " + of("site").id.str() + ": it has something to do, and nothing will wake it"));

  ASSERT_TRUE(rebuild_projections(*ledger, controls()));
  EXPECT_THAT(*compare_projections(*ledger, controls()), IsEmpty());
  EXPECT_EQ(ledger->verify()->fault, std::nullopt);
}

TEST_F(TheRefold, LetsTheStoryGoOnAfterARebuild) {
  live();
  ASSERT_TRUE(rebuild_projections(*ledger, controls()));
  start();
  settle();
  auto site = of("site");
  ASSERT_EQ(name(site.stage), "awaiting_approval");
  ASSERT_TRUE(engine->approve(site.id, site.plan->hash, {.name = "ben", .arn = ""}, ""));
  settle();
  EXPECT_EQ(name(of("site").stage), "resolved");
  EXPECT_THAT(*compare_projections(*ledger, controls()), IsEmpty());
}

// One bit at a time, all over the file. What is still called sound must still mean the same.
TEST_F(TheRefold, CallsNothingSoundWhoseMeaningAFlippedBitChanged) {
  live();
  const auto whole = bytes();
  const auto path = (directory_.path() / "flipped.db").string();
  write_bytes(path, whole);
  const auto meant = meaning(path);
  ASSERT_TRUE(called_sound(path));
#ifdef __SANITIZE_ADDRESS__
  constexpr int flips = 200;
#else
  constexpr int flips = 1200;
#endif
  Random random(20'260'801);
  int noticed = 0;
  for (int i = 0; i < flips; ++i) {
    auto flipped = whole;
    auto at = random.below(whole.size());
    auto bit = random.below(8);
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
    write_bytes(path, flipped);
    if (!called_sound(path)) {
      ++noticed;
      continue;
    }
    EXPECT_TRUE(meaning(path) == meant) << "byte " << at << ", bit " << bit;
  }
  EXPECT_GT(noticed, flips / 4);
}

// A bit in every row of every table, where the row's own words stand.
TEST_F(TheRefold, NoticesAChangeInAnyTable) {
  live();
  const auto whole = bytes();
  const auto path = (directory_.path() / "flipped.db").string();
  const char* words[] = {"finding_opened", "Ask", "awaiting_approval", "rejected", "hook/", "waiting", "fnd_", "exec_",
                         "plan_",          "rem_", "sig_", "journal",  "documents_sort", "INDEX timers_due"};
  for (const char* word : words) {
    std::size_t places = 0;
    for (auto at = whole.find(word); at != std::string::npos && places < 12; at = whole.find(word, at + 1), ++places) {
      auto flipped = whole;
      flipped[at + 1] = static_cast<char>(flipped[at + 1] ^ 1);
      write_bytes(path, whole);
      const auto meant = meaning(path);
      write_bytes(path, flipped);
      bool sound = called_sound(path);
      EXPECT_TRUE(!sound || meaning(path) == meant) << word << " at " << at;
    }
    EXPECT_GT(places, 0u) << word;
  }
}

TEST_F(TheRefold, SalvagesAllThatTheEntriesSay) {
  live();
  auto size = ledger->size();
  auto stage = std::string(name(of("logs").stage));
  auto change = [&](const char* sql) {
    ASSERT_TRUE(ledger->database().transact([&](store::Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute(sql));
      return {};
    }));
  };
  change("update documents set body = 'x'");
  change("update timers set due_ms = due_ms + 1000000");
  change("update outbox set body = replace(body, 'Approve', 'Ignore')");
  EXPECT_FALSE(called_sound(file()));
  bytes();

  const auto fresh = (directory_.path() / "fresh.db").string();
  {
    auto into = opened(fresh);
    auto salvaged = ledger::salvage(file(), *into);
    ASSERT_TRUE(salvaged) << salvaged.error().text();
    EXPECT_EQ(salvaged->entries, size);
    EXPECT_FALSE(salvaged->notes.empty());
    ASSERT_TRUE(rebuild_projections(*into, controls()));
  }
  EXPECT_TRUE(called_sound(fresh));
  ledger_path = fresh;
  auto again = ledger::Ledger::open({.path = fresh, .clock = &clock});
  ASSERT_TRUE(again) << again.error().text();
  ledger = std::move(*again);
  start();
  EXPECT_EQ(name(of("logs").stage), stage);
  EXPECT_EQ(ledger->size(), size);
}

TEST_F(TheRefold, SalvagesNothingThatTheChainDoesNotHold) {
  live();
  ASSERT_TRUE(ledger->database().transact([](store::Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("update entries set body = replace(body, 'logs', 'lags') where position ="
                        " (select min(position) from entries where body like '%logs%')"));
    return {};
  }));
  bytes();
  auto into = opened((directory_.path() / "fresh.db").string());
  auto salvaged = ledger::salvage(file(), *into);
  ASSERT_FALSE(salvaged);
  EXPECT_EQ(salvaged.error().code, Errc::corrupt);
  EXPECT_THAT(salvaged.error().message, AllOf(HasSubstr("entry "), HasSubstr("restore a copy")));
}

}  // namespace
}  // namespace aright::remediation
