#pragma once
// The characters of a rules file, read forward with the right to go back. Words need no blank after
// them in this language
// (`inside` begins with `in`), so there are no tokens, but small readers that take what fits.
// Internal to guard.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guard/diagnostic.h"

namespace aright::guard {

class Scanner {
 public:
  // `text` must be UTF-8 and outlive this.
  explicit Scanner(std::string_view text);

  std::size_t at() const { return at_; }
  void go_back(std::size_t at) { at_ = at; }
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  std::string_view rest() const { return text_.substr(at_); }
  std::string_view between(std::size_t from, std::size_t to) const {
    return text_.substr(from, to - from);
  }
  Place place(std::size_t at) const;

  bool take(char c);
  bool take(std::string_view word);
  bool take_either(std::string_view word, std::string_view other) {
    return take(word) || take(other);
  }
  void skip_blanks();              // spaces and tabs
  bool skip_space();               // blanks and line breaks; whether there were any
  bool skip_space_and_comments();  // also # to the end of the line
  std::string_view take_digits();
  std::optional<std::string>
  take_name();                // a letter of ASCII; then letters of any script, digits, _
  char32_t take_character();  // not at the end

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t characters_before(std::size_t at) const;

  std::vector<std::size_t> lines_;  // where each begins
  std::vector<std::size_t>
      characters_;  // before each stretch of text, so that a place is found quickly
};

}  // namespace aright::guard
