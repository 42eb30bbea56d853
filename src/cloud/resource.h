#pragma once
// Which resource: the four words that name one anywhere in the house. Plain data.

#include <compare>
#include <string>

#include "base/error.h"
#include "json/value.h"

namespace aright::cloud {

// `id` is what Config calls resourceId: the bucket's name, sg-…, a queue's URL. Types whose
// identity has several parts join them with '|', as CloudFormation does. Partition-wide resources
// carry the partition's region (us-east-1). An empty id means the collection: all resources of this
// type here; an empty last part, all below one parent.
struct ResourceRef {
  std::string account, region, type, id;

  auto operator<=>(const ResourceRef&) const = default;
  std::string key() const { return account + "/" + region + "/" + type + "/" + id; }
  std::string arn() const;  // as the embedded catalog describes the type; "" for types in no description
};

json::Object to_json(const ResourceRef& ref);
Result<ResourceRef> ref_from_json(const json::Value& value);

}  // namespace aright::cloud
