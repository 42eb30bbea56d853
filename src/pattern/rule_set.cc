#include "pattern/rule_set.h"

#include <algorithm>
#include <set>

namespace aright::pattern {

void RuleSet::put(std::vector<Matcher::Entry> entries) {
  std::vector<std::string> ids;
  for (const auto& entry : entries)
    ids.push_back(entry.id);
  swap(std::move(entries), ids);
}

void RuleSet::remove(const std::vector<std::string>& ids) {
  swap({}, ids);
}

// Patterns stay compiled; what is made anew is the automaton over them.
void RuleSet::swap(std::vector<Matcher::Entry> added, const std::vector<std::string>& removed) {
  const std::set<std::string_view> gone(removed.begin(), removed.end());
  const std::lock_guard lock(changing_);
  const auto now = matcher_.load();
  std::vector<Matcher::Entry> entries;
  entries.reserve(now->size() + added.size());
  for (const auto& entry : now->entries())
    if (!gone.contains(entry.id)) entries.push_back(entry);
  std::ranges::move(added, std::back_inserter(entries));
  matcher_.store(std::make_shared<const Matcher>(std::move(entries)));
}

}  // namespace aright::pattern
