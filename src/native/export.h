#pragma once
// A policy in AWS's own words: Config rules, remediation configurations, Automation documents, EventBridge rules,
// functions, Security Hub rules and the roles that all of it acts by, so that it runs without aright. Pure: the same
// policy gives the same bytes.

#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "remediation/library.h"
#include "remediation/policy.h"

namespace aright::native {

struct Options {
  // Our implementation in place of AWS's own documents, under names that start with Aright: then each role allows
  // exactly what its document calls.
  bool own_documents = false;
};

// What the policy says and AWS's services have no words for.
struct NotExpressed {
  std::string what, why;
};

// A resource that Config's remediation is to leave alone. CloudFormation has no type for it; PutRemediationExceptions
// makes it.
struct Exempt {
  std::string rule, type, id, message;  // Config's names of all of them
  std::string until;                    // an instant; "": until it is taken back
  bool operator==(const Exempt&) const = default;
};

// A custom action of Security Hub, with which a person sends findings.
struct HubAction {
  std::string id, name, description;
};

struct Exported {
  json::Object parameters, conditions;  // of the template
  json::Object resources;               // by logical name, in the order of the policy
  std::vector<Exempt> exempt;
  std::optional<HubAction> action;
  std::vector<NotExpressed> not_expressed;
};

Exported export_policy(const remediation::Policy& policy, const remediation::Library& library,
                       const Options& options = {});

}  // namespace aright::native
