#pragma once
// Config's custom rules: a function judges. It runs like any other, and may read all and change nothing; by
// PutEvaluations, with the token of its event, it says what it found.

#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "cloud/catalog.h"
#include "cloud/resource.h"
#include "remediation/library.h"
#include "rules/rule.h"

namespace aright::remediation {

inline constexpr std::size_t evaluations_said_max = 10'000;  // by one run

// The configuration items of those that are there, as Config shows them; all of one account and region. Fails with what
// kept from reading.
Result<std::vector<json::Object>> configuration_items(aws::Caller& door, const std::vector<cloud::ResourceRef>& refs,
                                                      const cloud::Catalog& catalog, const Clock& clock,
                                                      const Context& context);

// What a function said of one resource.
struct Said {
  std::string type, id;
  rules::Evaluation evaluation;
};

// What it stands on. All of it must outlive the call.
struct FunctionRule {
  const rules::ByFunction& rule;
  const json::Object& parameters;
  const Library& library;
  aws::Caller& door;  // reads alone go through it
  const cloud::Catalog& catalog;
  const Clock& clock;
  std::function<void(milliseconds)> pass_time = {};  // where time is virtual
};

// Tells it of this resource as it is now; or, with an empty id, that it is time, in this account and region. Fails with
// not_found when the resource is gone or the function is not here, and with what went wrong in the function.
Result<std::vector<Said>> ask_function(const FunctionRule& what, const cloud::ResourceRef& about,
                                       const Context& context);

}  // namespace aright::remediation
