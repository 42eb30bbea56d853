#pragma once
// The chain of entries, checked row by row. For the verifier and for what carries entries into a new file.

#include <unordered_map>

#include "ledger/entries.h"

namespace aright::ledger {

// Takes the rows in order of position, and says what is wrong with the first one that is.
class Chain {
 public:
  std::optional<Fault> next(const store::Row& row);
  // After the last row: that it is the one which was written last.
  std::optional<Fault> end(const Head& head) const;

  Verification result;
  const std::string& last_hash() const { return previous_; }

  Chain();

 private:
  std::optional<Fault> judge(const StoredEntry& stored) const;

  std::string previous_;
  std::unordered_map<std::string, std::uint64_t> sequences_;  // of each stream, so far
};

}  // namespace aright::ledger
