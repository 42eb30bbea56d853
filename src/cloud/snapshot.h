#pragma once
// A resource as read at one instant, in CloudFormation's property names and nesting, so that one
// rule judges a template and the live resource alike.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "cloud/catalog.h"
#include "cloud/resource.h"

namespace aright::cloud {

struct Snapshot {
  ResourceRef ref;
  std::string arn;
  std::map<std::string, std::string> tags;
  Timestamp time;
  json::Object properties;  // an aspect that the resource does not have is not here
  json::Object facts;       // what CloudFormation has no name for: {"PolicyStatus": {"IsPublic": true}}
  std::map<std::string, std::string> unreadable;  // aspect name → why. Neither present nor absent: not known.

  // As who looks at nothing but these aspects (by name; empty: all) sees it: what else may not be read is no matter.
  Snapshot seen_by(const std::vector<std::string>& aspects) const;
  // {"Type", "Properties": {…, "Facts": {…}}}: what Guard rules see.
  json::Object document() const;
};

json::Object to_json(const Snapshot& snapshot);
Result<Snapshot> snapshot_from_json(const json::Value& value);

// Reads `aspects` (by name; empty: all). Fails with not_found when the resource does not exist, and
// with the caller's error when nothing could be read for a reason other than AccessDenied
// (throttled, deadline …).
Result<Snapshot> read_snapshot(aws::Caller& caller, const ResourceRef& ref,
                               const std::vector<std::string>& aspects, const Clock& clock,
                               const Context& context, const Catalog& catalog = Catalog::embedded());

// Every resource of one type, in all pages. Fails with unsupported for a type in no description.
Result<std::vector<ResourceRef>> list_resources(aws::Caller& caller, std::string_view type,
                                                std::string_view account, std::string_view region,
                                                const Context& context,
                                                const Catalog& catalog = Catalog::embedded());

// The same, each as its page arrives, so that nothing grows with their number. Ends with the first failure of `found`.
Result<> each_resource(aws::Caller& caller, std::string_view type, std::string_view account, std::string_view region,
                       const Context& context, const std::function<Result<>(ResourceRef)>& found,
                       const Catalog& catalog = Catalog::embedded());

// Those of `type` that may name `other` at `by`, a place in their snapshots (GroupSet[]): told by a listing that is
// made for the other one, or by a filter, where the description has either; else all there are in its account and
// region.
Result<> each_naming(aws::Caller& caller, std::string_view type, const Path& by, const ResourceRef& other,
                     const Context& context, const std::function<Result<>(ResourceRef)>& found,
                     const Catalog& catalog = Catalog::embedded());

}  // namespace aright::cloud
