#pragma once
// Which failures of a turn pass by themselves. Part of the engine.

#include "base/error.h"

namespace aright::remediation {

// What may pass by itself is tried again by the next turn; anything else is told.
inline bool passing(const Error& error) {
  return error.retry == Retry::later || error.code == Errc::throttled || error.code == Errc::unavailable ||
         error.code == Errc::deadline || error.code == Errc::cancelled || error.code == Errc::conflict;
}

}  // namespace aright::remediation
