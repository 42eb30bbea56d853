#pragma once
// Words of which there are a few: what somebody is told who wrote another one, and the form of ids. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace aright {

inline constexpr std::size_t known_shown_max = 16;  // of more, only the nearest is named
inline constexpr std::size_t id_characters = 26;    // behind an id's prefix: a ULID, or as many digits of a hash

// The one of `known` that was probably meant, or "".
std::string nearest(std::string_view word, const std::vector<std::string>& known);

// "'hihg' is not a severity; write one of low, high; did you mean 'high'?" `article` and all: "a severity".
std::string unknown_word(std::string_view what, std::string_view word, const std::vector<std::string>& known);

// Whether `text` can be an id with this prefix, such as "fnd_". Nothing may have it all the same.
bool has_id_form(std::string_view text, std::string_view prefix);

}  // namespace aright
