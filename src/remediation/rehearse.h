#pragma once
// Makes a plan: runs the action on a copy-on-write image of the cloud, in virtual time, with every approval given, and
// seals what it did. Reads go to the real cloud; no write does.

#include "gateway/gateway.h"
#include "remediation/dependents.h"
#include "remediation/library.h"
#include "remediation/plan.h"

namespace aright::remediation {

inline constexpr int rehearsal_commands_max = 10'000;  // of one rehearsal, children's included
inline constexpr const char* moved_number = "AR-0023";  // of errors: others changed what an execution was about to

struct Rehearsed {
  FindingId finding;
  std::string control;
  Resource resource;
  Action action;
  // How the enabled controls judge the resource, as it is (null) or on the stage: id → compliance. Empty: nobody does.
  std::function<Result<json::Object>(aws::Caller* stage)> judge = {};
  Dependents dependents = {};
};

// Fails when the action cannot be prepared or did not succeed on the stage: then there is nothing to approve. Where a
// call could not be rehearsed, that it did not succeed may come of that: the plan then ends there, and says so.
Result<Plan> rehearse(const Library& library, gateway::Gateway& gateway, const Rehearsed& what, const Clock& clock,
                      const Context& context);

// Whether what the plan was made for still is as it was: nothing, or what moved. `made`: the execution's own writes so
// far, whose aspects are not looked at; null: none.
Result<std::vector<std::string>> moved_since(const Plan& plan, const gateway::Journal* made, aws::Caller& reader,
                                             const cloud::Catalog& catalog, const Context& context);

// The same of one write, which is about to change what `before` holds: each aspect of it is as the plan was made for,
// as the rehearsal had it at this write, or as the execution's own latest write left it.
Result<std::vector<std::string>> moved_under(const PlannedWrite& write, const Plan& plan, const cloud::Image& before,
                                             const gateway::Journal& made, const cloud::Catalog& catalog);

}  // namespace aright::remediation
