#pragma once
// Who works on what, where several processes share one ledger: a lease on a name, for a time, by the database's own
// clock. It is renewed while its holder lives; when it ran out, anybody may take it, and its next holder has another
// epoch.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ledger/timers.h"
#include "store/transaction.h"

namespace aright::ledger {

struct Lease {
  std::string name, holder;
  std::int64_t epoch = 0;
};

namespace leases {

inline constexpr milliseconds term_default{15'000};
inline constexpr milliseconds gone_kept{60 * 60'000};  // what ran out, to be seen

// Nothing: somebody else holds it.
Result<std::optional<Lease>> take(store::Transaction& tx, std::string_view name, std::string_view holder,
                                  milliseconds term);
// Fails so unless it is held as it was taken. It may have run out: as long as nobody took it, it is still its holder's.
Result<> require(store::Transaction& tx, const Lease& lease, Error otherwise);
Result<> release(store::Transaction& tx, const Lease& lease);
// All that the holder has, from now on for another term; how many.
Result<std::int64_t> renew(store::Transaction& tx, std::string_view holder, milliseconds term);
// Gives back all that the holder has.
Result<> release_all(store::Transaction& tx, std::string_view holder);
// Forgets what ran out so long ago: nobody holds it, and its name may never come again.
Result<std::int64_t> prune(store::Transaction& tx, milliseconds ago = gone_kept);

// Takes the streams of the timers that are due, those due longest first, without those that somebody holds, the holder
// itself included. Timers that another transaction is at are passed over.
Result<std::vector<Lease>> take_due(store::Transaction& tx, std::string_view holder, milliseconds term, Timestamp now,
                                    std::size_t limit);

struct Standing {
  Lease lease;
  milliseconds left{0};  // negative: it ran out
};
// Those whose names begin so, by name.
Result<std::vector<Standing>> all(store::Transaction& tx, std::string_view prefix);

}  // namespace leases

}  // namespace aright::ledger
