// The ledger's verifier: recomputes what was written from what is there now.

#include <limits>
#include <unordered_map>

#include "base/digest.h"
#include "ledger/entries.h"
#include "ledger/format.h"
#include "ledger/ledger.h"

namespace aright::ledger {

namespace {

constexpr std::size_t page_entries = 1000;  // read in one transaction

// Takes the rows in order of position, and says what is wrong with the first one that is.
class Verifier {
 public:
  std::optional<Fault> next(const store::Row& row) {
    auto expected = result.entries + 1;
    if (row.integer(0) != static_cast<std::int64_t>(expected))
      return misplaced(row.integer(0), expected);
    auto stored = read_row(row);
    if (!stored) return Fault{expected, "a column was changed: " + stored.error().message};
    if (auto fault = judge(*stored)) return fault;
    previous_ = stored->hash;
    ++sequences_[stored->stream];
    ++result.entries;
    result.hash = to_hex(previous_);
    return std::nullopt;
  }

  // After the last row: that it is the one which was written last.
  std::optional<Fault> end(const Head& head) const {
    if (head.position > result.entries)
      return Fault{result.entries + 1, fmt::format("removed: the ledger had {} entries and has {}",
                                                   head.position, result.entries)};
    if (head.position < result.entries)
      return Fault{head.position + 1, fmt::format("inserted: the ledger had {} entries and has {}",
                                                  head.position, result.entries)};
    if (head.hash != previous_) return Fault{0, "the head's hash is not that of the last entry"};
    return std::nullopt;
  }

  Verification result{.entries = 0, .hash = to_hex(first_hash()), .fault = std::nullopt};

 private:
  static Fault misplaced(std::int64_t found, std::uint64_t expected) {
    if (found < static_cast<std::int64_t>(expected))
      return {expected, fmt::format("inserted: position {} stands before {}", found, expected)};
    return {expected, fmt::format("removed: the next position is {}", found)};
  }

  std::optional<Fault> judge(const StoredEntry& stored) const {
    auto leaf = leaf_hash({.position = stored.position,
                           .stream = stored.stream,
                           .sequence = stored.sequence,
                           .kind = stored.kind,
                           .time = stored.time,
                           .body = stored.body});
    if (stored.hash != chained_hash(previous_, leaf))
      return Fault{
          stored.position,
          "its hash does not follow from the entry and the hash before it: the entry or its "
          "hash was changed, or another one was put in its place"};
    auto found = sequences_.find(stored.stream);
    auto expected = found == sequences_.end() ? 1 : found->second + 1;
    if (stored.sequence != expected)
      return Fault{stored.position, fmt::format("stream {} goes on with sequence {} instead of {}",
                                                stored.stream, stored.sequence, expected)};
    return std::nullopt;
  }

  std::string previous_ = first_hash();
  std::unordered_map<std::string, std::uint64_t> sequences_;  // of each stream, so far
};

}  // namespace

Result<Verification> Ledger::verify() const {
  static const std::string sql = fmt::format(
      "select {} from entries where position > $1 order by position limit $2", entry_columns);
  Verifier verifier;
  auto after = std::numeric_limits<std::int64_t>::min();
  for (bool done = false; !done;) {
    CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
      auto rows = TRY(tx.query(sql, {after, page_entries}));
      for (std::size_t i = 0; i < rows.size() && !verifier.result.fault; ++i) {
        verifier.result.fault = verifier.next(rows[i]);
        after = rows[i].integer(0);
      }
      done = rows.size() < page_entries || verifier.result.fault;
      if (!done || verifier.result.fault) return {};
      auto head = read_head(tx);
      verifier.result.fault = head ? verifier.end(*head) : Fault{0, head.error().message};
      return {};
    }));
  }
  if (!verifier.result.fault)
    if (auto sound = database_->check(); !sound)
      verifier.result.fault = Fault{0, sound.error().message};
  return std::move(verifier.result);
}

}  // namespace aright::ledger
