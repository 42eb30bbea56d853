#pragma once
// Array consistency: two fields of one pattern may not come from different elements of the same
// array. Internal to pattern.

#include <vector>

#include "pattern/event.h"

namespace aright::pattern {

// Events whose keys hold dots can offer a field in several arrays at once; so many choices are
// tried, then the answer is no. Nothing else here branches.
inline constexpr int choices_max = 1'000;

// Two elements of one array, or what stands in them, do not go together.
bool exclude(const std::vector<Scope>& scopes, ScopeId one, ScopeId other);

// Each field comes with the scopes in which it matches, none of them empty. Is there one scope for
// each, so that no two of them exclude each other?
bool consistent(const std::vector<Scope>& scopes, std::vector<std::vector<ScopeId>> fields);

}  // namespace aright::pattern
