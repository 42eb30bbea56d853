#pragma once
// Checks of what the ledger showed of itself: exports, and bundles of proofs.

#include "cli/commands.h"
#include "ledger/note.h"

namespace aright::cli {

// {"checkpoint", "key", "size", "root"}: of the server, else of the file.
Result<json::Value> ask_checkpoint(const Settings& settings);
// The one that is named, else the state directory's own.
Result<ledger::Verifier> verifier_for(const Settings& settings, const std::string& key);
// Whether the file is such a thing, rather than a ledger.
bool is_shown(const std::string& file);
Result<int> verify_shown(const Settings& settings, const LedgerCheck& asked);

}  // namespace aright::cli
