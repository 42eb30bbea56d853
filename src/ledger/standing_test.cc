#include "ledger/standing.h"

#include <gtest/gtest.h>

#include "ledger/documents.h"
#include "ledger/notary.h"
#include "ledger/outbox.h"
#include "ledger/timers.h"

namespace aright::ledger {
namespace {

struct Fixture : testing::Test {
  VirtualClock clock;
  std::unique_ptr<Ledger> ledger = *Ledger::open({.clock = &clock});

  void append(const std::string& stream, Ledger::Also also = {}) {
    std::vector<Draft> drafts;
    drafts.push_back({.stream = stream, .kind = "k", .body = {}, .sequence = {}});
    ASSERT_TRUE(ledger->append(std::move(drafts), std::move(also)));
  }
};

using StandingTest = Fixture;

TEST_F(StandingTest, OfAnEmptyLedgerIsNothing) {
  auto now = *standing(*ledger, clock.now());
  EXPECT_TRUE(now.documents.empty());
  EXPECT_TRUE(now.messages.empty());
  EXPECT_EQ(now.timers, 0);
  EXPECT_FALSE(now.next_timer);
  EXPECT_FALSE(now.unsigned_since);
}

TEST_F(StandingTest, CountsWhatWaits) {
  append("a", [&](store::Transaction& tx, const auto&) -> Result<> {
    CHECK_OK(
        documents::put(tx, {.kind = "finding", .id = "1", .body = {}, .sort = "", .status = "open", .parent = ""}));
    CHECK_OK(
        documents::put(tx, {.kind = "finding", .id = "2", .body = {}, .sort = "", .status = "open", .parent = ""}));
    CHECK_OK(timers::set(tx, {.id = "late", .stream = "a", .due = clock.now() - seconds(5)}));
    CHECK_OK(timers::set(tx, {.id = "early", .stream = "b", .due = clock.now() + seconds(5)}));
    CHECK_OK(outbox::put(tx, {.id = "m", .channel = "notices", .body = {}}, clock.now()));
    CHECK_OK(outbox::put(tx, {.id = "n", .channel = "notices", .body = {}}, clock.now()));
    auto claims = TRY(outbox::claim(tx, "notices", clock.now(), seconds(60), 1));
    return outbox::bury(tx, claims.at(0), clock.now(), "nobody there");
  });
  auto now = *standing(*ledger, clock.now());
  EXPECT_EQ(now.count("finding", "open"), 2);
  EXPECT_EQ(now.count("finding", "resolved"), 0);
  EXPECT_EQ(now.timers, 2);
  EXPECT_EQ(now.timers_due, 1);
  EXPECT_EQ(now.next_timer, clock.now() - seconds(5));
  ASSERT_EQ(now.messages.size(), 2u);
  EXPECT_EQ(now.messages[0].state, "waiting");
  EXPECT_EQ(now.messages[0].due, clock.now());
  EXPECT_EQ(now.messages[1].state, "dead");
}

TEST_F(StandingTest, TellsSinceWhenEntriesWaitForASignature) {
  append("a");
  Notary notary(*ledger, Signer::generate("aright/test"));
  ASSERT_TRUE(notary.checkpoint());
  EXPECT_FALSE(standing(*ledger, clock.now())->unsigned_since);
  clock.advance(seconds(60));
  auto came = clock.now();
  append("b");
  clock.advance(seconds(60));
  append("c");
  auto now = *standing(*ledger, clock.now());
  EXPECT_EQ(now.entries_signed, 1u);
  EXPECT_EQ(now.unsigned_since, came);
}

}  // namespace
}  // namespace aright::ledger
