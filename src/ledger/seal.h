#pragma once
// Rows beside the entries that are no fold of them (timers, messages) carry a seal of what was written, so that a
// change that nobody made shows. It is no signature: whoever can write the file can seal as well.

#include <optional>

#include "json/value.h"
#include "ledger/ledger.h"

namespace aright::ledger {

inline constexpr std::size_t seal_digits = 16;

std::string seal_of(const json::Array& cells);

// The first timer or message that is not what was written.
Result<std::optional<Fault>> find_broken_seal(store::Transaction& tx);
// Seals all rows as they are: for those that were written before there were seals.
Result<> seal_all(store::Transaction& tx);

}  // namespace aright::ledger
