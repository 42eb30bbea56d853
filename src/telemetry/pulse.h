#pragma once
// When something last gave a sign of life, for whoever asks whether it still does. Process-wide, lock-free.

#include "base/clock.h"

namespace aright::telemetry {

enum class Pulse { engine, cloud_answered, cloud_silent };

void beat(Pulse of);
// {} when it never did.
Timestamp pulse(Pulse of);

}  // namespace aright::telemetry
