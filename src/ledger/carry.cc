#include "ledger/carry.h"

#include "base/digest.h"
#include "ledger/entries.h"
#include "ledger/leases.h"

namespace aright::ledger {

namespace {

constexpr std::size_t page_rows = 1000;  // read and written in one transaction

// A table beside the entries: its columns, the first of which are its key.
struct Table {
  const char* name;
  std::vector<std::string> columns;
  std::size_t key_columns;
  std::uint64_t Carried::*count;
};
const std::vector<Table>& tables() {
  static const std::vector<Table> all{
      {"timers", {"id", "stream", "due_ms", "seal"}, 1, &Carried::timers},
      {"outbox", {"id", "channel", "body", "state", "attempts", "due_ms", "error", "seal", "state_seal"}, 1,
       &Carried::messages},
      {"documents", {"kind", "id", "sort", "status", "parent", "body"}, 2, &Carried::documents},
      {"checkpoint", {"id", "size", "note"}, 1, nullptr},
      {"agreed", {"name", "value"}, 1, nullptr},
  };
  return all;
}

std::string numbered(std::size_t from, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(fmt::format("${}", from + i));
  return fmt::format("{}", fmt::join(out, ", "));
}

// A cell as a parameter; the row has to stay.
store::Parameter parameter_of(const store::Row& row, std::size_t column) {
  switch (row.type(column)) {
    case store::Type::null: return nullptr;
    case store::Type::integer: return row.integer(column);
    case store::Type::text: return row.text(column);
    case store::Type::bytes: return store::Bytes{row.bytes(column)};
  }
  return nullptr;
}

Result<std::vector<store::Row>> rows_of(const store::Database& database, const std::string& sql,
                                        store::Parameters parameters) {
  std::vector<store::Row> rows;
  CHECK_OK(database.read([&](store::Transaction& tx) -> Result<> {
    rows = TRY(tx.query(sql, parameters));
    return {};
  }));
  return rows;
}

Result<std::uint64_t> move_entries(const Ledger& from, Ledger& into, const CarryProgress& progress) {
  const auto sql = fmt::format("select {} from entries where position > $1 order by position limit $2", entry_columns);
  std::uint64_t carried = 0;
  while (true) {
    auto rows = TRY(rows_of(from.database(), sql, {carried, page_rows}));
    if (rows.empty()) return carried;
    CHECK_OK(into.database().transact([&](store::Transaction& tx) { return write_stored(tx, rows); }));
    carried += rows.size();
    if (progress) progress(carried);
  }
}

// Page by page, in the order of its key.
Result<std::uint64_t> move_table(const Table& table, const Ledger& from, Ledger& into) {
  const std::vector<std::string> key(table.columns.begin(),
                                     table.columns.begin() + static_cast<std::ptrdiff_t>(table.key_columns));
  const auto columns = fmt::format("{}", fmt::join(table.columns, ", "));
  const auto keys = fmt::format("{}", fmt::join(key, ", "));
  const auto first = fmt::format("select {} from {} order by {} limit $1", columns, table.name, keys);
  const auto next = fmt::format("select {} from {} where ({}) > ({}) order by {} limit $1", columns, table.name, keys,
                                numbered(2, key.size()), keys);
  const auto insert = fmt::format("insert into {} ({}) values ({})", table.name, columns,
                                  numbered(1, table.columns.size()));
  std::uint64_t carried = 0;
  std::vector<store::Row> rows;
  do {
    std::vector<store::Parameter> after{page_rows};
    std::vector<store::Row> last;
    if (!rows.empty()) last.push_back(std::move(rows.back()));
    for (std::size_t i = 0; i < key.size() && !last.empty(); ++i) after.push_back(parameter_of(last[0], i));
    rows = TRY(rows_of(from.database(), last.empty() ? first : next, after));
    CHECK_OK(into.database().transact([&](store::Transaction& tx) -> Result<> {
      for (const auto& row : rows) {
        std::vector<store::Parameter> cells;
        for (std::size_t i = 0; i < table.columns.size(); ++i) cells.push_back(parameter_of(row, i));
        CHECK_OK(tx.execute(insert, cells));
      }
      return {};
    }));
    carried += rows.size();
  } while (rows.size() == page_rows);
  return carried;
}

Result<> nobody_works_on(const Ledger& ledger) {
  std::vector<leases::Standing> standing;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    standing = TRY(leases::all(tx, ""));
    return {};
  }));
  for (const auto& one : standing)
    if (one.left.count() > 0)
      return fail(Errc::conflict, "{} works on it; stop all workers first", one.lease.holder);
  return {};
}

}  // namespace

Result<Carried> carry(const Ledger& from, Ledger& into, const CarryProgress& progress) {
  if (into.size() != 0) return fail(Errc::conflict, "there is a ledger already");
  CHECK_OK(nobody_works_on(from));
  Carried carried;
  carried.entries = TRY(move_entries(from, into, progress));
  for (const auto& table : tables()) {
    auto rows = TRY(move_table(table, from, into));
    if (table.count) carried.*table.count = rows;
  }
  auto unsent = TRY(rows_of(from.database(), "select messages from outbox_unsent where id = 1", {}));
  Head head;
  CHECK_OK(from.database().read([&](store::Transaction& tx) -> Result<> {
    head = TRY(read_head(tx));
    return {};
  }));
  if (head.position != carried.entries) return fail(Errc::conflict, "somebody wrote to it meanwhile");
  CHECK_OK(into.database().transact([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("update outbox_unsent set messages = $1 where id = 1", {unsent.at(0).integer(0)}));
    return write_head(tx, head);
  }));
  CHECK_OK(into.refresh());
  carried.hash = to_hex(head.hash);
  return carried;
}

}  // namespace aright::ledger
