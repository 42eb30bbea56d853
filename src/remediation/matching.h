#pragma once
// How conditions of the policy fit: texts that may hold * and ?, and tags. Pure.

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace aright::remediation {

// One of them; any text where there are none.
inline bool fits(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob_match(pattern, text); });
}

using Tags = std::map<std::string, std::string>;

// The first wanted tag that is not so; wanted.end() when all are. One that is not there is "".
inline Tags::const_iterator missing_tag(const Tags& wanted, const Tags& tags) {
  return std::ranges::find_if(wanted, [&](const auto& tag) {
    auto own = tags.find(tag.first);
    return !glob_match(tag.second, own == tags.end() ? "" : own->second);
  });
}
inline bool fit_tags(const Tags& wanted, const Tags& tags) { return missing_tag(wanted, tags) == wanted.end(); }

}  // namespace aright::remediation
