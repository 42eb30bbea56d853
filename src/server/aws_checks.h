#pragma once
// What AWS refuses of a call that is to be kept, beyond what the service's model asks for (sandbox/validate.h), and the
// errors that services have for it. Pure.

#include <functional>
#include <optional>

#include "aws/call.h"
#include "model/model.h"
#include "remediation/policy.h"

namespace aright::server {

// `alone`: there is nothing but what aright judges; else a sandbox answers for the rest.
Result<> check_kept(const aws::Call& call, const rules::Controls& controls, bool alone);

// PutExternalEvaluation is for rules that nobody but a person judges, and about the account.
Result<> check_attestation(const remediation::Policy& policy, const aws::Call& call);

// What was put cannot be in force: with the error that the operation has for it.
Error refused_by_policy(const aws::Call& call, std::string message);

// As IAM says it, and the role that aright asks for.
Error access_denied(const model::Models& models, const std::string& arn, const aws::Call& call, std::string_view role);

// Whether these resources, as they are kept, can be in force.
using Fits = std::function<Result<>(const json::Object& resources)>;
// A stack whose resources cannot be in force: CloudFormation takes the call, and rolls back. All resources as they are
// then, with the first that does not fit as the one that failed; nothing: the call is about no stack.
std::optional<json::Object> stack_rolled_back(const aws::Call& call, const json::Object& before,
                                              const json::Object& after, const std::string& why, const Fits& fits);

}  // namespace aright::server
