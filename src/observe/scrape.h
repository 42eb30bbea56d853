#pragma once
// The page behind GET /metrics: what the ledger has told, what stands in its tables now, what was counted in this
// process, and what the system says of it. docs/operations/metrics.md lists all of it.

#include <string>

#include "observe/figures.h"
#include "observe/follower.h"
#include "remediation/engine.h"

namespace aright::observe {

struct Scraped {
  remediation::Engine* engine = nullptr;
  const Figures* figures =
      nullptr;  // shown from when they have been at the ledger's end once: a counter that climbed
  const Follower* follower = nullptr;  // from nothing would look like a burst
  std::string version;
  std::string state_directory;  // ""; the ledger is in memory
};

// Thread-safe. Fails when the ledger can't be read.
Result<std::string> scrape(const Scraped& from);

}  // namespace aright::observe
