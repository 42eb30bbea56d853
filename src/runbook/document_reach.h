#pragma once
// Which steps an execution can come to at all. Internal to runbook. A pure function: any thread may call it.

#include <vector>

#include "runbook/document.h"

namespace aright::runbook {

// The steps of the document and its loops that no way leads to, in their order. A loop is seen from the outside:
// where it is reached, so is its first step.
std::vector<const Step*> unreachable_steps(const Document& document);

}  // namespace aright::runbook
