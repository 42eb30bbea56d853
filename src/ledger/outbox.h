#pragma once
// Outgoing messages. put() stands in the transaction of the entry that is the reason for the
// message, so that neither is there without the other. A courier claims what is due, delivers, and
// acknowledges; one that dies in between lets its claim run out, and the message is delivered
// again: at least once, and the receiver can tell by the id.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/value.h"
#include "store/transaction.h"

namespace aright::ledger {

struct Message {
  std::string id;       // the same message put twice is sent once
  std::string channel;  // which courier delivers it
  json::Value body;
};

// A message in the hands of one courier, until its lease ends.
struct Claim {
  Message message;
  int attempt = 0;  // from 1
};

namespace outbox {

inline constexpr int attempts_max = 12;  // then the message is dead: kept and shown, not sent
inline constexpr milliseconds backoff_min{1'000};
inline constexpr milliseconds backoff_max{15 * 60'000};

// False when the message was there already, sent or not.
Result<bool> put(store::Transaction& tx, const Message& message, Timestamp now);
// Those of the channel that are due, in the order in which they became so, of those whose ids begin with `prefix`.
// Nobody else gets them before now + lease.
Result<std::vector<Claim>> claim(store::Transaction& tx, std::string_view channel, Timestamp now,
                                 milliseconds lease, std::size_t limit, std::string_view prefix = {});
// Both fail with conflict when the claim ran out and somebody else has the message now.
Result<> ack(store::Transaction& tx, const Claim& claim, Timestamp now);
// Due again after backoff(); dead after attempts_max.
Result<> fail(store::Transaction& tx, const Claim& claim, Timestamp now, std::string_view error);

// For those with a patience of their own: due again then, or dead at once. Both fail as fail() does.
Result<> retry_at(store::Transaction& tx, const Claim& claim, Timestamp due, std::string_view error);
Result<> bury(store::Transaction& tx, const Claim& claim, Timestamp now, std::string_view error);

// Doubles from backoff_min to backoff_max; the last half is jitter, which is a function of id and
// attempt, so that a replay waits as long.
milliseconds backoff(std::string_view id, int attempt);

// When the channel's next message is due.
Result<std::optional<Timestamp>> next(store::Transaction& tx, std::string_view channel);

// The id of one that is not what was put there, or whose standing is not what it came to.
Result<std::optional<std::string>> find_broken(store::Transaction& tx);
// False when there are fewer, or more, that are not sent than were put.
Result<bool> all_there(store::Transaction& tx);
Result<> recount(store::Transaction& tx);  // takes those which are there as all
Result<> seal_all(store::Transaction& tx);
// For carrying a damaged file's messages into a new one: rows as they are, and each put there again; false when it was
// damaged, and so is dead.
Result<std::vector<store::Row>> rows_of(store::Transaction& tx);
Result<bool> restore(store::Transaction& tx, const store::Row& row);

struct Dead {
  Message message;
  std::string error;  // of the last attempt
};
Result<std::vector<Dead>> dead(store::Transaction& tx, std::size_t limit);
// Forgets messages that died before `before`: who they were for had the time to look. How many.
Result<std::int64_t> prune_dead(store::Transaction& tx, Timestamp before);
// Forgets messages that were sent before `before`, and with them that their ids were used. How
// many.
Result<std::int64_t> prune(store::Transaction& tx, Timestamp before);

}  // namespace outbox

}  // namespace aright::ledger
