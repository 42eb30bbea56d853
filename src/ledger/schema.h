#pragma once
// The ledger's tables. README.md describes them.

#include "store/migrate.h"

namespace aright::ledger {

Result<> migrate(store::Database& database);
// Of a database that migrate() just made.
Result<std::string> expected_shape();

}  // namespace aright::ledger
