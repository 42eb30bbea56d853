#pragma once
// Whether one statement speaks of a request. Pure.

#include "iam/policy.h"
#include "iam/request.h"

namespace aright::iam {

// How closely a resource policy names the caller. It matters: who is named only through the account
// needs the account's own permission as well, and a boundary does not hold what names the user or the
// session itself.
enum class Naming {
  none,
  account,   // the account, or its root: left to the account to decide
  role,      // the role of the session
  everyone,  // "*": each user and session, as if it were named
  itself,    // the user, the session, the service
};

// For statements without Principal and NotPrincipal (identity policies): itself.
Naming named(const Statement& statement, const Request& request);

bool action_matches(const Statement& statement, const Request& request);
bool resource_matches(const Statement& statement, const Request& request, bool variables);
bool conditions_hold(const Statement& statement, const Request& request, bool variables);

}  // namespace aright::iam
