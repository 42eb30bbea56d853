#pragma once
// Whether the caller may make a call: the policies that hang on the caller, its account and the resource,
// put to the evaluator (iam/evaluate.h). Pure: nothing is changed.
//
// Across accounts policies always decide. Within an account they do when authorization is switched on.

#include <optional>
#include <string>
#include <vector>

#include "iam/evaluate.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

struct Authorization {
  bool on = false;
  std::vector<iam::NamedPolicy> service_control;  // of every account; none: nothing is held back
};

// Inline and managed, of a user with its groups or of a role; nothing for those that nobody created.
std::vector<iam::NamedPolicy> identity_policies(const Scene& scene, const iam::Caller& caller);
// Of one user, role or group alone.
std::vector<iam::NamedPolicy> attached_policies(const Scene& scene, const Resource& holder);
// None: it has no boundary.
std::optional<std::vector<iam::NamedPolicy>> boundary_of(const Scene& scene, const iam::Caller& caller);
// What holds an account back: the service control policies of its organization, a level for its root, for each unit
// above it and for itself, and those that the cloud was started with. The management account is held by these alone.
std::vector<std::vector<iam::NamedPolicy>> service_control_over(const Scene& scene, std::string_view account,
                                                                const Authorization& authorization);
// The organization of an account: its id, and what leads to the account in it: o-exampleid/r-ab12/ou-ab12-34567890/
struct Membership {
  std::string organization, path;
};
std::optional<Membership> membership_of(const Scene& scene, std::string_view account);
// The policy of a resource, whichever aspect holds it; nothing when it has none.
std::optional<iam::NamedPolicy> resource_policy(const Scene& scene, const Resource& resource);

// All that decides over one request of this call.
iam::Policies policies_over(const Scene& scene, const iam::Request& request, const Authorization& authorization);

// Fails as the service says that something is not allowed. Gives the account whose resources the call is
// about: the caller's, or the one that lets it in.
Result<std::string> authorize(const Scene& scene, const Authorization& authorization);

// What EC2 hands out instead of reasons, for sts:DecodeAuthorizationMessage.
std::string encode_refusal(const iam::Request& request, const iam::Verdict& verdict);

}  // namespace aright::sandbox
