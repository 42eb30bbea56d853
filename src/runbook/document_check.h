#pragma once
// What only shows when a document's steps are seen together: unknown names, actions and their inputs, references, flow.
// Internal to runbook.

#include "runbook/document_reader.h"

namespace aright::runbook {

void check(const Document& document, Diagnostics& diagnostics);

}  // namespace aright::runbook
