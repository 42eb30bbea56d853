#pragma once
// What stands in the ledger's tables now, in numbers: for whoever watches the engine. Reads only, mostly indexes.

#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace aright::ledger {

struct Standing {
  struct Documents {
    std::string kind, status;
    std::int64_t count = 0;
  };
  std::vector<Documents> documents;  // of those that have a status
  struct Messages {
    std::string channel, state;  // waiting or dead
    std::int64_t count = 0;
    Timestamp due;  // of those that wait, the first
  };
  std::vector<Messages> messages;
  std::int64_t timers = 0, timers_due = 0;
  std::optional<Timestamp> next_timer;
  std::uint64_t entries_signed = 0;         // by the last checkpoint
  std::optional<Timestamp> unsigned_since;  // when the first entry came that no checkpoint covers

  std::int64_t count(std::string_view kind, std::string_view status) const;
};

Result<Standing> standing(const Ledger& ledger, Timestamp now);

}  // namespace aright::ledger
