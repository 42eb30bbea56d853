#pragma once
// The difference of two values, member by member, and the three-way merge that rollback stands on.

#include <optional>
#include <string>
#include <vector>

#include "json/value.h"

namespace aright::json {

struct Change {
  std::string pointer;            // RFC 6901: /MetadataOptions/HttpTokens
  std::optional<Value> before;    // nothing: the member was added
  std::optional<Value> after;     // nothing: it was removed
  bool operator==(const Change&) const = default;
};
// Descends into objects; an array that differs is one change. Sorted by pointer.
std::vector<Change> diff(const Value& before, const Value& after);
Value to_json(const std::vector<Change>& changes);  // [{"pointer","before"?,"after"?}]

struct Merge {
  Value merged;
  std::vector<std::string> conflicts;  // pointers where `now` differs from both
};
// What `now` becomes when the step before → applied is taken back, keeping whatever else changed since. Objects merge
// by member, arrays as sets of elements when order and duplicates allow it, else as one value; a conflict keeps `now`.
Merge revert(const Value& before, const Value& applied, const Value& now);

// RFC 6901. get: nothing when absent. set: creates objects on the way; fails with invalid through a scalar.
const Value* pointer_get(const Value& root, std::string_view pointer);
Result<> pointer_set(Value& root, std::string_view pointer, Value value);
Result<> pointer_remove(Value& root, std::string_view pointer);

}  // namespace aright::json
