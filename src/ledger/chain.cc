#include "ledger/chain.h"

#include "base/digest.h"
#include "ledger/format.h"

namespace aright::ledger {

namespace {

Fault misplaced(std::int64_t found, std::uint64_t expected) {
  if (found < static_cast<std::int64_t>(expected))
    return {expected, fmt::format("inserted: position {} stands before {}", found, expected)};
  return {expected, fmt::format("removed: the next position is {}", found)};
}

}  // namespace

Chain::Chain() : result{.entries = 0, .hash = to_hex(first_hash()), .fault = std::nullopt}, previous_(first_hash()) {}

std::optional<Fault> Chain::next(const store::Row& row) {
  auto expected = result.entries + 1;
  if (row.integer(0) != static_cast<std::int64_t>(expected)) return misplaced(row.integer(0), expected);
  auto stored = read_row(row);
  if (!stored) return Fault{expected, "a column was changed: " + stored.error().message};
  if (auto fault = judge(*stored)) return fault;
  previous_ = stored->hash;
  ++sequences_[stored->stream];
  ++result.entries;
  result.hash = to_hex(previous_);
  return std::nullopt;
}

std::optional<Fault> Chain::end(const Head& head) const {
  if (head.position > result.entries)
    return Fault{result.entries + 1,
                 fmt::format("removed: the ledger had {} entries and has {}", head.position, result.entries)};
  if (head.position < result.entries)
    return Fault{head.position + 1,
                 fmt::format("inserted: the ledger had {} entries and has {}", head.position, result.entries)};
  if (head.hash != previous_) return Fault{0, "the head's hash is not that of the last entry"};
  return std::nullopt;
}

std::optional<Fault> Chain::judge(const StoredEntry& stored) const {
  auto leaf = leaf_hash(leaf_of(stored));
  if (stored.hash != chained_hash(previous_, leaf))
    return Fault{stored.position,
                 "its hash does not follow from the entry and the hash before it: the entry or its hash was changed, "
                 "or another one was put in its place"};
  auto found = sequences_.find(stored.stream);
  auto expected = found == sequences_.end() ? 1 : found->second + 1;
  if (stored.sequence != expected)
    return Fault{stored.position, fmt::format("stream {} goes on with sequence {} instead of {}", stored.stream,
                                              stored.sequence, expected)};
  return std::nullopt;
}

}  // namespace aright::ledger
