#pragma once
// Durable timers: sleeping, waiting for an approval, soaking and retrying are rows here; no thread
// waits. They are set and cancelled in the transaction of the entry that says so. Nothing fires by
// itself: the engine asks what is due, and cancels (or sets anew) in the same append that records
// what came of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/transaction.h"

namespace aright::ledger {

struct Timer {
  std::string id;      // names what waits; a second one by this id replaces the first
  std::string stream;  // that is to be woken
  Timestamp due;
};

namespace timers {

Result<> set(store::Transaction& tx, const Timer& timer);
Result<> cancel(store::Transaction& tx, std::string_view id);
// All those of a stream; how many.
Result<std::int64_t> cancel_stream(store::Transaction& tx, std::string_view stream);
// Those whose time has come, the longest overdue first. They stay until they are cancelled.
Result<std::vector<Timer>> due(store::Transaction& tx, Timestamp now, std::size_t limit);
Result<std::vector<Timer>> all(store::Transaction& tx);
Result<std::int64_t> cancel_all(store::Transaction& tx);
// The id of one that is not what was set.
Result<std::optional<std::string>> find_broken(store::Transaction& tx);
Result<> seal_all(store::Transaction& tx);
// When the next one is due: how long there is nothing to do.
Result<std::optional<Timestamp>> next(store::Transaction& tx);

}  // namespace timers

}  // namespace aright::ledger
