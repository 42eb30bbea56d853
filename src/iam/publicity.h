#pragma once
// Whether a resource policy is public: lets anybody in, without a condition that holds it to callers who
// are fixed. Pure. One judgement for the sandbox (BlockPublicPolicy, GetBucketPolicyStatus) and for rules.
//
// "The meaning of public" in the Amazon S3 user guide; Config's managed rules for topics, queues and
// functions go by the same.

#include "iam/policy.h"

namespace aright::iam {

// Who the statement lets in, when it allows: everybody, or everybody but some.
bool names_everybody(const Statement& statement);
// A condition holds it to fixed callers: an account, an organization, a VPC, a narrow range of addresses.
// Patterns and variables among the values do not.
bool held_to_fixed_callers(const Statement& statement);

bool public_statement(const Statement& statement);
bool public_policy(const Policy& policy);
// A text, or a document. Nothing at all is not public; what cannot be read is.
bool public_policy(const json::Value& document);

}  // namespace aright::iam
