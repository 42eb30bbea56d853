#pragma once
// Entries as rows. Used by the ledger itself and by its verifier; others go through ledger.h.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/format.h"
#include "ledger/ledger.h"
#include "store/transaction.h"

namespace aright::ledger {

// The columns that read_row expects, in its order.
inline constexpr const char* entry_columns =
    "position, stream, sequence, kind, time_ms, body, hash";

inline constexpr std::size_t page_entries = 1000;  // read in one transaction by those who read them all

// An entry as it is stored: body and hash are bytes still.
struct StoredEntry {
  std::uint64_t position = 0;
  std::string stream;
  std::uint64_t sequence = 0;
  std::string kind;
  Timestamp time;
  std::string body;
  std::string hash;
};
Leaf leaf_of(const StoredEntry& stored);  // as long as it stays
// Fails with corrupt when a column does not hold what was written there.
Result<StoredEntry> read_row(const store::Row& row);
// Fails with corrupt when the body is not JSON.
Result<Entry> read_entry(const store::Row& row);
Result<> read_all(const std::vector<store::Row>& rows, std::vector<Entry>& entries);

// Where the ledger ends.
struct Head {
  std::uint64_t position = 0;
  std::string hash;
};
Result<Head> read_head(store::Transaction& tx);
Result<> write_head(store::Transaction& tx, const Head& head);

// Rows of entry_columns as they stand in another ledger. Their hashes are taken as they are.
Result<> write_stored(store::Transaction& tx, const std::vector<store::Row>& rows);

// A draft whose body has been checked and made canonical, which is done before its turn to be
// written comes.
struct Prepared {
  Entry entry;  // lacks position, sequence, time and hash
  std::string body;
  std::optional<std::uint64_t> sequence;
};
Result<Prepared> prepare(Draft draft);

// Gives the entries their places behind the head, and writes them. Fails with conflict when a
// sequence is taken.
Result<> write_entries(store::Transaction& tx, std::vector<Prepared>& drafts, Timestamp time);

}  // namespace aright::ledger
