#pragma once
// On which resources a call acts, as ARNs, told from its input and from the descriptions. Pure; any thread.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/permission_data.h"

namespace aright::cloud {

inline constexpr std::size_t named_max = 1000;  // of one call: DescribeInstances takes as many

// The ARN of a resource as who asks knows it; "" where it has none.
using ArnOf = std::function<std::string(const ResourceRef&)>;

// What this call needs, where its input decides too: versions of objects have actions of their own, and what puts an
// object with tags or an ACL needs theirs.
std::vector<Permission> permissions_for(const aws::Call& call);

// Those that the call names, of the types that this permission is about: ARNs and queue URLs that stand in the input,
// else what the service's description finds there. "*" in place of an id that is yet to come. Empty: none is named.
std::vector<std::string> named_arns(const aws::Call& call, const Permission& permission, const Catalog& catalog,
                                    const ArnOf& arn_of);

// The part of a load balancer's ARN that tells the kinds apart: "network" → net; what is not said is an "app".
std::string_view load_balancer_kind(std::string_view type);
// EC2's ARN of something where the call goes; of what is yet to come, and of what nobody named, of any id.
std::string ec2_arn(const aws::Call& call, std::string_view kind, std::string_view id);
// What tags on something new ask for beside its creation: the action that tags it, and the ARN of what is tagged.
std::vector<std::pair<std::string, std::string>> tagging_of(const aws::Call& call, const Catalog& catalog);

// Whether an ARN is of the type that a template of IAM's action data describes.
bool is_of_template(std::string_view form, std::string_view arn);
// arn:${Partition}:s3:::${BucketName} → arn:*:s3:::*
std::string any_of_template(std::string_view form);

}  // namespace aright::cloud
