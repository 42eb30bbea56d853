#include "pattern/consistency.h"

#include <algorithm>
#include <map>

namespace aright::pattern {

namespace {

using Candidates = std::vector<ScopeId>;  // of one field

// Descends from the whole event into its array elements. In each array one element must be chosen,
// and every field that has all its matches in that array must match inside the chosen element.
// Different arrays are independent.
class Search {
 public:
  explicit Search(const std::vector<Scope>& scopes) : scopes_(scopes) {}

  // Can all fields be had inside `scope`? Their candidates are all in or below it.
  bool satisfiable(ScopeId scope, std::vector<Candidates> fields) {
    std::erase_if(
        fields, [&](const auto& field) { return std::ranges::find(field, scope) != field.end(); });
    if (fields.empty()) return true;
    std::map<std::uint32_t, std::vector<Candidates>> by_array;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      auto parts = split_by_array(fields[i], scope);
      if (parts.size() > 1) return any_choice(scope, fields, i, parts);
      by_array[parts.begin()->first].push_back(std::move(parts.begin()->second));
    }
    return std::ranges::all_of(by_array,
                               [&](const auto& group) { return any_element(scope, group.second); });
  }

 private:
  // The ancestor (or the scope itself) that stands directly below `above`.
  ScopeId child_of(ScopeId above, ScopeId scope) const {
    const auto depth = scopes_[above].depth + 1;
    while (scopes_[scope].depth > depth)
      scope = scopes_[scope].parent;
    return scope;
  }

  std::map<std::uint32_t, Candidates> split_by_array(const Candidates& field, ScopeId scope) const {
    std::map<std::uint32_t, Candidates> parts;
    for (auto candidate : field)
      parts[scopes_[child_of(scope, candidate)].array].push_back(candidate);
    return parts;
  }

  bool any_choice(ScopeId scope, const std::vector<Candidates>& fields, std::size_t ambiguous,
                  const std::map<std::uint32_t, Candidates>& parts) {
    for (const auto& [array, part] : parts) {
      if (++choices_ > choices_max) return false;
      auto narrowed = fields;
      narrowed[ambiguous] = part;
      if (satisfiable(scope, std::move(narrowed))) return true;
    }
    return false;
  }

  // Is there an element of the one array that all these fields are in?
  bool any_element(ScopeId scope, const std::vector<Candidates>& fields) {
    std::map<ScopeId, std::vector<Candidates>> by_element;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      for (auto candidate : fields[i]) {
        auto& here = by_element[child_of(scope, candidate)];
        here.resize(fields.size());
        here[i].push_back(candidate);
      }
    }
    return std::ranges::any_of(by_element, [&](const auto& element) {
      const auto& [inner, candidates] = element;
      return std::ranges::none_of(candidates, &Candidates::empty) && satisfiable(inner, candidates);
    });
  }

  const std::vector<Scope>& scopes_;
  int choices_ = 0;
};

}  // namespace

bool exclude(const std::vector<Scope>& scopes, ScopeId one, ScopeId other) {
  while (scopes[one].depth > scopes[other].depth)
    one = scopes[one].parent;
  while (scopes[other].depth > scopes[one].depth)
    other = scopes[other].parent;
  if (one == other) return false;  // one stands in the other
  while (scopes[one].parent != scopes[other].parent) {
    one = scopes[one].parent;
    other = scopes[other].parent;
  }
  return scopes[one].array == scopes[other].array;
}

bool consistent(const std::vector<Scope>& scopes, std::vector<std::vector<ScopeId>> fields) {
  return Search(scopes).satisfiable(root_scope, std::move(fields));
}

}  // namespace aright::pattern
