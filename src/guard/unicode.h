#pragma once
// The little of Unicode that Guard's language needs: names may hold letters of any script, to_upper
// and to_lower know all of them. Pure functions. Internal to guard.

#include <string>
#include <string_view>

namespace aright::guard {

// The character that starts at `at`, and how many bytes it has. `text` must be UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};
Character decode(std::string_view text, std::size_t at);
void append(std::string& text, char32_t code);
bool is_utf8(std::string_view text);

bool is_alphanumeric(char32_t code);
bool is_numeric(char32_t code);
bool is_upper(char32_t code);
bool is_lower(char32_t code);
std::string to_upper(std::string_view text);  // "straße" becomes "STRASSE"
std::string to_lower(std::string_view text);

}  // namespace aright::guard
