#include "ledger/timers.h"

namespace aright::ledger::timers {

Result<> set(store::Transaction& tx, const Timer& timer) {
  CHECK_OK(tx.execute(
      "insert into timers (id, stream, due_ms) values ($1, $2, $3)"
      " on conflict (id) do update set stream = excluded.stream, due_ms = excluded.due_ms",
      {timer.id, timer.stream, timer.due.ms}));
  return {};
}

Result<bool> cancel(store::Transaction& tx, std::string_view id) {
  auto rows = TRY(tx.execute("delete from timers where id = $1", {id}));
  return rows > 0;
}

Result<std::int64_t> cancel_stream(store::Transaction& tx, std::string_view stream) {
  return tx.execute("delete from timers where stream = $1", {stream});
}

Result<std::vector<Timer>> due(store::Transaction& tx, Timestamp now, std::size_t limit) {
  auto rows = TRY(tx.query(
      "select id, stream, due_ms from timers where due_ms <= $1 order by due_ms, id limit $2",
      {now.ms, limit}));
  std::vector<Timer> timers;
  timers.reserve(rows.size());
  for (const auto& row : rows)
    timers.push_back({.id = row.text(0), .stream = row.text(1), .due = {row.integer(2)}});
  return timers;
}

Result<std::optional<Timestamp>> next(store::Transaction& tx) {
  auto rows = TRY(tx.query("select min(due_ms) from timers"));
  if (rows.empty() || rows[0].null(0)) return std::nullopt;
  return Timestamp{rows[0].integer(0)};
}

}  // namespace aright::ledger::timers
