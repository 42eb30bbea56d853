#pragma once
// A rule that is put, or changed, is judged at once, as Config does it: the resources of its type are looked at in the
// turn of a stream of the type's own, which a restart finds again.

#include <set>

#include "ledger/timers.h"
#include "remediation/policy.h"

namespace aright::remediation {

class Engine;

inline constexpr std::string_view first_look_prefix = "first-look/";  // of the streams; behind it stands the type

// The resource types of the controls that hold after, and before held not at all or otherwise. Pure. Controls that only
// signals start, and functions that are asked by the clock, are not among them.
std::set<std::string> types_to_look_at(const Policy& before, const Policy& after);

// Sets the timers, with whatever else is written.
Result<> plan_first_looks(store::Transaction& tx, const std::set<std::string>& types, Timestamp now);

// One turn of such a stream. What cannot be read now is left to the next scan.
Result<> look_first(Engine& engine, const std::string& stream, const Context& context);

}  // namespace aright::remediation
