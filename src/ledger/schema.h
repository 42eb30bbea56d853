#pragma once
// The ledger's tables. README.md describes them.

#include "store/migrate.h"

namespace aright::ledger {

Result<> migrate(store::Database& database);
// Of a database of this kind that migrate() just made.
Result<std::string> expected_shape(const store::Database& database);

}  // namespace aright::ledger
