#pragma once
// Who calls the emulated cloud, and with which keys. Plain data.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace aright::sandbox {

inline constexpr const char* default_account = "111122223333";

// Who calls: what STS answers, and what policies would see.
struct Principal {
  std::string account = default_account;
  std::string arn;  // "": the account's root
  std::string user_id;
};

// What an access key proves. `session_token` is empty for long-term keys.
struct Credential {
  Secret secret;
  Secret session_token;
  Principal principal;
  std::optional<Timestamp> expires;
};

}  // namespace aright::sandbox
