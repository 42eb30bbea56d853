#pragma once
// What a call asks for in IAM's terms: actions on resources, and the condition keys of the request.
// Pure.

#include <vector>

#include "iam/request.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

// One for each action and resource; none: everybody may. Resources are found in the input (ARNs, queue
// URLs), by the service's description, or from the templates of IAM's action data; what is not known
// yet is "*" (arn:aws:ec2:us-east-1:111122223333:instance/*).
// Where only strangers are asked whether they may, what is about the caller's own account is left out.
std::vector<iam::Request> needs_of(const Scene& scene, bool strangers_only);

// The resource in this world that an ARN names; the bucket for an object, which is where its policy is.
// Null when there is none.
const Resource* resource_at(const Scene& scene, std::string_view arn);

// The caller, as policies see it.
iam::Caller caller_of(const Principal& principal);

// Everything the request says: who, from where, when, with which tags, on what.
iam::Keys request_keys(const Scene& scene, const Resource* resource);

}  // namespace aright::sandbox
