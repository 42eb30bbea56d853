#include "ledger/outbox.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"
#include "ledger/seal.h"

namespace aright::ledger::outbox {

namespace {

std::string sealed(std::string_view id, std::string_view channel, std::string_view body) {
  return seal_of({id, channel, body});
}

// How far the delivery of one message is.
struct Standing {
  std::string state;
  std::int64_t attempts = 0;
  Timestamp due;
  std::string error;
};
std::string sealed(std::string_view id, const Standing& standing) {
  return seal_of({id, standing.state, standing.attempts, standing.due.ms, standing.error});
}

Result<Message> read_message(const store::Row& row) {
  auto body = json::parse(row.text(2));
  if (!body) return wrap(std::move(body.error()), "outbox message {}", row.text(0));
  return Message{.id = row.text(0), .channel = row.text(1), .body = std::move(*body)};
}

Result<> count_unsent(store::Transaction& tx, int more) {
  CHECK_OK(tx.execute("update outbox_unsent set messages = messages + $1", {more}));
  return {};
}

Result<> expect_held(std::int64_t rows, const Claim& claim) {
  if (rows > 0) return {};
  return aright::fail(Errc::conflict, "outbox message {}: the claim of attempt {} has run out",
                      claim.message.id, claim.attempt);
}

// The attempt counter is the fence: whoever claims next raises it.
Result<> settle(store::Transaction& tx, const Claim& claim, std::string_view state, Timestamp due,
                std::string_view error) {
  const Standing after{std::string(state), claim.attempt, due, std::string(error)};
  auto rows =
      TRY(tx.execute("update outbox set state = $1, due_ms = $2, error = $3, state_seal = $4"
                     " where id = $5 and attempts = $6 and state = 'waiting'",
                     {state, due.ms, error, sealed(claim.message.id, after), claim.message.id, claim.attempt}));
  return expect_held(rows, claim);
}

}  // namespace

Result<bool> put(store::Transaction& tx, const Message& message, Timestamp now) {
  auto body = json::print(message.body);
  auto rows =
      TRY(tx.execute("insert into outbox (id, channel, body, state, attempts, due_ms, error, seal, state_seal)"
                     " values ($1, $2, $3, 'waiting', 0, $4, '', $5, $6) on conflict (id) do nothing",
                     {message.id, message.channel, body, now.ms, sealed(message.id, message.channel, body),
                      sealed(message.id, {"waiting", 0, now, ""})}));
  if (rows > 0) CHECK_OK(count_unsent(tx, 1));
  return rows > 0;
}

Result<std::vector<Claim>> claim(store::Transaction& tx, std::string_view channel, Timestamp now,
                                 milliseconds lease, std::size_t limit, std::string_view prefix) {
  auto rows = TRY(tx.query(
      "select id, channel, body, attempts, error from outbox where state = 'waiting' and channel = $1"
      " and due_ms <= $2 and substr(id, 1, length($3)) = $3 order by due_ms, id limit $4",
      {channel, now.ms, prefix, limit}));
  std::vector<Claim> claims;
  for (const auto& row : rows) {
    auto message = TRY(read_message(row));
    Claim claim{.message = std::move(message), .attempt = static_cast<int>(row.integer(3)) + 1};
    const Standing held{"waiting", claim.attempt, now + lease, row.text(4)};
    CHECK_OK(tx.execute("update outbox set attempts = $1, due_ms = $2, state_seal = $3 where id = $4",
                        {held.attempts, held.due.ms, sealed(claim.message.id, held), claim.message.id}));
    claims.push_back(std::move(claim));
  }
  return claims;
}

Result<> ack(store::Transaction& tx, const Claim& claim, Timestamp now) {
  CHECK_OK(settle(tx, claim, "sent", now, ""));
  return count_unsent(tx, -1);
}

Result<> fail(store::Transaction& tx, const Claim& claim, Timestamp now, std::string_view error) {
  bool last = claim.attempt >= attempts_max;
  auto due = last ? now : now + backoff(claim.message.id, claim.attempt);
  return settle(tx, claim, last ? "dead" : "waiting", due, error);
}

Result<> retry_at(store::Transaction& tx, const Claim& claim, Timestamp due, std::string_view error) {
  return settle(tx, claim, "waiting", due, error);
}

Result<> bury(store::Transaction& tx, const Claim& claim, Timestamp now, std::string_view error) {
  return settle(tx, claim, "dead", now, error);
}

milliseconds backoff(std::string_view id, int attempt) {
  auto doubled = backoff_min.count() << std::clamp(attempt - 1, 0, 20);
  auto whole = std::min<std::int64_t>(doubled, backoff_max.count());
  std::uint64_t seed = static_cast<std::uint64_t>(attempt);
  for (unsigned char byte : sha256(id).substr(0, 8))
    seed = seed * 256 + byte;
  auto jitter = Random(seed).below(static_cast<std::uint64_t>(whole / 2));
  return milliseconds(whole / 2 + static_cast<std::int64_t>(jitter));
}

Result<std::optional<Timestamp>> next(store::Transaction& tx, std::string_view channel) {
  auto rows = TRY(tx.query(
      "select min(due_ms) from outbox where state = 'waiting' and channel = $1", {channel}));
  if (rows.empty() || rows[0].null(0)) return std::nullopt;
  return Timestamp{rows[0].integer(0)};
}

Result<std::vector<Dead>> dead(store::Transaction& tx, std::size_t limit) {
  auto rows =
      TRY(tx.query("select id, channel, body, error from outbox where state = 'dead' order by "
                   "due_ms, id limit $1",
                   {limit}));
  std::vector<Dead> out;
  for (const auto& row : rows) {
    auto message = TRY(read_message(row));
    out.push_back({.message = std::move(message), .error = row.text(3)});
  }
  return out;
}

Result<std::int64_t> prune(store::Transaction& tx, Timestamp before) {
  return tx.execute("delete from outbox where state = 'sent' and due_ms < $1", {before.ms});
}

Result<std::int64_t> prune_dead(store::Transaction& tx, Timestamp before) {
  auto gone = TRY(tx.execute("delete from outbox where state = 'dead' and due_ms < $1", {before.ms}));
  CHECK_OK(count_unsent(tx, -static_cast<int>(gone)));
  return gone;
}

namespace {

constexpr const char* row_columns = "id, channel, body, state, attempts, due_ms, error, seal, state_seal";

Standing standing_of(const store::Row& row) {
  return {row.text(3), row.integer(4), {row.integer(5)}, row.text(6)};
}

bool is_whole(const store::Row& row) {
  return row.type(4) == store::Type::integer && row.type(5) == store::Type::integer &&
         row.text(7) == sealed(row.text(0), row.text(1), row.text(2)) &&
         row.text(8) == sealed(row.text(0), standing_of(row));
}

Result<> write_row(store::Transaction& tx, const store::Row& row, const Standing& standing) {
  CHECK_OK(tx.execute(
      fmt::format("insert into outbox ({}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do update set"
                  " seal = excluded.seal, state_seal = excluded.state_seal",
                  row_columns),
      {row.text(0), row.text(1), row.text(2), standing.state, standing.attempts, standing.due.ms, standing.error,
       sealed(row.text(0), row.text(1), row.text(2)), sealed(row.text(0), standing)}));
  return {};
}

}  // namespace

Result<std::vector<store::Row>> rows_of(store::Transaction& tx) {
  return tx.query(fmt::format("select {} from outbox order by id", row_columns));
}

Result<std::optional<std::string>> find_broken(store::Transaction& tx) {
  auto rows = TRY(rows_of(tx));
  for (const auto& row : rows)
    if (!is_whole(row)) return row.text(0);
  return std::nullopt;
}

Result<> seal_all(store::Transaction& tx) {
  auto rows = TRY(rows_of(tx));
  for (const auto& row : rows) CHECK_OK(write_row(tx, row, standing_of(row)));
  return {};
}

Result<bool> all_there(store::Transaction& tx) {
  auto rows = TRY(tx.query("select count(*) from outbox where state <> 'sent'"
                           " union all select messages from outbox_unsent"));
  return rows.size() == 2 && rows[0].integer(0) == rows[1].integer(0);
}

Result<> recount(store::Transaction& tx) {
  CHECK_OK(tx.execute("update outbox_unsent set messages = (select count(*) from outbox where state <> 'sent')"));
  return {};
}

Result<bool> restore(store::Transaction& tx, const store::Row& row) {
  if (is_whole(row)) {
    CHECK_OK(write_row(tx, row, standing_of(row)));
    return true;
  }
  // Nobody knows what it said, or whether it was sent: it is kept to be looked at, and not sent.
  if (row.text(0).empty()) return false;
  auto body = json::parse(row.text(2)) ? row.text(2) : json::print(json::Value(row.text(2)));
  store::Row kept({row.text(0), row.text(1), body, "", std::int64_t{0}, std::int64_t{0}, "", "", ""});
  CHECK_OK(write_row(tx, kept, {"dead", 0, {0}, "it was damaged on the disk"}));
  return false;
}

}  // namespace aright::ledger::outbox
