#pragma once
// What the system says of this process, under the names that Prometheus' own clients use.

#include "telemetry/exposition.h"

namespace aright::observe {

// What cannot be read is left out.
void expose_process(telemetry::Exposition& out);

}  // namespace aright::observe
