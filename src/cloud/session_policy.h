#pragma once
// The IAM policy that an assumed role's session is cut to. Pure.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"

namespace aright::cloud {

inline constexpr std::size_t session_policy_chars_max = 2048;  // that AssumeRole takes
inline constexpr std::size_t session_types_max = 8;  // of an action that is about more, only what a call names counts

// What a session is for.
struct SessionNeeds {
  std::vector<aws::Call> writes;        // that will be made, as far as they are known
  std::vector<std::string> operations;  // ("s3:GetPublicAccessBlock"): theirs, and all others
  // What stands in the writes and is not known yet: ids that a service draws when the writes before are made.
  std::set<std::string> unknown;
};

// How far it is cut.
enum class Cut {
  resources,  // to these actions, and the writes' actions to the resources that they name
  actions,    // to these actions
  services,   // to all actions of these services
};
std::string_view name(Cut cut);

struct SessionPolicy {
  std::string text;  // "": for no operations
  Cut cut = Cut::resources;
};

// Allows what these operations need, and to describe and list in their services; nothing else. What IAM knows no
// resources for, what only reads, and what no call names is allowed on "*". It is cut as far as it can be said in what
// AssumeRole takes.
SessionPolicy session_policy(const SessionNeeds& needs, const Catalog& catalog = Catalog::embedded());
// The same actions on "*": what STS packs less tightly than its text is long. "" when it is no policy of ours.
std::string widened_session_policy(std::string_view text);

}  // namespace aright::cloud
