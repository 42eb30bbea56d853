// The ledger's verifier: recomputes what was written from what is there now.

#include <limits>

#include "ledger/chain.h"
#include "ledger/notary.h"
#include "ledger/schema.h"
#include "ledger/seal.h"

namespace aright::ledger {

namespace {

// What stands beside the entries: that the tables are those which were made, and the rows what was written.
Result<std::optional<Fault>> find_fault_beside(const store::Database& database) {
  if (auto sound = database.check(); !sound) return Fault{0, sound.error().message};
  auto expected = TRY(expected_shape(database));
  std::optional<Fault> fault;
  CHECK_OK(database.read([&](store::Transaction& tx) -> Result<> {
    auto shape = TRY(tx.shape());
    if (shape != expected)
      fault = Fault{0, "its tables are not those that aright made"};
    else
      fault = TRY(find_broken_seal(tx));
    return {};
  }));
  return fault;
}

// Seen from the checkpoint that was signed last.
Result<std::optional<Fault>> find_broken_promise(const Ledger& ledger) {
  std::optional<std::string> note;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    note = TRY(last_note(tx));
    return {};
  }));
  if (!note) return std::nullopt;
  auto checkpoint = parse_checkpoint(*note);
  if (!checkpoint) return Fault{0, "the checkpoint that was signed last is not what was written"};
  return compare(ledger, *checkpoint);
}

}  // namespace

Result<Verification> Ledger::verify() const {
  static const std::string sql = fmt::format(
      "select {} from entries where position > $1 order by position limit $2", entry_columns);
  Chain chain;
  auto after = std::numeric_limits<std::int64_t>::min();
  for (bool done = false; !done;) {
    CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
      auto rows = TRY(tx.query(sql, {after, page_entries}));
      for (std::size_t i = 0; i < rows.size() && !chain.result.fault; ++i) {
        chain.result.fault = chain.next(rows[i]);
        after = rows[i].integer(0);
      }
      done = rows.size() < page_entries || chain.result.fault;
      if (!done || chain.result.fault) return {};
      auto head = read_head(tx);
      chain.result.fault = head ? chain.end(*head) : Fault{0, head.error().message};
      return {};
    }));
  }
  if (!chain.result.fault) chain.result.fault = TRY(find_fault_beside(*database_));
  if (!chain.result.fault) chain.result.fault = TRY(find_broken_promise(*this));
  return std::move(chain.result);
}

Result<> each_entry(store::Transaction& tx, const std::function<Result<>(const Entry&)>& visit) {
  static const std::string sql = fmt::format(
      "select {} from entries where position > $1 order by position limit $2", entry_columns);
  std::uint64_t after = 0;
  while (true) {
    auto rows = TRY(tx.query(sql, {after, page_entries}));
    for (const auto& row : rows) {
      auto entry = TRY(read_entry(row));
      after = entry.position;
      CHECK_OK(visit(entry));
    }
    if (rows.size() < page_entries) return {};
  }
}

}  // namespace aright::ledger
