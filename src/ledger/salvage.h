#pragma once
// Carries a damaged ledger into a new file. What counts are the entries: they are taken one by one, each checked by the
// chain, and nothing else of the old file is believed. Documents and timers are for whoever folds the entries to make
// again.

#include <string>

#include "ledger/ledger.h"

namespace aright::ledger {

struct Salvaged {
  std::uint64_t entries = 0;
  std::string hash;                // of the last one
  std::vector<std::string> notes;  // what was damaged, and what became of it
};

// `into` is a ledger without entries. Fails with corrupt, and leaves nothing behind that could be taken for the ledger,
// when an entry is not what was written or is missing: only a copy can bring that back.
Result<Salvaged> salvage(const std::string& from, Ledger& into);

}  // namespace aright::ledger
