#pragma once
// Between calls and the resources they name: ids out of inputs, inputs out of ids, ARNs both ways.
// Pure.

#include <optional>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "cloud/description.h"
#include "cloud/resource.h"
#include "cloud/template.h"

namespace aright::cloud {

inline constexpr char key_separator = '|';  // between the parts of an id, as CloudFormation joins them

// The resources that `call` names through `op`: one with an empty id when it names none, one with
// the parent's id when `op` is about all children of a parent. An id given as an ARN of the type is
// taken apart. Those that are visibly of another type (sg-… for a VPC) are left out.
std::vector<ResourceRef> locate(const ResourceType& type, const Operation& op, const aws::Call& call);
// The names in `call` that are of another type.
std::vector<std::string> strangers(const ResourceType& type, const Operation& op, const aws::Call& call);
// Where the type's state lives: the partition's region for account-wide types.
ResourceRef at_home(const ResourceType& type, ResourceRef ref);

// A call of `op` on `ref`: the key where the operation wants it, and what always goes along.
aws::Call address(const ResourceType& type, const Operation& op, const ResourceRef& ref);

// {account}, {region}, {partition}, {id}, and each part of the key by name.
Lookup lookup_of(const ResourceType& type, const ResourceRef& ref);
std::string arn_of(const ResourceType& type, const ResourceRef& ref);
std::optional<ResourceRef> match_arn(const ResourceType& type, std::string_view arn);

std::vector<std::string> key_parts(const ResourceType& type, std::string_view id);
// Whether the reference is to one resource, rather than to a collection: everything here (""), or
// everything below one parent ("my-bucket|").
bool names_one(const ResourceType& type, const ResourceRef& ref);
// Whether an id is of the form that the service draws: sg- and 17 hexadecimal digits; those of old have eight.
bool well_formed(const ResourceType& type, std::string_view id);
std::string join_key(const std::vector<std::string>& parts);
// The id of an item that `list` shows of what is in the collection `here` ("", or "my-bucket|").
std::string listed_id(const ResourceType& type, const View& list, const ResourceRef& here, const json::Value& item);

// us-east-1, cn-north-1, us-gov-west-1 …: where partition-wide things are.
std::string_view home_region(std::string_view region);

}  // namespace aright::cloud
