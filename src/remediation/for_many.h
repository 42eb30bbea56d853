#pragma once
// A runbook that is to be carried out for many targets, before it starts.

#include "remediation/runner.h"

namespace aright::remediation {

// `manner`, as somebody starts it: StartAutomationExecution's members. What of it says whom it is for; the alarms that
// stop it say nothing of that.
json::Object for_whom(json::Object manner);
// What GetAutomationExecution tells of it.
json::Object about_of(const json::Object& manner);

// It is looked at as for one: that it is there, and takes its parameters. What a target gives by its tags or its group
// is not known yet. `for_each` is as prepare_for_each() takes it; fails as prepare_version() does.
Result<> look_at_one(const Library& library, std::string_view runbook, const std::string& version,
                     json::Object parameters, const json::Object& for_each, aws::Caller& door, const Context& context);

}  // namespace aright::remediation
