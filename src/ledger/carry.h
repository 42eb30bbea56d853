#pragma once
// A whole ledger into another store: every row as it is, so that hashes, sequences and checkpoints hold there as well.
// What belongs to the processes that work on a store stays behind.

#include "ledger/ledger.h"

namespace aright::ledger {

struct Carried {
  std::uint64_t entries = 0, timers = 0, messages = 0, documents = 0;
  std::string hash;  // of the last entry
};

// Called now and then with how many entries are there.
using CarryProgress = std::function<void(std::uint64_t entries)>;

// Fails with conflict when `into` has something already, or when somebody works on `from` meanwhile. The target is
// whole only when this succeeds.
Result<Carried> carry(const Ledger& from, Ledger& into, const CarryProgress& progress = {});

}  // namespace aright::ledger
