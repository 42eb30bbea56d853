#pragma once
// Query strings as ordered pairs, and percent-encoding as AWS signs it. Pure, any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aright::net {

inline constexpr std::string_view form_type = "application/x-www-form-urlencoded";  // of a body that is a query

using Query = std::vector<std::pair<std::string, std::string>>;

// Decoded, in order. "a=1&b" gives (a, 1), (b, ""). A plus sign is a space only where a form says
// so.
Query parse_query(std::string_view query, bool plus_is_space = false);
// Encoded, in order: everything but A-Z a-z 0-9 - _ . ~ as %XX.
std::string build_query(const Query& query);

}  // namespace aright::net
