#pragma once
// The remediation services that the engine itself answers for, with AWS's own shapes and errors:
// which operation belongs here is one table in aws_services.cc. Everything else goes to the cloud.

#include <optional>

#include "aws/call.h"
#include "remediation/engine.h"

namespace aright::server {

// Who signed the request.
struct Signer {
  std::string account, arn;
};

// Nothing: the operation is not ours. Thread-safe.
std::optional<Result<json::Object>> answer_aws(remediation::Engine& engine, const Signer& signer, const aws::Call& call,
                                               const Context& context);

}  // namespace aright::server
