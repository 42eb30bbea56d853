#pragma once
// From the dialect of Guard's regular expressions to one that RE2 and PCRE2 read alike. Pure.
// Internal to guard.

#include <string>
#include <string_view>

#include "base/error.h"

namespace aright::guard {

struct Translated {
  std::string pattern;
  bool backtracks = false;  // holds look-around or a back-reference, or what only those can say
  bool word_boundaries = false;  // RE2 knows those of ASCII only
};

// Fails with invalid where the dialect knows no such thing. What both engines refuse, compiling
// finds.
Result<Translated> translate(std::string_view pattern);

}  // namespace aright::guard
