#pragma once
// Reads the aspects of one resource through a caller, in the API's shape. Each operation that shows
// several of them is called once. One thread; keeps references to all it is given.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/resource.h"

namespace aright::cloud {

class Reading {
 public:
  Reading(aws::Caller& caller, const ResourceType& type, ResourceRef ref, const Context& context,
          const Catalog& catalog);

  // Null when absent. Fails with not_found when the resource itself is not there.
  Result<json::Value> aspect(const Aspect& aspect);
  // The same as it will be when changes that wait for the maintenance window have happened: what
  // images hold, for taking such a change back means to call it off.
  Result<json::Value> ahead(const Aspect& aspect);
  // Whether the resource is there. Types that nothing shows are taken to be.
  Result<bool> exists();
  // What `get` or `list` show of it; nothing when it is not there.
  Result<std::optional<json::Value>> shown();

 private:
  Result<std::optional<json::Value>> show();
  Result<std::optional<json::Value>> find_in_list();
  Result<json::Value> answer(const Operation& op, const std::string& absent, const Path& at);
  Result<json::Value> entries(const Aspect& aspect, const json::Value& names);

  aws::Caller& caller_;
  const ResourceType& type_;
  ResourceRef ref_;
  const Context& context_;
  const Catalog& catalog_;
  std::optional<Result<std::optional<json::Value>>> shown_;
  std::map<std::string, Result<json::Object>> answers_;  // by operation and input
};

// Whether the error says that a resource of this type is not there.
bool says_missing(const ResourceType& type, const Error& error, const Catalog& catalog);
bool says_denied(const Error& error);

// Ids of every resource of the type below `parent_id` (types with a parent), or in the account and
// region of `here`.
Result<std::vector<std::string>> list_ids(aws::Caller& caller, const ResourceType& type,
                                          const ResourceRef& here, const Context& context,
                                          const Catalog& catalog);

// Every item that the list shows of them, with its id, as its page arrives; what is there no more too. Ends with the
// first failure of `found`.
Result<> each_item(aws::Caller& caller, const ResourceType& type, const ResourceRef& here, const Context& context,
                   const Catalog& catalog, const std::function<Result<>(std::string, const json::Value&)>& found,
                   const json::Object& narrowed = {});

// The same, each id as its page arrives. Ends with the first failure of `found`.
// `narrowed` is input that goes along: a listing that is made for each of another type's is made once with its member.
Result<> each_id(aws::Caller& caller, const ResourceType& type, const ResourceRef& here, const Context& context,
                 const Catalog& catalog, const std::function<Result<>(std::string)>& found,
                 const json::Object& narrowed = {});

// Input that narrows the listing of `type` to those that name `other` at `by`, as its filters say it; nothing when none
// does. `by` is a place in a snapshot: GroupSet[], Facts.Attachment.InstanceId.
json::Object narrowing(const ResourceType& type, const Path& by, const ResourceRef& other);

// Texts as they are meant, not as they are sent.
json::Value percent_decoded(const json::Value& value);

}  // namespace aright::cloud
