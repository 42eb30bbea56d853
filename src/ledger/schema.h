#pragma once
// The ledger's tables. README.md describes them.

#include "store/migrate.h"

namespace aright::ledger {

Result<> migrate(store::Database& database);

}  // namespace aright::ledger
