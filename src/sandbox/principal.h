#pragma once
// Who calls the emulated cloud, and with which keys. Plain data.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace aright::sandbox {

inline constexpr const char* default_account = "111122223333";

// Who calls: what STS answers, and what policies see.
struct Principal {
  std::string account = default_account;
  std::string arn;  // "": the account's root
  std::string user_id;
  // Of a session.
  std::string role = {};                           // the role's ARN, with its path
  std::vector<std::string> session_policies = {};  // documents; none: the session is not narrowed
  std::map<std::string, std::string> tags = {};    // of the session
  bool mfa = false;
  // Of one request.
  std::string source_ip = {}, user_agent = {};
};

// What an access key proves. `session_token` is empty for long-term keys.
struct Credential {
  Secret secret;
  Secret session_token;
  Principal principal;
  std::optional<Timestamp> expires;
};

}  // namespace aright::sandbox
