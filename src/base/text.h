#pragma once
// Small text helpers that the standard library lacks.

#include <string>
#include <string_view>
#include <vector>

namespace aright {

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
bool equal_ignore_case(std::string_view left, std::string_view right);
std::string replace_all(std::string text, std::string_view from, std::string_view to);
// Shell-style: * any run, ? any one character. Linear in the text for every pattern.
bool glob_match(std::string_view pattern, std::string_view text);
// RFC 3986 percent-encoding of everything but unreserved characters, and of '/' unless kept.
std::string percent_encode(std::string_view text, bool keep_slash = false);
std::string percent_decode(std::string_view text, bool plus_is_space = false);

}  // namespace aright
