#pragma once
// How a call says that it is made as another role than its account's: its session is named by the role's ARN, a slash
// and the session's own name. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "aws/call.h"

namespace aright::aws {

// arn:aws:iam::111122223333:role/path/name, taken apart.
struct RoleArn {
  std::string partition, account, path_and_name;
};
std::optional<RoleArn> read_role_arn(std::string_view text);

struct RoleSession {
  std::string role;  // ARN; "": the account's own role
  std::string name;
};
// All that the role may do; cut to nothing less.
SessionCut session_of(const RoleSession& session);
RoleSession role_session(const SessionCut& cut);

}  // namespace aright::aws
