// Each byte of a ledger, with a bit of it flipped: no entry is then what the chain and the tree hold. Judged entry by
// entry, so that it can be done for all of them: what comes before one is as it was, and each root is over its hash.

#include <gmock/gmock.h>

#include <fstream>

#include "base/file.h"
#include "base/random.h"
#include "ledger/chain.h"
#include "ledger/export.h"
#include "ledger/format.h"

namespace aright::ledger {
namespace {

constexpr std::size_t batch = 500;

class EachFlippedByte : public testing::TestWithParam<std::size_t> {
 protected:
  EachFlippedByte() {
    Random random(20);
    for (std::size_t i = 0; i < GetParam(); i += batch) {
      std::vector<Draft> drafts;
      for (std::size_t j = 0; j < batch; ++j)
        drafts.push_back({.stream = fmt::format("rem_{}", random.below(40)),
                          .kind = random.below(9) ? "told" : "secret",
                          .body = {{"n", random.below(1'000)}, {"text", "Straße"}},
                          .sequence = {}});
      EXPECT_TRUE(ledger_->append(std::move(drafts)));
    }
  }
  static void tell(std::size_t bytes) { fmt::print("each of {} bytes of {} entries\n", bytes, GetParam()); }

  TemporaryDirectory directory_;
  VirtualClock clock_;
  std::unique_ptr<Ledger> ledger_ = Ledger::open({.clock = &clock_}).value();
};

// Another bit at each place.
char flipped(char byte, std::size_t at) { return static_cast<char>(byte ^ (1 << at % 8)); }

// What a column of a row may become, byte by byte.
std::vector<store::Row::Cell> flips_of(const store::Row& row, std::size_t column) {
  std::vector<store::Row::Cell> out;
  auto each = [&](std::string bytes, auto&& as_cell) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      bytes[at] = flipped(bytes[at], at);
      out.push_back(as_cell(bytes));
      bytes[at] = flipped(bytes[at], at);
    }
  };
  if (row.type(column) == store::Type::integer)
    for (std::size_t at = 0; at < sizeof(std::int64_t); ++at)
      out.emplace_back(row.integer(column) ^ static_cast<std::int64_t>(1ull << (at * 8 + at)));
  else if (row.type(column) == store::Type::text)
    each(row.text(column), [](const std::string& text) { return store::Row::Cell(text); });
  else
    each(row.bytes(column), [](const std::string& bytes) { return store::Row::Cell(store::Row::OwnedBytes{bytes}); });
  return out;
}

store::Row with(const store::Row& row, std::size_t column, store::Row::Cell cell) {
  std::vector<store::Row::Cell> cells;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i == column) cells.push_back(std::move(cell));
    else if (row.type(i) == store::Type::integer) cells.emplace_back(row.integer(i));
    else if (row.type(i) == store::Type::text) cells.emplace_back(row.text(i));
    else cells.emplace_back(store::Row::OwnedBytes{row.bytes(i)});
  }
  return store::Row(std::move(cells));
}

TEST_P(EachFlippedByte, OfEachColumnOfEachEntryBreaksTheChain) {
  std::vector<store::Row> rows;
  ASSERT_TRUE(ledger_->database().read([&](store::Transaction& tx) -> Result<> {
    rows = TRY(tx.query(fmt::format("select {} from entries order by position", entry_columns)));
    return {};
  }));
  ASSERT_EQ(rows.size(), GetParam());
  Chain chain;
  std::size_t bytes = 0;
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column)
      for (auto& changed : flips_of(row, column)) {
        ASSERT_TRUE(chain.next(with(row, column, std::move(changed)))) << "entry " << row.integer(0);
        ++bytes;
      }
    ASSERT_FALSE(chain.next(row));
  }
  EXPECT_EQ(chain.result.entries, GetParam());
  tell(bytes);
}

TEST_P(EachFlippedByte, OfEachLineOfAnExportIsAnotherLeafOrNone) {
  Notary notary(*ledger_, Signer::generate("aright/test"));
  auto into = directory_.path() / "export";
  ASSERT_TRUE(export_ledger(*ledger_, notary.checkpoint().value(), notary.verifier(), into, {"secret"}));
  std::ifstream lines(into / "entries.jsonl", std::ios::binary);
  std::size_t bytes = 0;
  std::uint64_t position = 0;
  bool redacted = false;
  for (std::string line; std::getline(lines, line); bytes += line.size()) {
    const auto leaf = hash_of_line(line, ++position, redacted).value();
    for (std::size_t at = 0; at < line.size(); ++at) {
      auto changed = line;
      changed[at] = flipped(changed[at], at);
      auto first = changed.substr(0, changed.find('\n'));  // where a byte becomes the end of a line
      auto hash = hash_of_line(first, position, redacted);
      ASSERT_TRUE(!hash || *hash != leaf) << "entry " << position << ", byte " << at << ": " << changed;
    }
  }
  EXPECT_EQ(position, GetParam());
  tell(bytes);
}

INSTANTIATE_TEST_SUITE_P(OfSome, EachFlippedByte, testing::Values(1'000));
// --gtest_also_run_disabled_tests: as long as that takes.
INSTANTIATE_TEST_SUITE_P(DISABLED_OfMany, EachFlippedByte, testing::Values(10'000));

}  // namespace
}  // namespace aright::ledger
