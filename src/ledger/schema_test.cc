#include "ledger/schema.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "ledger/documents.h"
#include "ledger/ledger.h"
#include "ledger/notary.h"
#include "ledger/outbox.h"
#include "ledger/timers.h"

// Files as earlier versions left them (testdata/schema_N.sql: the state after step N) are opened by this one. Their
// hashes were computed by another program than ours.

namespace aright::ledger {
namespace {

constexpr int versions = 7;  // before this one
constexpr const char* head = "31ee0f48eb3afe6867249cf2fc72923d0ef128d97cbb58d40ff3efcbfdcbd084";

struct Earlier : testing::TestWithParam<int> {
  TemporaryDirectory directory;
  std::string path = (directory.path() / "ledger.db").string();
  VirtualClock clock{{1'700'000'100'000}};

  void SetUp() override {
    auto file = fmt::format("{}/src/ledger/testdata/schema_{}.sql", ARIGHT_SOURCE_DIR, GetParam());
    auto sql = read_file(file);
    ASSERT_TRUE(sql) << sql.error().message;
    auto database = *store::Database::open({.path = path});
    auto filled = database->transact([&](store::Transaction& tx) { return tx.script(*sql); });
    ASSERT_TRUE(filled) << filled.error().message;
  }
  std::unique_ptr<Ledger> open() {
    auto ledger = Ledger::open({.path = path, .clock = &clock});
    EXPECT_TRUE(ledger) << ledger.error().message;
    return ledger ? std::move(*ledger) : nullptr;
  }
};

TEST_P(Earlier, IsOpenedMigratedAndFoundSound) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  auto verdict = ledger->verify();
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->fault) << verdict->fault->what;
  EXPECT_EQ(verdict->entries, 5u);
  EXPECT_EQ(verdict->hash, head);
}

TEST_P(Earlier, GoesOnWhereItStood) {
  {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    std::vector<Draft> drafts;
    drafts.push_back({.stream = "rem_1", .kind = "closed", .body = {{"reason", "done"}}, .sequence = 3});
    auto appended = ledger->append(std::move(drafts), [&](store::Transaction& tx, const auto&) -> Result<> {
      CHECK_OK(timers::set(tx, {.id = "t", .stream = "rem_1", .due = clock.now()}));
      CHECK_OK(outbox::put(tx, {.id = "m3", .channel = "notices", .body = json::Object{}}, clock.now()));
      return documents::put(tx,
                            {.kind = "finding", .id = "fnd_2", .body = {}, .sort = "", .status = "", .parent = ""});
    });
    ASSERT_TRUE(appended) << appended.error().message;
    EXPECT_EQ(appended->front().position, 6u);
    Notary notary(*ledger, Signer::generate("aright/test"));
    EXPECT_TRUE(notary.checkpoint());
  }
  auto again = open();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->verify()->fault);
  EXPECT_EQ(again->size(), 6u);
}

TEST_P(Earlier, KeepsWhatWaits) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  auto read = ledger->database().read([&](store::Transaction& tx) -> Result<> {
    auto timer = TRY(timers::next(tx));
    EXPECT_EQ(timer.has_value(), GetParam() >= 2);
    auto message = TRY(outbox::next(tx, "notices"));
    EXPECT_EQ(message.has_value(), GetParam() >= 3);
    auto document = TRY(documents::get(tx, "finding", "fnd_1"));
    EXPECT_EQ(document.has_value(), GetParam() >= 4);
    return {};
  });
  EXPECT_TRUE(read);
}

INSTANTIATE_TEST_SUITE_P(Schema, Earlier, testing::Range(1, versions + 1));

TEST(Schema, EveryEarlierVersionHasAFile) {
  auto database = *store::Database::open({.path = std::string(store::in_memory)});
  ASSERT_TRUE(migrate(*database));
  std::int64_t last = 0;
  ASSERT_TRUE(database->read([&](store::Transaction& tx) -> Result<> {
    auto rows = TRY(tx.query("select max(number) from schema_migrations where module = 'ledger'"));
    last = rows.at(0).integer(0);
    return {};
  }));
  EXPECT_EQ(last, versions + 1) << "a new step: keep the one before as testdata/schema_" << last - 1 << ".sql";
}

}  // namespace
}  // namespace aright::ledger
