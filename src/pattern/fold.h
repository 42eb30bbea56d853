#pragma once
// Text without its case, for the equals-ignore-case operators: Unicode's simple case mappings, one
// character at a time, whatever the locale. Internal to pattern.

#include <string>
#include <string_view>

namespace aright::pattern {

// Two texts are equal but for case exactly when their folded forms are equal. Stray bytes that are
// no UTF-8 stay.
std::string fold(std::string_view text);
void fold(std::string_view text, std::string& out);  // the same, in memory that is there already

// fold(text) == folded, and so on. Nothing is allocated while the text is ASCII.
bool equals_folded(std::string_view text, std::string_view folded);
bool starts_folded(std::string_view text, std::string_view folded);
bool ends_folded(std::string_view text, std::string_view folded);

}  // namespace aright::pattern
