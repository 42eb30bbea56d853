#pragma once
// The remediation services that the engine itself answers for, with AWS's own shapes and errors:
// each service's table stands at the end of its aws_<service>.cc. What is only kept is not here (aws_desk.h).

#include <optional>

#include "aws/call.h"
#include "remediation/engine.h"

namespace aright::server {

// Who signed the request.
struct Signer {
  std::string account, arn;
  std::string name = {};  // of the policy's principal; "" where it is none
};

class Recorder;
class Judgements;

// Who saw what answers tell of. Null: nobody did, and what is asked of it is not ours.
struct Witnesses {
  Recorder* recorder = nullptr;  // of the target's resources
  const Judgements* judgements = nullptr;
  bool records = false;  // whether it is the recorder, too, that answers what Config's own would
};

// Nothing: the operation is not ours. Thread-safe.
std::optional<Result<json::Object>> answer_aws(remediation::Engine& engine, const Signer& signer, const aws::Call& call,
                                               const Context& context, const Witnesses& witnesses = {});

// "events:PutEvents", …: sorted.
std::vector<std::string> own_aws_operations();

}  // namespace aright::server
