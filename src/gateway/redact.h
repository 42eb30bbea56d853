#pragma once
// What may not stand in the ledger: members that the service model calls sensitive become {"redacted": "<sha256>"}, so
// that two values can still be told apart.

#include "aws/call.h"
#include "model/model.h"

namespace aright::gateway {

aws::Call redact(const model::Models& models, const aws::Call& call);
json::Value redact_output(const model::Models& models, const aws::Call& call, const json::Value& output);
// Whether redact() left anything out.
bool has_secrets(const model::Models& models, const aws::Call& call);

}  // namespace aright::gateway
