#include "ledger/timers.h"

#include "ledger/seal.h"

namespace aright::ledger::timers {

namespace {

std::string sealed(const Timer& timer) { return seal_of({timer.id, timer.stream, timer.due.ms}); }

Timer read_timer(const store::Row& row) {
  return {.id = row.text(0), .stream = row.text(1), .due = {row.integer(2)}};
}

}  // namespace

Result<> set(store::Transaction& tx, const Timer& timer) {
  CHECK_OK(tx.send(
      "insert into timers (id, stream, due_ms, seal) values ($1, $2, $3, $4)"
      " on conflict (id) do update set stream = excluded.stream, due_ms = excluded.due_ms, seal = excluded.seal",
      {timer.id, timer.stream, timer.due.ms, sealed(timer)}));
  return {};
}

Result<> cancel(store::Transaction& tx, std::string_view id) {
  return tx.send("delete from timers where id = $1", {id});
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
    timers.push_back(read_timer(row));
  return timers;
}

Result<std::vector<Timer>> all(store::Transaction& tx) {
  auto rows = TRY(tx.query("select id, stream, due_ms from timers order by id"));
  std::vector<Timer> timers;
  for (const auto& row : rows)
    timers.push_back(read_timer(row));
  return timers;
}

Result<std::int64_t> cancel_all(store::Transaction& tx) { return tx.execute("delete from timers"); }

Result<std::optional<std::string>> find_broken(store::Transaction& tx) {
  auto rows = TRY(tx.query("select id, stream, due_ms, seal from timers order by id"));
  for (const auto& row : rows)
    if (row.type(2) != store::Type::integer || row.text(3) != sealed(read_timer(row))) return row.text(0);
  return std::nullopt;
}

Result<> seal_all(store::Transaction& tx) {
  auto timers = TRY(all(tx));
  for (const auto& timer : timers) CHECK_OK(set(tx, timer));
  return {};
}

Result<std::optional<Timestamp>> next(store::Transaction& tx) {
  auto rows = TRY(tx.query("select min(due_ms) from timers"));
  if (rows.empty() || rows[0].null(0)) return std::nullopt;
  return Timestamp{rows[0].integer(0)};
}

}  // namespace aright::ledger::timers
