#include "json/diff.h"

#include <algorithm>

namespace aright::json {

namespace {

std::optional<Value> copy(const Value* value) {
  return value ? std::optional<Value>(*value) : std::nullopt;
}

// Null pointers stand for absent.
void compare(const Value* before, const Value* after, const std::string& pointer,
             std::vector<Change>& out) {
  if (before && after && before->is_object() && after->is_object()) {
    const auto& old_members = before->get_object();
    const auto& new_members = after->get_object();
    for (const auto& [key, value] : old_members) {
      compare(&value, new_members.if_contains(key), pointer + '/' + pointer_escape(key), out);
    }
    for (const auto& [key, value] : new_members) {
      if (!old_members.contains(key)) {
        compare(nullptr, &value, pointer + '/' + pointer_escape(key), out);
      }
    }
  } else if (!before || !after || !equal(*before, *after)) {
    out.push_back({.pointer = pointer, .before = copy(before), .after = copy(after)});
  }
}

}  // namespace

std::vector<Change> diff(const Value& before, const Value& after) {
  std::vector<Change> changes;
  compare(&before, &after, "", changes);
  std::ranges::sort(changes, {}, &Change::pointer);
  return changes;
}

Value to_json(const std::vector<Change>& changes) {
  Array out;
  for (const auto& change : changes) {
    Object entry{{"pointer", change.pointer}};
    if (change.before) entry["before"] = *change.before;
    if (change.after) entry["after"] = *change.after;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace aright::json
