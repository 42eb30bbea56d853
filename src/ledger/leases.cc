#include "ledger/leases.h"

namespace aright::ledger::leases {

Result<std::optional<Lease>> take(store::Transaction& tx, std::string_view name, std::string_view holder,
                                  milliseconds term) {
  auto sql = fmt::format("insert into leases (name, holder, epoch, until_ms) values ($1, $2, 1, {0} + $3)"
                         " on conflict (name) do update set holder = excluded.holder, epoch = leases.epoch + 1,"
                         " until_ms = excluded.until_ms where leases.until_ms < {0} or leases.holder = excluded.holder"
                         " returning epoch",
                         tx.time_sql());
  auto rows = TRY(tx.query(sql, {name, holder, term.count()}));
  if (rows.empty()) return std::nullopt;
  return Lease{.name = std::string(name), .holder = std::string(holder), .epoch = rows[0].integer(0)};
}

Result<> require(store::Transaction& tx, const Lease& lease, Error otherwise) {
  return tx.demand("select 1 from leases where name = $1 and holder = $2 and epoch = $3",
                   {lease.name, lease.holder, lease.epoch}, std::move(otherwise));
}

Result<> release(store::Transaction& tx, const Lease& lease) {
  CHECK_OK(tx.send("delete from leases where name = $1 and holder = $2 and epoch = $3",
                      {lease.name, lease.holder, lease.epoch}));
  return {};
}

Result<std::int64_t> renew(store::Transaction& tx, std::string_view holder, milliseconds term) {
  auto sql = fmt::format("update leases set until_ms = {} + $2 where holder = $1", tx.time_sql());
  return tx.execute(sql, {holder, term.count()});
}

Result<> release_all(store::Transaction& tx, std::string_view holder) {
  CHECK_OK(tx.execute("delete from leases where holder = $1", {holder}));
  return {};
}

Result<std::int64_t> prune(store::Transaction& tx, milliseconds ago) {
  return tx.execute(fmt::format("delete from leases where until_ms < {} - $1", tx.time_sql()), {ago.count()});
}

Result<std::vector<Lease>> take_due(store::Transaction& tx, std::string_view holder, milliseconds term, Timestamp now,
                                    std::size_t limit) {
  auto due = fmt::format("select stream from timers where due_ms <= $3 and not exists (select 1 from leases"
                         " where leases.name = timers.stream and leases.until_ms >= {})"
                         " order by due_ms, id limit $4{}",
                         tx.time_sql(), tx.pass_over_sql());
  auto sql = fmt::format("insert into leases (name, holder, epoch, until_ms)"
                         " select distinct stream, $1, 1, {0} + $2 from ({1}) as these where true"
                         " on conflict (name) do update set holder = excluded.holder, epoch = leases.epoch + 1,"
                         " until_ms = excluded.until_ms returning name, epoch",
                         tx.time_sql(), due);
  std::vector<Lease> taken;
  for (const auto& row : TRY(tx.query(sql, {holder, term.count(), now.ms, limit})))
    taken.push_back({.name = row.text(0), .holder = std::string(holder), .epoch = row.integer(1)});
  return taken;
}

Result<std::vector<Standing>> all(store::Transaction& tx, std::string_view prefix) {
  auto sql = fmt::format("select name, holder, epoch, until_ms - {} from leases"
                         " where substr(name, 1, cast($1 as integer)) = $2 order by name",
                         tx.time_sql());
  std::vector<Standing> out;
  for (const auto& row : TRY(tx.query(sql, {prefix.size(), prefix})))
    out.push_back({.lease = {.name = row.text(0), .holder = row.text(1), .epoch = row.integer(2)},
                   .left = milliseconds(row.integer(3))});
  return out;
}

}  // namespace aright::ledger::leases
