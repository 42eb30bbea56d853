#pragma once
// Text from outside, made fit for JSON. Internal to script.

#include <string>
#include <string_view>

namespace aright::script {

// The same text with U+FFFD for each byte that belongs to no valid character.
std::string valid_utf8(std::string_view bytes);

}  // namespace aright::script
