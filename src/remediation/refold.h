#pragma once
// Projections made again from the entries: to see whether what lists and pages show is what the ledger says, and to
// write it anew when it is not. Everything that projection.h stores is a fold of the ledger; so is which streams have
// something to do.

#include <map>
#include <string>
#include <vector>

#include "ledger/documents.h"
#include "ledger/ledger.h"
#include "rules/control.h"

namespace aright::remediation {

inline constexpr std::size_t differences_max = 100;  // told of one comparison

// A document, or a timer, that is not what the entries come to.
struct Difference {
  std::string kind, id, what;
};
json::Object to_json(const Difference& difference);

struct Refolded {
  std::map<std::pair<std::string, std::string>, ledger::Document> documents;  // by kind and id
  std::vector<std::string> awake;  // streams that go on by themselves, and so need a timer
};
// Fails with corrupt when entries do not fit together.
Result<Refolded> refold(store::Transaction& tx, const rules::Controls& controls);

// On one snapshot; others may append meanwhile. At most differences_max.
Result<std::vector<Difference>> compare_projections(const ledger::Ledger& ledger, const rules::Controls& controls);
// All documents anew, and a timer that is due now for each stream that goes on by itself: looking too early costs
// nothing. How many documents. Nobody else may be using the ledger.
Result<std::size_t> rebuild_projections(ledger::Ledger& ledger, const rules::Controls& controls);
// The same, when another version of aright made what is there. Whether it did.
Result<bool> renew_projections(ledger::Ledger& ledger, const rules::Controls& controls);

}  // namespace aright::remediation
