#pragma once
// Asks whether something outside a resource goes well (verification.h says what for).

#include "aws/call.h"
#include "base/clock.h"
#include "remediation/library.h"
#include "remediation/verification.h"

namespace aright::remediation {

inline constexpr std::size_t health_body_bytes_max = 1u << 20;

// Nothing when it does; else why not, as a sentence that goes on: "the check 'shop' fails: it answered 503". What
// cannot be asked does not go well. `door`: reads alarms, and answers a function's calls.
std::string health_fault(const HealthCheck& check, const Resource& resource, const Library& library,
                         aws::Caller& door, const Context& context);

}  // namespace aright::remediation
