#pragma once
// Text without its case, for the equals-ignore-case operators: Unicode's simple case mappings, one
// character at a time, whatever the locale. Internal to pattern.

#include <string>
#include <string_view>

namespace aright::pattern {

// Two texts are equal but for case exactly when their folded forms are equal. Stray bytes that are
// no UTF-8 stay.
std::string fold(std::string_view text);

}  // namespace aright::pattern
