#pragma once
// Who a runbook that is started by itself runs as: the role that its document names.

#include "aws/call.h"
#include "remediation/runner.h"

namespace aright::remediation {

// The role that it names is there, and lets aright in; `start`: where it is to run. Fails with invalid and the wire
// code InvalidAutomationExecutionParametersException.
Result<> check_role(aws::Caller& cloud, const Prepared& prepared, runbook::Start start, const Context& context);

}  // namespace aright::remediation
