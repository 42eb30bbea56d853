#pragma once
// The time of all who share a database: the database's own, and between two looks at it the machine's steady clock. A
// machine whose clock is wrong, or jumps, keeps the time of the others.

#include <atomic>

#include "base/clock.h"
#include "base/stopwatch.h"
#include "store/transaction.h"

namespace aright::ledger {

// Thread-safe. Until it was told, it goes on from what the machine took for the time when it was made.
class DatabaseClock final : public Clock {
 public:
  Timestamp now() const override { return {begun_ms_ + elapsed_ms()}; }
  // It is as late now as the transaction says.
  Result<> look(store::Transaction& tx) {
    auto rows = TRY(tx.query(fmt::format("select {}", tx.time_sql())));
    begun_ms_ = rows[0].integer(0) - elapsed_ms();
    return {};
  }

 private:
  std::int64_t elapsed_ms() const { return static_cast<std::int64_t>(watch_.seconds() * 1e3); }

  const Stopwatch watch_;
  std::atomic<std::int64_t> begun_ms_ = SystemClock().now().ms;  // when the watch began
};

}  // namespace aright::ledger
