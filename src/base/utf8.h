#pragma once
// Text from outside: whether it is UTF-8, and made fit for JSON. Pure.

#include <string>
#include <string_view>

namespace aright {

// The same text with U+FFFD for each byte that belongs to no valid character.
std::string valid_utf8(std::string_view bytes);
// Where the first byte stands that belongs to no valid character; the size where there is none.
std::size_t utf8_fault(std::string_view bytes);
// One character behind what is there.
void append_utf8(char32_t code, std::string& out);
// At most so many characters from the beginning, and no half of one.
std::string clipped(std::string text, std::size_t characters_max);

}  // namespace aright
