#pragma once
// Brings tables from whatever version made them to this one. Each module numbers its steps from 1,
// appends new ones, and never changes one that was released.

#include <span>
#include <string_view>

#include "store/database.h"

namespace aright::store {

// The SQL may hold several statements. @key stands for the engine's integer primary key, @bytes for
// its byte strings.
struct Step {
  int number = 0;
  std::string_view name;
  std::string_view sql;
};

// Runs the steps that this database has not seen, all or none. Fails with unsupported when it has
// seen one that is not among `steps` (a newer version was here), and with corrupt when it has seen
// another one by that number.
Result<> migrate(Database& database, std::string_view module, std::span<const Step> steps);

// Makes a change that alters nothing, and commits it: whether a migrated database keeps changes now. Fails as a write
// does (disk full, read-only, gone).
Result<> try_change(Database& database);

}  // namespace aright::store
