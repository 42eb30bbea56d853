#include "ledger/leases.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "ledger/ledger.h"
#include "ledger/places.h"

namespace aright::ledger {
namespace {

constexpr milliseconds term{60'000};

struct Leases : testing::TestWithParam<Kind> {
  TemporaryDirectory directory;
  VirtualClock clock{{1'700'000'000'000}};
  std::string place = place_for(GetParam(), directory.path());
  std::unique_ptr<Ledger> ledger = *Ledger::open({.path = place, .clock = &clock});

  std::optional<Lease> take(std::string_view name, std::string_view holder) {
    std::optional<Lease> out;
    transact([&](store::Transaction& tx) -> Result<> {
      out = TRY(leases::take(tx, name, holder, term));
      return {};
    });
    return out;
  }
  bool holds(const Lease& lease) {
    Error otherwise{.code = Errc::conflict, .message = "it is another's"};
    auto done = ledger->database().transact(
        [&](store::Transaction& tx) { return leases::require(tx, lease, otherwise); });
    EXPECT_TRUE(done || done.error().message == otherwise.message);
    return done.has_value();
  }
  // As if so much time had gone by.
  void let_run_out() {
    transact([&](store::Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute("update leases set until_ms = until_ms - $1", {2 * term.count()}));
      return {};
    });
  }
  std::vector<std::string> take_due(std::string_view holder) {
    std::vector<std::string> out;
    transact([&](store::Transaction& tx) -> Result<> {
      for (auto& lease : TRY(leases::take_due(tx, holder, term, clock.now(), 10))) out.push_back(std::move(lease.name));
      return {};
    });
    return out;
  }
  void transact(const store::Work& work) {
    auto done = ledger->database().transact(work);
    ASSERT_TRUE(done) << done.error().text();
  }
};

TEST_P(Leases, OneAtATimeHoldsAName) {
  auto first = take("rem_1", "a");
  ASSERT_TRUE(first);
  EXPECT_FALSE(take("rem_1", "b"));
  EXPECT_TRUE(take("rem_2", "b"));
  EXPECT_TRUE(holds(*first));
}

TEST_P(Leases, WhatRanOutIsTakenAndItsHolderHasItNoMore) {
  auto first = take("rem_1", "a");
  let_run_out();
  EXPECT_TRUE(holds(*first)) << "as long as nobody took it";
  auto second = take("rem_1", "b");
  ASSERT_TRUE(second);
  EXPECT_FALSE(holds(*first));
  EXPECT_TRUE(holds(*second));
  EXPECT_GT(second->epoch, first->epoch);
}

TEST_P(Leases, TheSameHolderTakesItAnewWithAnotherEpoch) {
  auto first = take("rem_1", "a"), second = take("rem_1", "a");
  ASSERT_TRUE(second);
  EXPECT_FALSE(holds(*first));
}

TEST_P(Leases, WhatIsRenewedDoesNotRunOut) {
  take("rem_1", "a");
  let_run_out();
  transact([&](store::Transaction& tx) -> Result<> {
    EXPECT_EQ(TRY(leases::renew(tx, "a", term)), 1);
    return {};
  });
  EXPECT_FALSE(take("rem_1", "b"));
}

TEST_P(Leases, WhatIsGivenBackIsFree) {
  auto first = take("rem_1", "a");
  take("rem_2", "a");
  transact([&](store::Transaction& tx) { return leases::release(tx, *first); });
  EXPECT_TRUE(take("rem_1", "b"));
  transact([&](store::Transaction& tx) { return leases::release_all(tx, "a"); });
  EXPECT_TRUE(take("rem_2", "b"));
}

TEST_P(Leases, AStaleOneGivesNothingBack) {
  auto first = take("rem_1", "a");
  let_run_out();
  auto second = take("rem_1", "b");
  transact([&](store::Transaction& tx) { return leases::release(tx, *first); });
  EXPECT_TRUE(holds(*second));
}

TEST_P(Leases, StreamsThatAreDueAreTakenOnceUntilTheirLeasesRunOut) {
  transact([&](store::Transaction& tx) -> Result<> {
    for (const auto* stream : {"rem_1", "rem_2"})
      CHECK_OK(timers::set(tx, {.id = stream, .stream = stream, .due = clock.now()}));
    return {};
  });
  take("rem_1", "a");
  EXPECT_EQ(take_due("b"), std::vector<std::string>{"rem_2"});
  EXPECT_TRUE(take_due("a").empty());
  EXPECT_TRUE(take_due("b").empty()) << "not even by their holder";
  let_run_out();
  EXPECT_THAT(take_due("b"), testing::UnorderedElementsAre("rem_1", "rem_2"));
}

TEST_P(Leases, AreListedWithTheTimeTheyHave) {
  take("worker a", "a");
  take("rem_1", "a");
  std::vector<leases::Standing> standing;
  transact([&](store::Transaction& tx) -> Result<> {
    standing = TRY(leases::all(tx, "worker "));
    EXPECT_EQ(TRY(leases::prune(tx)), 0);
    return {};
  });
  ASSERT_EQ(standing.size(), 1u);
  EXPECT_EQ(standing[0].lease.name, "worker a");
  EXPECT_GT(standing[0].left.count(), 0);
  let_run_out();
  transact([&](store::Transaction& tx) -> Result<> {
    EXPECT_EQ(TRY(leases::prune(tx)), 0) << "they are to be seen for a while";
    EXPECT_EQ(TRY(leases::prune(tx, milliseconds(0))), 2);
    return {};
  });
}

// A turn whose lease is another's: nothing that it says gets in.
class Lost : public Fence {
 public:
  Result<> check(store::Transaction&) const override { return check_now(); }
  Result<> check_now() const override {
    return fail({.code = Errc::conflict, .message = "lost", .number = lost_number});
  }
  std::stop_token lost() const override { return {}; }
};

TEST_P(Leases, WhatAFenceRefusesIsNotAppended) {
  auto say = [&](const char* kind) {
    std::vector<Draft> drafts;
    drafts.push_back({.stream = "rem_1", .kind = kind, .body = {}, .sequence = {}});
    return ledger->append(std::move(drafts));
  };
  {
    Fence::Around around(std::make_shared<Lost>());
    auto said = say("from_within");
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().number, lost_number);
    auto set = ledger->transact([](store::Transaction& tx) {
      return timers::set(tx, {.id = "t", .stream = "t", .due = {}});
    });
    EXPECT_FALSE(set);
  }
  EXPECT_TRUE(say("from_without"));
  EXPECT_EQ(ledger->stream("rem_1")->size(), 1u);
  EXPECT_TRUE(take_due("a").empty());
}

TEST_P(Leases, OfAnotherProcessItIsSeenHowFarTheLedgerCame) {
  auto other = *Ledger::open({.path = place, .clock = &clock});
  std::vector<Draft> drafts;
  drafts.push_back({.stream = "s", .kind = "k", .body = {}, .sequence = {}});
  ASSERT_TRUE(other->append(std::move(drafts)));
  EXPECT_EQ(ledger->size(), 0u);
  ASSERT_TRUE(ledger->refresh());
  EXPECT_EQ(ledger->size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Engines, Leases, kinds, kind_of);

}  // namespace
}  // namespace aright::ledger
