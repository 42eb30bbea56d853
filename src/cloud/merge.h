#pragma once
// The three-way merge of json/diff.h, for the kinds of value that aspects have: sets of items with
// an identity, and documents that travel as text. Pure.

#include "cloud/description.h"
#include "json/diff.h"

namespace aright::cloud {

// What `now` becomes when the step before → applied is taken back. Conflicts point into the aspect;
// an item of a set is pointed at by its identity.
json::Merge revert(const Aspect& aspect, const json::Value& before, const json::Value& applied,
                   const json::Value& now);

// What the step changed, piece by piece: members, items of sets, entries. Pieces of `now` can be
// looked up by pointer in comparable(aspect, now).
std::vector<json::Change> pieces(const Aspect& aspect, const json::Value& before, const json::Value& applied);
json::Value comparable(const Aspect& aspect, const json::Value& value);

}  // namespace aright::cloud
