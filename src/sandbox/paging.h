#pragma once
// Tokens of pages. They are marked with their operation: one that is made up, or another operation's, is none. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/hook.h"

namespace aright::sandbox {

// `place` says where the next page begins, in the caller's own words.
std::string page_token(std::string_view operation, std::string_view place);
std::optional<std::string> read_page_token(std::string_view operation, std::string_view token);

// Where the page begins that the call asks for by this member: 0 when it says nothing. For lists that are counted; the
// token is page_token(operation, number). Fails with the error that the service has for a token that is none.
Result<std::size_t> page_start(const Scene& scene, std::string_view member, std::string_view error);

}  // namespace aright::sandbox
