// Outbox, timers and documents: what lives beside the entries and commits with them.

#include "ledger/outbox.h"

#include <gmock/gmock.h>

#include <set>

#include "base/file.h"
#include "ledger/documents.h"
#include "ledger/ledger.h"
#include "ledger/places.h"
#include "ledger/timers.h"

namespace aright::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr milliseconds lease{60'000};

class Beside : public ::testing::TestWithParam<Kind> {
 protected:
  // Does something in a transaction of its own, and gives what came of it.
  template <typename Body>
  auto in(Body body) -> decltype(body(std::declval<store::Transaction&>())) {
    decltype(body(std::declval<store::Transaction&>())) out =
        fail(Errc::internal, "it did not run");
    auto done = ledger->database().transact([&](store::Transaction& tx) -> Result<> {
      out = body(tx);
      return {};
    });
    EXPECT_TRUE(done) << done.error().text();
    return out;
  }
  bool put(const std::string& id, const std::string& channel = "notices") {
    return in([&](auto& tx) {
             return outbox::put(
                 tx, {.id = id, .channel = channel, .body = json::Object{{"id", id}}}, now());
           })
        .value();
  }
  std::vector<Claim> claim(std::size_t limit = 10) {
    return in([&](auto& tx) { return outbox::claim(tx, "notices", now(), lease, limit); }).value();
  }
  std::vector<std::string> ids(const std::vector<Claim>& claims) {
    std::vector<std::string> out;
    for (const auto& one : claims)
      out.push_back(one.message.id);
    return out;
  }
  Timestamp now() const { return clock.now(); }

  VirtualClock clock;
  TemporaryDirectory directory;
  std::string path = place_for(GetParam(), directory.path());
  std::unique_ptr<Ledger> ledger = Ledger::open({.path = path, .clock = &clock}).value();
};

struct Outbox : Beside {};
INSTANTIATE_TEST_SUITE_P(Engines, Outbox, kinds, kind_of);

TEST_P(Outbox, SendsAMessageOnceHoweverOftenItIsPut) {
  EXPECT_TRUE(put("a"));
  EXPECT_FALSE(put("a"));
  auto claims = claim();
  ASSERT_THAT(ids(claims), ElementsAre("a"));
  EXPECT_TRUE(in([&](auto& tx) { return outbox::ack(tx, claims[0], now()); }));
  EXPECT_FALSE(put("a")) << "and not after it was sent either";
  clock.advance(lease * 2);
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Outbox, HandsOutInOrderAndEachChannelItsOwn) {
  put("b");
  clock.advance(milliseconds(1));
  put("a");
  put("other", "elsewhere");
  EXPECT_THAT(ids(claim(1)), ElementsAre("b"));
  EXPECT_THAT(ids(claim()), ElementsAre("a"));
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Outbox, HandsOutAgainWhatACourierDidNotFinishAndTakesItsLateWordNoMore) {
  put("a");
  auto first = claim();
  clock.advance(lease - milliseconds(1));
  EXPECT_THAT(claim(), IsEmpty());
  clock.advance(milliseconds(1));
  auto second = claim();
  ASSERT_THAT(ids(second), ElementsAre("a"));
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_EQ(in([&](auto& tx) { return outbox::ack(tx, first[0], now()); }).error().code,
            Errc::conflict);
  EXPECT_EQ(in([&](auto& tx) { return outbox::fail(tx, first[0], now(), "x"); }).error().code,
            Errc::conflict);
  EXPECT_TRUE(in([&](auto& tx) { return outbox::ack(tx, second[0], now()); }));
}

TEST_P(Outbox, WaitsLongerAfterEachFailureAndGivesUpAtLast) {
  put("a");
  milliseconds before{0};
  for (int attempt = 1; attempt <= outbox::attempts_max; ++attempt) {
    auto claims = claim();
    ASSERT_EQ(claims.size(), 1u) << attempt;
    EXPECT_EQ(claims[0].attempt, attempt);
    ASSERT_TRUE(in([&](auto& tx) { return outbox::fail(tx, claims[0], now(), "refused"); }));
    if (attempt == outbox::attempts_max) break;
    auto due = in([&](auto& tx) { return outbox::next(tx, "notices"); }).value().value();
    auto wait = due - now();
    EXPECT_EQ(wait, outbox::backoff("a", attempt));
    EXPECT_GE(wait * 2, before) << "never much shorter than the one before";
    before = wait;
    clock.advance(wait - milliseconds(1));
    EXPECT_THAT(claim(), IsEmpty());
    clock.advance(milliseconds(1));
  }
  clock.advance(outbox::backoff_max * 2);
  EXPECT_THAT(claim(), IsEmpty());
  auto dead = in([&](auto& tx) { return outbox::dead(tx, 10); }).value();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].error, "refused");
}

TEST(Backoff, IsTheSameForTheSameAndStaysWithinItsBounds) {
  for (int attempt : {1, 2, 5, 11, 12, 100, 2'000'000'000}) {
    auto wait = outbox::backoff("x", attempt);
    EXPECT_EQ(wait, outbox::backoff("x", attempt));
    EXPECT_GE(wait, outbox::backoff_min / 2);
    EXPECT_LE(wait, outbox::backoff_max);
  }
  EXPECT_NE(outbox::backoff("x", 10), outbox::backoff("y", 10)) << "not all at the same time";
}

TEST_P(Outbox, KeepsTheReasonAndTheMessageTogether) {
  std::vector<Draft> drafts;
  drafts.push_back(
      {.stream = "s", .kind = "k", .body = {}, .sequence = 7});  // it would be 1: the append fails
  EXPECT_FALSE(
      ledger->append(std::move(drafts), [&](store::Transaction& tx, const auto&) -> Result<> {
        CHECK_OK(outbox::put(tx, {.id = "a", .channel = "notices", .body = {}}, now()));
        return {};
      }));
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Outbox, SurvivesARestartAndForgetsWhatIsLongSent) {
  put("a");
  put("b");
  auto claims = claim(1);
  ASSERT_TRUE(in([&](auto& tx) { return outbox::ack(tx, claims[0], now()); }));
  ledger.reset();
  ledger = Ledger::open({.path = path, .clock = &clock}).value();
  EXPECT_THAT(ids(claim()), ElementsAre("b"));
  EXPECT_EQ(in([&](auto& tx) { return outbox::prune(tx, now()); }).value(), 0);
  EXPECT_EQ(in([&](auto& tx) { return outbox::prune(tx, now() + milliseconds(1)); }).value(), 1);
  EXPECT_TRUE(put("a"));
}

TEST_P(Outbox, ForgetsTheDeadWhenSomebodyHadTheTimeToLook) {
  put("a");
  put("b");
  auto claims = claim(1);
  ASSERT_TRUE(in([&](auto& tx) { return outbox::bury(tx, claims[0], now(), "gone"); }));
  EXPECT_EQ(in([&](auto& tx) { return outbox::prune_dead(tx, now()); }).value(), 0);
  EXPECT_EQ(in([&](auto& tx) { return outbox::prune(tx, now() + milliseconds(1)); }).value(), 0) << "it was not sent";
  EXPECT_EQ(in([&](auto& tx) { return outbox::prune_dead(tx, now() + milliseconds(1)); }).value(), 1);
  EXPECT_THAT(in([&](auto& tx) { return outbox::dead(tx, 10); }).value(), IsEmpty());
  EXPECT_THAT(ids(claim()), ElementsAre("b"));
  EXPECT_FALSE(ledger->verify()->fault) << "that one is gone is no fault";
}

TEST_P(Outbox, MissesAMessageThatSomebodyTookOut) {
  put("a");
  put("b");
  put("b");
  auto claims = claim(1);
  ASSERT_TRUE(in([&](auto& tx) { return outbox::ack(tx, claims[0], now()); }));
  EXPECT_FALSE(ledger->verify()->fault);
  ASSERT_TRUE(in([&](auto& tx) { return outbox::prune(tx, now() + milliseconds(1)); }));
  EXPECT_FALSE(ledger->verify()->fault) << "what was sent may be forgotten";
  ASSERT_TRUE(in([&](auto& tx) { return tx.execute("delete from outbox where id = 'b'"); }));
  ASSERT_TRUE(ledger->verify()->fault);
  EXPECT_EQ(ledger->verify()->fault->what, "messages of the outbox are missing, or were added");
}

struct Timers : Beside {};
INSTANTIATE_TEST_SUITE_P(Engines, Timers, kinds, kind_of);

TEST_P(Timers, AreDueLongestFirstAndStayUntilCancelled) {
  auto set = [&](const char* id, int ms, const char* stream = "s") {
    ASSERT_TRUE(in([&](auto& tx) {
      return timers::set(tx, {.id = id, .stream = stream, .due = now() + milliseconds(ms)});
    }));
  };
  auto due = [&](std::size_t limit = 10) {
    std::vector<std::string> out;
    auto found = in([&](auto& tx) { return timers::due(tx, now(), limit); }).value();
    for (const auto& timer : found)
      out.push_back(timer.id);
    return out;
  };
  EXPECT_EQ(in([&](auto& tx) { return timers::next(tx); }).value(), std::nullopt);
  set("late", 20);
  set("early", 10, "t");
  set("never", 1000);
  EXPECT_EQ(in([&](auto& tx) { return timers::next(tx); }).value(), now() + milliseconds(10));
  EXPECT_THAT(due(), IsEmpty());
  clock.advance(milliseconds(20));
  EXPECT_THAT(due(), ElementsAre("early", "late"));
  EXPECT_THAT(due(1), ElementsAre("early"));
  EXPECT_THAT(due(), ElementsAre("early", "late")) << "nothing fires by itself";
  set("early", 5);  // the same id: set anew
  EXPECT_THAT(due(), ElementsAre("late"));
  EXPECT_TRUE(in([&](auto& tx) { return timers::cancel(tx, "late"); }));
  EXPECT_EQ(in([&](auto& tx) { return timers::cancel_stream(tx, "s"); }).value(), 2);
  EXPECT_EQ(in([&](auto& tx) { return timers::next(tx); }).value(), std::nullopt);
}

struct Projections : Beside {};
INSTANTIATE_TEST_SUITE_P(Engines, Projections, kinds, kind_of);

TEST_P(Projections, AreListedByWhatTheyStandUnder) {
  auto put = [&](const char* id, const char* status, const char* parent = "") {
    ASSERT_TRUE(in([&](auto& tx) {
      return documents::put(tx, {.kind = "finding",
                                 .id = id,
                                 .body = json::Object{{"id", id}},
                                 .sort = id,
                                 .status = status,
                                 .parent = parent});
    }));
  };
  auto list = [&](documents::Filter filter) {
    std::vector<std::string> out;
    auto page = in([&](auto& tx) { return documents::list(tx, "finding", filter); }).value();
    for (const auto& one : page.documents)
      out.push_back(one.id);
    return out;
  };
  put("1", "open", "a");
  put("2", "open", "b");
  put("3", "resolved", "a");
  put("4", "");
  EXPECT_THAT(list({}), ElementsAre("4", "3", "2", "1"));
  EXPECT_THAT(list({.status = "open"}), ElementsAre("2", "1"));
  EXPECT_THAT(list({.parent = "a", .order = documents::Order::ascending}), ElementsAre("1", "3"));
  EXPECT_THAT(list({.status = "open", .parent = "a"}), ElementsAre("1"));
  EXPECT_THAT(list({.status = ""}), ElementsAre("4"));
  put("1", "resolved", "a");  // the same document, moved
  EXPECT_THAT(list({.status = "resolved"}), ElementsAre("3", "1"));
  EXPECT_EQ(
      in([&](auto& tx) { return documents::count(tx, "finding", {.status = "resolved"}); }).value(),
      2);
  EXPECT_TRUE(in([&](auto& tx) { return documents::erase(tx, "finding", "3"); }).value());
  EXPECT_FALSE(
      in([&](auto& tx) { return documents::get(tx, "finding", "3"); }).value().has_value());
}

TEST_P(Projections, PageThroughAllOfThemWhileOthersComeAndGo) {
  auto put = [&](int n) {
    auto id = fmt::format("{:03}", n);
    ASSERT_TRUE(in([&](auto& tx) {
      return documents::put(tx, {.kind = "k", .id = id, .body = {}, .sort = id});
    }));
  };
  for (int i = 0; i < 10; ++i)
    put(i);
  documents::Filter filter{.limit = 4};
  std::vector<std::string> seen;
  do {
    auto page = in([&](auto& tx) { return documents::list(tx, "k", filter); }).value();
    for (const auto& one : page.documents)
      seen.push_back(one.id);
    filter.page_token = page.next_token;
    put(500 + static_cast<int>(seen.size()));  // comes in front: not on later pages
    ASSERT_TRUE(in([&](auto& tx) { return documents::erase(tx, "k", seen.back()); }));
  } while (!filter.page_token.empty());
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 10u);
  filter.page_token = "nonsense";
  EXPECT_EQ(in([&](auto& tx) { return documents::list(tx, "k", filter); }).error().code,
            Errc::invalid);
}

TEST_P(Projections, KnowWhereAStreamEnds) {
  auto end = [&] { return in([&](auto& tx) { return last_sequence(tx, "s"); }).value(); };
  EXPECT_EQ(end(), 0u);
  std::vector<Draft> drafts;
  for (int i = 0; i < 2; ++i)
    drafts.push_back({.stream = "s", .kind = "k", .body = {}, .sequence = {}});
  ASSERT_TRUE(ledger->append(std::move(drafts)));
  EXPECT_EQ(end(), 2u);
}

}  // namespace
}  // namespace aright::ledger
