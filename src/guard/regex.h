#pragma once
// Regular expressions as Guard's rules have them: searched for, not matched as a whole; $ is only
// the very end; \d, \w and \s know all scripts. RE2 runs what it can, in time linear in the text.
// Look-around and back-references need PCRE2, whose backtracking is bounded. A compiled expression
// may be used from any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace aright::guard {

inline constexpr std::size_t pattern_bytes_max = 16 * 1024;
inline constexpr std::uint32_t backtracks_max = 1'000'000;  // of one search

class Regex {
 public:
  enum class Found { no, yes, overrun };  // overrun: more than backtracks_max

  // Fails with invalid, saying what is wrong with the pattern.
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern);
  ~Regex();

  const std::string& pattern() const { return pattern_; }
  bool is_linear() const;
  Found search(std::string_view text) const;
  // Appends the replacement for each match, $1 and ${name} filled in; the text between matches is
  // left out.
  Found replace_each(std::string_view text, std::string_view replacement, std::string& out) const;

 private:
  struct Engines;
  Regex(std::string pattern, std::unique_ptr<Engines> engines);
  std::string pattern_;
  std::unique_ptr<Engines> engines_;
};

}  // namespace aright::guard
