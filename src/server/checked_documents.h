#pragma once
// What the sandbox cloud itself cannot judge: whether an Automation document is one. Put before its front.

#include <optional>

#include "sandbox/front.h"

namespace aright::cli {

// Of ssm:CreateDocument and UpdateDocument, those whose document is no good: InvalidDocumentContent with all that is
// wrong. Nothing: not such a call, or good.
std::optional<Result<json::Object>> refused_document(const aws::Call& call);

}  // namespace aright::cli
