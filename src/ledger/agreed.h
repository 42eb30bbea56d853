#pragma once
// What all who share a ledger have to agree on, by name.

#include <string>
#include <string_view>

#include "store/transaction.h"

namespace aright::ledger::agreed {

// "": nothing yet.
Result<std::string> get(store::Transaction& tx, std::string_view name);
// False when it is not `before` (any more); then it stays.
Result<bool> replace(store::Transaction& tx, std::string_view name, std::string_view before, std::string_view after);

}  // namespace aright::ledger::agreed
