#pragma once
// Who uses a resource, as far as the resources themselves tell: those that name it, and when it was used last.
// catalog/dependents.yaml says where to look.

#include <map>
#include <string>
#include <vector>

#include "remediation/plan.h"
#include "remediation/relations.h"

namespace aright::remediation {

inline constexpr std::size_t dependents_max = 50;  // that a plan shows

struct Usage {
  std::vector<rules::Related> named;  // each by `by`
  std::string used;                   // a place in its own snapshot, or ""
};
const std::map<std::string, Usage, std::less<>>& usages();  // by type

struct Dependents {
  std::vector<Dependent> found;
  std::string unknown;    // why these may not be all; "" when they are
  std::string last_used;  // ISO-8601, or ""
};
// Fails only in passing (throttled).
Result<Dependents> dependents_of(const Resource& resource, const Relations& relations, aws::Caller& reader,
                                 const Clock& clock, const cloud::Catalog& catalog, const Context& context);

}  // namespace aright::remediation
