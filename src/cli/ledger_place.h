#pragma once
// Where the ledger of a command is: in the store that it was told of, else in the state directory's file.

#include <memory>

#include "cli/settings.h"
#include "ledger/ledger.h"

namespace aright::cli {

// A file, or the URL of a PostgreSQL database.
std::string ledger_place(const Settings& settings);
// As people are shown it: without a password.
std::string shown_place(const std::string& place);

// One that is there. Fails with not_found, saying where it was looked for.
Result<std::unique_ptr<ledger::Ledger>> open_ledger(const Settings& settings);

}  // namespace aright::cli
