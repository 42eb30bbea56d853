#pragma once
// The halves of run(). Internal to script.

#include "script/jail.h"

namespace aright::script {

// In a jail that is ready, and is used up by it.
Result<Outcome> run_in(Jail& jail, const Program& program, aws::Caller& door,
                       const Context& context);
// In a fresh jail.
Result<Outcome> run_on(const Footing& footing, const Program& program, aws::Caller& door,
                       const Context& context);

}  // namespace aright::script
