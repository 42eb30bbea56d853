#pragma once
// Random policies for a random estate: who decides, who is asked, and what holds starts back.

#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "estate.h"
#include "remediation/engine.h"

namespace aright::simulation {

// Those whom the policies ask. The last is asked by none.
inline constexpr std::array people{"ana", "ben", "carl", "dora", "eve"};
remediation::Actor person(std::string_view name);

// The text of a policy, as people write it.
std::string random_policy(const std::vector<Place>& places, Timestamp now, Random& random);

// Runbooks beside those of the catalog: one that sleeps between its steps, one that asks
// somebody, one whose fix is none.
std::map<std::string, std::string> own_runbooks();

}  // namespace aright::simulation
