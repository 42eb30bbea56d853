#pragma once
// What one call is about: each resource or collection that it names, with what its operation means
// for that. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/classify.h"

namespace aright::cloud {

struct Target {
  const Meaning* meaning = nullptr;
  ResourceRef ref;

  const ResourceType& type() const { return *meaning->type; }
  bool one() const;  // rather than a collection
  Effect effect() const;
  // The service chooses the id of what this creates.
  bool births() const { return meaning->create != nullptr && !one(); }
  std::string pointer() const;  // /<type>/<id>
};

// In the order of the description; empty for operations in no description, and for plain reads and
// actions.
std::vector<Target> targets(const aws::Call& call, const Catalog& catalog);
// What the call names that is of no described type: its effect on that is not known.
std::vector<std::string> unexplained(const aws::Call& call, const Catalog& catalog);
// Members of the input that no description of the operation mentions, and that are not known to
// change nothing.
std::vector<std::string> unexplained_input(const aws::Call& call, const Catalog& catalog);

// The input without what only says how the call is made, and without what the cloud makes up and checks itself: the
// token that a write must match.
json::Object essential_input(const aws::Call& call, const Catalog& catalog);

// The aspects that the call reads, or that it says something about: sorted by name, each once.
// Empty for a removal.
std::vector<const Aspect*> aspects_of(const Target& target, const aws::Call& call);
// The call, and in its input what its functions must know beside it: aspects of the resource, by name, and its ARN.
aws::Call informed(const Target& target, aws::Call call, const std::map<std::string, json::Value>& aspects);
// The value of one of them after the call.
json::Value after_call(const Target& target, const Aspect& aspect, const aws::Call& call,
                       const json::Value& before);
// The same when the state after the call was read: a value that the service decides is known only
// then.
json::Value after_call(const Target& target, const Aspect& aspect, const aws::Call& call,
                       const json::Value& before, const json::Value& read);
// The write after which the resource has another id; null: it keeps the one it has.
const Write* renamed(const Target& target, const aws::Call& call);
// The resource under the id that the answer to such a write gives it.
std::optional<ResourceRef> new_name(const Target& target, const aws::Call& call, const json::Value& output);
// All of its type beside it.
ResourceRef collection_of(ResourceRef ref);
// The ids in the answer to a call that creates.
std::vector<ResourceRef> born(const Target& target, const json::Object& output);

}  // namespace aright::cloud
