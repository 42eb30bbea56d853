#pragma once
// Who may sign in to the console through an identity provider (OpenID Connect), and with which roles: the section
// `oidc` of the policy. docs/guide/security.md.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace aright::remediation {

inline constexpr seconds session_default{8 * 3600};
inline constexpr seconds session_max{24 * 3600};

// Whoever is in one of these groups has these roles.
struct GroupRoles {
  std::vector<std::string> groups, roles;
};

struct SignOn {
  std::string issuer, client_id;
  Secret client_secret;                 // empty: a public client, which PKCE alone protects
  std::vector<std::string> scopes;      // beside openid
  std::string name_claim = "sub";       // what people are called here
  std::string groups_claim = "groups";
  std::vector<GroupRoles> roles;
  seconds session = session_default;
  bool allow_internal = false;          // the issuer may have an address of the internal network
};

}  // namespace aright::remediation
