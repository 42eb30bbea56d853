#pragma once
// What was put over AWS's API, on record: each entry has the resources that one call changed, as they are after it, and
// null for those that are gone. Their documents are all that is there now.

#include "ledger/documents.h"
#include "ledger/ledger.h"

namespace aright::remediation {

inline constexpr std::string_view put_stream = "aws";  // of the ledger
inline constexpr std::string_view put_kind = "put";    // of the documents

// What an entry says of one resource; nothing: it is gone.
struct PutChange {
  std::string key;
  std::optional<ledger::Document> document;
};
std::vector<PutChange> put_changes(const ledger::Entry& entry);
Result<> store_put(store::Transaction& tx, const ledger::Entry& entry);

// All that is there now: {"resources": {key: …}}.
Result<json::Object> put_on_record(const ledger::Ledger& ledger);

}  // namespace aright::remediation
