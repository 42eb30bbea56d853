#include "ledger/salvage.h"

#include <limits>

#include "ledger/chain.h"
#include "ledger/notary.h"
#include "ledger/outbox.h"

namespace aright::ledger {

namespace {

std::unexpected<Error> lost(const Fault& fault) {
  return fail(Errc::corrupt, "entry {}: {}. No rebuilding brings that back: restore a copy of the file", fault.position,
              fault.what);
}

// The head tells whether entries are missing at the end, so its position must be right; its hash follows from them.
Result<> check_head(store::Transaction& tx, const Chain& chain, Salvaged& salvaged) {
  auto head = read_head(tx);
  if (!head)
    return fail(Errc::corrupt, "{}: whether entries are missing at the end cannot be told", head.error().message);
  if (head->position != chain.result.entries) return lost(*chain.end(*head));
  if (chain.end(*head)) salvaged.notes.push_back("the head's hash was not that of the last entry; it is now");
  return {};
}

Result<> carry_entries(const store::Database& from, Ledger& into, Chain& chain, Salvaged& salvaged) {
  static const std::string sql = fmt::format(
      "select {} from entries where position > $1 order by position limit $2", entry_columns);
  auto after = std::numeric_limits<std::int64_t>::min();
  for (bool done = false; !done;) {
    std::vector<store::Row> rows;
    CHECK_OK(from.read([&](store::Transaction& tx) -> Result<> {
      rows = TRY(tx.query(sql, {after, page_entries}));
      done = rows.size() < page_entries;
      return {};
    }));
    for (const auto& row : rows) {
      if (auto fault = chain.next(row)) return lost(*fault);
      after = row.integer(0);
    }
    CHECK_OK(into.database().transact([&](store::Transaction& tx) { return write_stored(tx, rows); }));
  }
  return from.read([&](store::Transaction& tx) { return check_head(tx, chain, salvaged); });
}

Result<> carry_messages(const store::Database& from, Ledger& into, Salvaged& salvaged) {
  std::vector<store::Row> rows;
  auto read = from.read([&](store::Transaction& tx) -> Result<> {
    rows = TRY(outbox::rows_of(tx));
    return {};
  });
  if (!read) {
    salvaged.notes.push_back("the outbox cannot be read, and its messages are lost: " + read.error().message);
    return {};
  }
  return into.database().transact([&](store::Transaction& tx) -> Result<> {
    for (const auto& row : rows) {
      bool whole = TRY(outbox::restore(tx, row));
      if (!whole) salvaged.notes.push_back(fmt::format("the message {} was damaged; it will not be sent", row.text(0)));
    }
    return outbox::recount(tx);
  });
}

// What was promised once is kept to by the new file as well; one that is no checkpoint any more was no promise.
Result<> carry_checkpoint(const store::Database& from, Ledger& into, Salvaged& salvaged) {
  std::optional<std::string> note;
  auto read = from.read([&](store::Transaction& tx) -> Result<> {
    note = TRY(last_note(tx));
    return {};
  });
  if (read && !note) return {};
  auto checkpoint = note ? parse_checkpoint(*note) : fail(Errc::corrupt, "it cannot be read");
  if (!checkpoint) {
    salvaged.notes.push_back("the checkpoint that was signed last is lost: " + checkpoint.error().message);
    return {};
  }
  return into.database().transact([&](store::Transaction& tx) { return write_note(tx, checkpoint->size, *note); });
}

}  // namespace

Result<Salvaged> salvage(const std::string& from, Ledger& into) {
  if (into.size() != 0) return fail(Errc::invalid, "only an empty ledger takes what was salvaged");
  auto old = TRY(store::Database::open({.path = from}));
  Salvaged salvaged;
  Chain chain;
  CHECK_OK(carry_entries(*old, into, chain, salvaged));
  CHECK_OK(carry_messages(*old, into, salvaged));
  CHECK_OK(carry_checkpoint(*old, into, salvaged));
  CHECK_OK(into.database().transact([&](store::Transaction& tx) {
    return write_head(tx, {.position = chain.result.entries, .hash = chain.last_hash()});
  }));
  salvaged.entries = chain.result.entries;
  salvaged.hash = chain.result.hash;
  return salvaged;
}

}  // namespace aright::ledger
