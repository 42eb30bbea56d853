#include "ledger/standing.h"

namespace aright::ledger {

namespace {

Result<> count_documents(store::Transaction& tx, Standing& out) {
  for (const auto& row :
       TRY(tx.query("select kind, status, count(*) from documents where status <> '' group by kind, status")))
    out.documents.push_back({row.text(0), row.text(1), row.integer(2)});
  return {};
}

// Two questions, since each of the outbox' two indexes holds one half.
Result<> count_messages(store::Transaction& tx, Standing& out) {
  constexpr const char* waiting =
      "select channel, state, count(*), min(due_ms) from outbox where state = 'waiting' group by channel";
  constexpr const char* dead =
      "select channel, state, count(*), min(due_ms) from outbox where state <> 'waiting' and state = 'dead' group by "
      "channel";
  for (const auto* sql : {waiting, dead})
    for (const auto& row : TRY(tx.query(sql)))
      out.messages.push_back({row.text(0), row.text(1), row.integer(2), {row.integer(3)}});
  return {};
}

Result<> count_timers(store::Transaction& tx, Timestamp now, Standing& out) {
  auto rows = TRY(tx.query("select count(*), min(due_ms) from timers"));
  out.timers = rows.at(0).integer(0);
  if (!rows[0].null(1)) out.next_timer = Timestamp{rows[0].integer(1)};
  auto due = TRY(tx.query("select count(*) from timers where due_ms <= $1", {now.ms}));
  out.timers_due = due.at(0).integer(0);
  return {};
}

Result<> see_checkpoint(store::Transaction& tx, Standing& out) {
  auto rows = TRY(tx.query("select size from checkpoint"));
  if (!rows.empty()) out.entries_signed = static_cast<std::uint64_t>(rows[0].integer(0));
  auto next = TRY(tx.query("select time_ms from entries where position = $1", {out.entries_signed + 1}));
  if (!next.empty()) out.unsigned_since = Timestamp{next[0].integer(0)};
  return {};
}

}  // namespace

std::int64_t Standing::count(std::string_view kind, std::string_view status) const {
  for (const auto& one : documents)
    if (one.kind == kind && one.status == status) return one.count;
  return 0;
}

Result<Standing> standing(const Ledger& ledger, Timestamp now) {
  Standing out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(count_documents(tx, out));
    CHECK_OK(count_messages(tx, out));
    CHECK_OK(count_timers(tx, now, out));
    return see_checkpoint(tx, out);
  }));
  return out;
}

}  // namespace aright::ledger
