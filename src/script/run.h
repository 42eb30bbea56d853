#pragma once
// run(), on a given footing. Internal to script.

#include "script/jail.h"

namespace aright::script {

Result<Outcome> run_on(const Footing& footing, const Program& program, aws::Caller& door, const Context& context);

}  // namespace aright::script
