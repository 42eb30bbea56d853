#pragma once
// A whole copy of a database file, as it stood at one instant, also while others write to it.

#include <string>

#include "base/error.h"

namespace aright::store {

// `to` must not exist. Fails with not_found when `from` does not, and with corrupt when it is damaged.
Result<> copy_database(const std::string& from, const std::string& to);

}  // namespace aright::store
