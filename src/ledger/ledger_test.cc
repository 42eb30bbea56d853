#include "ledger/ledger.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/digest.h"
#include "base/file.h"
#include "ledger/documents.h"
#include "ledger/format.h"
#include "ledger/places.h"

namespace aright::ledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Draft draft(std::string stream, std::string kind, json::Object body = {}) {
  return {.stream = std::move(stream),
          .kind = std::move(kind),
          .body = std::move(body),
          .sequence = {}};
}

std::vector<Draft> one(Draft draft) {
  std::vector<Draft> drafts;
  drafts.push_back(std::move(draft));
  return drafts;
}

// The same on each engine.
class LedgerTest : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Ledger> open() {
    auto ledger = Ledger::open({.path = path_, .clock = &clock_});
    EXPECT_TRUE(ledger) << ledger.error().text();
    return ledger ? std::move(*ledger) : nullptr;
  }

  TemporaryDirectory directory_;
  std::string path_ = place_for(GetParam(), directory_.path());
  VirtualClock clock_;
  std::unique_ptr<Ledger> ledger_ = open();
};

INSTANTIATE_TEST_SUITE_P(Engines, LedgerTest, kinds, kind_of);

TEST_P(LedgerTest, GivesPositionsAndSequencesWithoutGaps) {
  auto entries = ledger_->append({draft("a", "x"), draft("b", "x"), draft("a", "y")});
  ASSERT_TRUE(entries) << entries.error().text();
  auto more = ledger_->append(one(draft("b", "y")));
  EXPECT_EQ((*entries)[2].position, 3u);
  EXPECT_EQ((*entries)[2].sequence, 2u);
  EXPECT_EQ((*more)[0].position, 4u);
  EXPECT_EQ((*more)[0].sequence, 2u);
  EXPECT_EQ(ledger_->size(), 4u);
}

TEST_P(LedgerTest, KeepsEverythingWhenOpenedAgain) {
  auto written = ledger_->append(
      one(draft("a", "x", {{"text", "ä\n\""}, {"number", 1.5}, {"none", nullptr}})));
  ledger_.reset();
  ledger_ = open();
  auto read = ledger_->stream("a");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ((*read)[0].body, (*written)[0].body);
  EXPECT_EQ((*read)[0].hash, (*written)[0].hash);
  EXPECT_EQ((*read)[0].time, clock_.now());
  EXPECT_EQ(ledger_->size(), 1u);
}

TEST_P(LedgerTest, HandsOutWhatALaterReadGives) {
  auto written = ledger_->append(one(draft("a", "x", {{"whole", 2.0}, {"b", 1}, {"a", -0.0}})));
  auto read = ledger_->read(1, 10);
  EXPECT_EQ(json::print((*written)[0].body), json::print((*read)[0].body));
  EXPECT_EQ(json::print((*read)[0].body), R"({"a":0,"b":1,"whole":2})");
}

TEST_P(LedgerTest, FencesAStreamByItsSequence) {
  auto first = draft("a", "x");
  first.sequence = 1;
  auto second = first;
  EXPECT_TRUE(ledger_->append(one(first)));
  auto stale = ledger_->append(one(second));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Errc::conflict);
  EXPECT_EQ(ledger_->size(), 1u);
}

TEST_P(LedgerTest, LeavesNothingBehindWhenAlsoFails) {
  auto failed = ledger_->append(
      {draft("a", "x"), draft("b", "x")}, [](store::Transaction& tx, const auto& entries) {
        auto put = documents::put(tx, {.kind = "k", .id = entries[0].stream, .body = {}});
        EXPECT_TRUE(put);
        return Result<>(fail(Errc::denied, "no"));
      });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::denied);
  EXPECT_EQ(ledger_->size(), 0u);
  EXPECT_EQ(ledger_->append(one(draft("a", "x"))).value()[0].position, 1u);
  auto read = ledger_->database().read([](store::Transaction& tx) -> Result<> {
    EXPECT_FALSE(documents::get(tx, "k", "a")->has_value());
    return {};
  });
  EXPECT_TRUE(read);
}

TEST_P(LedgerTest, CommitsProjectionsWithTheirEntries) {
  auto also = [](store::Transaction& tx, const std::vector<Entry>& entries) {
    return documents::put(tx, {.kind = "k", .id = "1", .body = json::Value(entries[0].hash)});
  };
  auto entries = ledger_->append(one(draft("a", "x")), also);
  ledger_.reset();
  ledger_ = open();
  auto read = ledger_->database().read([&](store::Transaction& tx) -> Result<> {
    EXPECT_EQ(json::text(documents::get(tx, "k", "1")->value().body), (*entries)[0].hash);
    return {};
  });
  EXPECT_TRUE(read);
}

TEST_P(LedgerTest, RefusesWhatCouldNotBeReadBack) {
  json::Value deep = 1;
  for (std::size_t i = 0; i < json::depth_max + 1; ++i)
    deep = json::Array{deep};
  for (auto bad :
       {draft("a", "x", {{"deep", deep}}), draft("a", "x", {{"text", "\xff"}}), draft("a\xff", "x"),
        draft("", "x"), draft("a", ""), draft(std::string(stream_bytes_max + 1, 'a'), "x"),
        draft("a", "x", {{"text", std::string(body_bytes_max, 'a')}})}) {
    auto result = ledger_->append(one(bad));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::invalid);
  }
  EXPECT_EQ(ledger_->size(), 0u);
}

TEST_P(LedgerTest, HashesAsItsFormatSays) {
  auto entries = ledger_->append({draft("a\"", "x", {{"b", 1}, {"a", "é"}}), draft("b", "y")});
  const std::string leaf =
      R"({"body":{"a":"é","b":1},"kind":"x","position":1,"sequence":1,"stream":"a\"",)"
      R"("time":"2023-11-14T22:13:20.000Z"})";
  auto first = sha256("\1" + std::string(32, '\0') + sha256(std::string(1, '\0') + leaf));
  EXPECT_EQ((*entries)[0].hash, to_hex(first));
  const std::string next = R"({"body":{},"kind":"y","position":2,"sequence":1,"stream":"b",)"
                           R"("time":"2023-11-14T22:13:20.000Z"})";
  EXPECT_EQ((*entries)[1].hash, to_hex(sha256("\1" + first + sha256(std::string(1, '\0') + next))));
}

TEST_P(LedgerTest, TellsSubscribersInOrder) {
  std::vector<std::uint64_t> seen;  // on the writer thread, read after appends returned
  auto subscription = ledger_->subscribe([&](const std::vector<Entry>& entries) {
    for (const auto& entry : entries)
      seen.push_back(entry.position);
  });
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i)
        EXPECT_TRUE(ledger_->append(one(draft(std::to_string(thread), "x"))));
    });
  threads.clear();
  ledger_->unsubscribe(subscription);
  EXPECT_TRUE(ledger_->append(one(draft("a", "x"))));
  ASSERT_EQ(seen.size(), 100u);
  for (std::size_t i = 0; i < seen.size(); ++i)
    EXPECT_EQ(seen[i], i + 1);
}

TEST_P(LedgerTest, RefusesToBeCalledFromInsideAnAppend) {
  auto also = [&](store::Transaction&, const std::vector<Entry>&) -> Result<> {
    EXPECT_EQ(ledger_->append(one(draft("b", "x"))).error().code, Errc::internal);
    EXPECT_EQ(ledger_->stream("a").error().code, Errc::internal);
    return {};
  };
  EXPECT_TRUE(ledger_->append(one(draft("a", "x")), also));
}

TEST_P(LedgerTest, PagesThroughEntriesByPosition) {
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(ledger_->append(one(draft("a", "x"))));
  EXPECT_EQ(ledger_->read(2, 3)->size(), 3u);
  EXPECT_EQ(ledger_->read(2, 3)->front().position, 2u);
  EXPECT_TRUE(ledger_->read(6, 3)->empty());
  EXPECT_EQ(ledger_->stream("a", 4)->size(), 2u);
  EXPECT_TRUE(ledger_->stream("nobody")->empty());
}

TEST(ALedger, WorksInMemory) {
  auto ledger = Ledger::open({});
  ASSERT_TRUE(ledger);
  EXPECT_TRUE((*ledger)->append(one(draft("a", "x"))));
  EXPECT_EQ((*ledger)->stream("a")->size(), 1u);
  EXPECT_FALSE((*ledger)->verify()->fault);
}

TEST_P(LedgerTest, VerifiesWhatItWrote) {
  for (int i = 0; i < 1500; ++i)
    ASSERT_TRUE(ledger_->append(one(draft(std::to_string(i % 7), "x", {{"i", i}}))));
  auto verification = ledger_->verify();
  ASSERT_TRUE(verification);
  EXPECT_FALSE(verification->fault) << verification->fault->what;
  EXPECT_EQ(verification->entries, 1500u);
  EXPECT_EQ(verification->hash, ledger_->read(1500, 1)->front().hash);
}

TEST(CrashPoint, IsReadFromText) {
  EXPECT_EQ(parse_crash_point("before:17")->append, 17u);
  EXPECT_EQ(parse_crash_point("after:1")->when, CrashPoint::When::after);
  for (auto text : {"", "before", "before:", "before:0", "before:1x", "during:1", "after:-1"})
    EXPECT_FALSE(parse_crash_point(text)) << text;
}

}  // namespace
}  // namespace aright::ledger
