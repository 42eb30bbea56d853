#pragma once
// The accounts of `aright sandbox`, as --account names them.

#include <string>
#include <vector>

#include "base/error.h"

namespace aright::cli {

// Not secrets: a sandbox on loopback holds none.
struct SandboxAccount {
  std::string id, key, secret;
};

// "444455556666:KEY:SECRET", or "444455556666": the key is then its number, of the first account "test",
// and the secret "test". None asked for: the demonstration's. Fails with
// invalid for what is no account, and for keys that are named twice.
Result<std::vector<SandboxAccount>> sandbox_accounts(const std::vector<std::string>& asked);

}  // namespace aright::cli
