#pragma once
// The decision over a request, as AWS makes it: any Deny wins; else every layer that applies must allow.
// Pure. "Policy evaluation logic" in the IAM user guide.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/policy.h"
#include "iam/request.h"

namespace aright::iam {

// Where a policy hangs. In the order in which a denial is explained.
enum class Layer { service_control, resource_control, resource, identity, boundary, session, trust };
std::string_view name(Layer layer);  // "identity-based policy"

enum class Outcome { allowed, explicit_deny, implicit_deny };
std::string_view name(Outcome outcome);  // "allowed", "explicitDeny", "implicitDeny", as the simulator says

// How the resource's policy takes part.
enum class Resource {
  usual,  // it may allow by itself within the account
  owner,  // it must allow: KMS keys
  trust,  // it must allow: the trust policy of a role
};

// All that could say something. A layer that is absent does not limit; one that is there and empty
// allows nothing.
struct Policies {
  std::vector<NamedPolicy> identity;
  std::optional<NamedPolicy> resource;
  Resource resource_kind = Resource::usual;
  std::optional<std::vector<NamedPolicy>> boundary, session;
  // From the root of the organization down to the account: each level must allow. They bind neither the
  // management account nor service-linked roles; who asks leaves them out.
  std::vector<std::vector<NamedPolicy>> service_control, resource_control;
};

// A statement that matched, and where.
struct Match {
  Layer layer = Layer::identity;
  std::string policy;
  std::size_t statement = 0;  // counted from 1
  std::string sid;
  Effect effect = Effect::allow;

  bool operator==(const Match&) const = default;
};

struct Verdict {
  Outcome outcome = Outcome::implicit_deny;
  Layer layer = Layer::identity;  // that decided
  std::string policy;             // explicit deny: its name; also of an allowing one
  std::size_t statement = 0;      // explicit deny: which; 0: the policy could not be read
  std::vector<Match> matches;

  bool allowed() const { return outcome == Outcome::allowed; }
};

Verdict evaluate(const Request& request, const Policies& policies);

// "because no identity-based policy allows the s3:GetObject action", "with an explicit deny in a
// resource-based policy"; "" when allowed.
std::string reason(const Verdict& verdict, const Request& request);
// The whole sentence, as services answer it: User: … is not authorized to perform: … on resource: … ….
std::string message(const Verdict& verdict, const Request& request);

}  // namespace aright::iam
