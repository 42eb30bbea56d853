#pragma once
// From CloudFormation's properties to API calls: the shapes of snapshots turned round. What a
// template says of a resource becomes a creation and the writes that give the rest. Pure.

#include <map>
#include <string>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/resource.h"

namespace aright::cloud {

// A property in the API's shape: the inverse of shaped(). What a shape loses stays lost.
json::Value unshaped(const Aspect& aspect, const json::Value& property, const Catalog& catalog);

// What properties ask for.
struct Wanted {
  std::map<std::string, json::Value> aspects;  // by name, in the API's shape
  json::Object named;                          // places in the creation's input: names and parents

  bool operator==(const Wanted&) const = default;
};
// Fails with invalid for a property that the description does not know.
Result<Wanted> wanted(const ResourceType& type, const json::Object& properties,
                      const Catalog& catalog);

struct Making {
  aws::Call create;
  std::vector<std::string> taken;  // aspects that the creation says already
};
// `name` is for resources that the template does not name. Fails with unsupported for types that
// nothing creates.
Result<Making> making(const ResourceType& type, const Wanted& wanted, const ResourceRef& where,
                      const std::string& name, const Catalog& catalog);

// The writes that lead from one set of aspects to another; an aspect that `to` leaves out becomes
// what it was at first. Fails with unsupported where a change needs another resource.
Result<std::vector<aws::Call>> alteration(const ResourceType& type, const ResourceRef& ref,
                                          const std::map<std::string, json::Value>& from,
                                          const std::map<std::string, json::Value>& to);

}  // namespace aright::cloud
