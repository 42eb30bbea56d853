#include "ledger/outbox.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"

namespace aright::ledger::outbox {

namespace {

Result<Message> read_message(const store::Row& row) {
  auto body = json::parse(row.text(2));
  if (!body) return wrap(std::move(body.error()), "outbox message {}", row.text(0));
  return Message{.id = row.text(0), .channel = row.text(1), .body = std::move(*body)};
}

Result<> expect_held(std::int64_t rows, const Claim& claim) {
  if (rows > 0) return {};
  return aright::fail(Errc::conflict, "outbox message {}: the claim of attempt {} has run out",
                      claim.message.id, claim.attempt);
}

// The attempt counter is the fence: whoever claims next raises it.
Result<> settle(store::Transaction& tx, const Claim& claim, std::string_view state, Timestamp due,
                std::string_view error) {
  auto rows =
      TRY(tx.execute("update outbox set state = $1, due_ms = $2, error = $3"
                     " where id = $4 and attempts = $5 and state = 'waiting'",
                     {state, due.ms, error, claim.message.id, claim.attempt}));
  return expect_held(rows, claim);
}

}  // namespace

Result<bool> put(store::Transaction& tx, const Message& message, Timestamp now) {
  auto rows =
      TRY(tx.execute("insert into outbox (id, channel, body, state, attempts, due_ms, error)"
                     " values ($1, $2, $3, 'waiting', 0, $4, '') on conflict (id) do nothing",
                     {message.id, message.channel, json::print(message.body), now.ms}));
  return rows > 0;
}

Result<std::vector<Claim>> claim(store::Transaction& tx, std::string_view channel, Timestamp now,
                                 milliseconds lease, std::size_t limit) {
  auto rows = TRY(tx.query(
      "select id, channel, body, attempts from outbox where state = 'waiting' and channel = $1"
      " and due_ms <= $2 order by due_ms, id limit $3",
      {channel, now.ms, limit}));
  std::vector<Claim> claims;
  for (const auto& row : rows) {
    auto message = TRY(read_message(row));
    Claim claim{.message = std::move(message), .attempt = static_cast<int>(row.integer(3)) + 1};
    CHECK_OK(tx.execute("update outbox set attempts = $1, due_ms = $2 where id = $3",
                        {claim.attempt, (now + lease).ms, claim.message.id}));
    claims.push_back(std::move(claim));
  }
  return claims;
}

Result<> ack(store::Transaction& tx, const Claim& claim, Timestamp now) {
  return settle(tx, claim, "sent", now, "");
}

Result<> fail(store::Transaction& tx, const Claim& claim, Timestamp now, std::string_view error) {
  bool last = claim.attempt >= attempts_max;
  auto due = last ? now : now + backoff(claim.message.id, claim.attempt);
  return settle(tx, claim, last ? "dead" : "waiting", due, error);
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

}  // namespace aright::ledger::outbox
