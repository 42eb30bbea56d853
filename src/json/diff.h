#pragma once
// The difference of two values, member by member, and the three-way merge that rollback stands on.
// Pure functions of plain data: any thread may call them; what they return refers to nothing.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::json {

struct Change {
  std::string pointer;          // RFC 6901: /MetadataOptions/HttpTokens
  std::optional<Value> before;  // nothing: the member was added
  std::optional<Value> after;   // nothing: it was removed
  bool operator==(const Change&) const = default;
};
// Descends into objects; an array that differs is one change. Sorted by pointer.
std::vector<Change> diff(const Value& before, const Value& after);
Value to_json(const std::vector<Change>& changes);  // [{"pointer","before"?,"after"?}]

struct Merge {
  Value merged;
  std::vector<std::string> conflicts;  // pointers where `now` differs from both
};
// What `now` becomes when the step before → applied is taken back, keeping whatever else changed
// since.
//
// Objects merge by member. Arrays whose elements carry a unique name (Sid, Id, Key, Name…) merge by
// element, and within it by member. Other arrays merge as sets: what the step added goes, what it
// removed comes back to its place, the rest stays in the order that `now` has. An array with
// duplicates, or one whose elements the step reordered, is one value. A conflict keeps `now`. An
// object that the step created goes when nothing of anybody else's is left in it.
Merge revert(const Value& before, const Value& applied, const Value& now);

// RFC 6901.
// Nothing when absent, or when the pointer is malformed.
const Value* pointer_get(const Value& root, std::string_view pointer);
// Creates objects on the way; an index one past the end, or "-", appends. Fails with invalid
// through a scalar, past the end of an array, and for a malformed pointer; then `root` is as it
// was.
Result<> pointer_set(Value& root, std::string_view pointer, Value value);
// Removing what is absent succeeds. Fails with invalid for a malformed pointer.
Result<> pointer_remove(Value& root, std::string_view pointer);
// One token for use in a pointer: "a/b" becomes "a~1b".
std::string pointer_escape(std::string_view token);

}  // namespace aright::json
