#pragma once
// A bracketed class of the dialect: nested, intersected (&&), subtracted (--), or either-or (~~).
// Internal to guard.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace aright::guard {

struct ClassText {
  std::string pattern;      // matches one character
  bool backtracks = false;  // it had to be said with look-ahead
  std::size_t end = 0;      // just after the closing bracket
};

// `at` is that of the opening bracket.
Result<ClassText> translate_class(std::string_view pattern, std::size_t at);

// An escape that stands for one character: \n, \x41, \u{1F600}, \-. `at` is that of the backslash;
// moved past it.
Result<char32_t> escaped_character(std::string_view pattern, std::size_t& at);
// \p{Greek}, \PN, as both engines write them. `at` is that of the backslash; moved past it.
Result<std::string> property(std::string_view pattern, std::size_t& at);
// What stands inside of brackets for \d, \D, \w, \W, \s, \S, \h; "" for other letters.
std::string_view shorthand(char letter);
std::string hexadecimal(char32_t code);

}  // namespace aright::guard
