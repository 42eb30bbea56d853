#pragma once
// What the sandbox cloud itself cannot judge: whether an Automation document is one. Asked before it keeps one.

#include <optional>

#include "sandbox/front.h"

namespace aright::server {

// Of ssm:CreateDocument and UpdateDocument, those whose document is no good: InvalidDocumentContent with all that is
// wrong. Nothing: not such a call, or good.
std::optional<Result<json::Object>> refused_document(const aws::Call& call);

}  // namespace aright::server
