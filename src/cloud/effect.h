#pragma once
// The small core that emulation, rehearsal and rollback share: what a write does to a value, and
// which writes lead from one value to another. Absent is null everywhere. Pure, any thread.

#include <vector>

#include "aws/call.h"
#include "cloud/description.h"
#include "cloud/resource.h"
#include "cloud/template.h"

namespace aright::cloud {

// Whether the input says anything about this aspect: an operation may write many, and a call few of
// them.
bool engages(const Write& write, const json::Object& input);
// Whether the input asks for this aspect: an operation that reads several is told which by a text.
bool asks_for(const Read& read, const json::Object& input);

// Whether the items that the call adds to the set are not in it yet, and those that it drops or replaces are.
bool fits(const Aspect& aspect, const Write& write, const json::Object& input,
          const json::Value& before);
// Whether a patch operation ({op, path, value}) is one that the write is about.
bool amends(const Write& write, const json::Value& one);

// The value after the write.
json::Value apply(const Aspect& aspect, const Write& write, const json::Object& input,
                  const json::Value& before);

// What creation gives the aspect; null when the input says nothing about it. `lookup` tells the
// placeholders other than {input.…}.
json::Value taken(const Creation& create, const Aspect& aspect, const json::Object& input,
                  const Lookup& lookup);

// Where a value that is on its way (stopping) will be when it has arrived (stopped); others are
// where they are.
const json::Value& arrived(const Aspect& aspect, const json::Value& value);

// The calls that bring the aspect from one value to another; none when they are equal. Fails with
// unsupported, saying why, when no described write leads there.
Result<std::vector<aws::Call>> transition(const Aspect& aspect, const ResourceRef& ref,
                                          const json::Value& from, const json::Value& to);

// Joins neighbours that call the same operation on the same resource with inputs that do not
// contradict each other.
std::vector<aws::Call> joined(std::vector<aws::Call> calls);

// As images hold what was read: without what is no part of the value.
json::Value kept(const Aspect& aspect, json::Value value);
// Equal, when the order of sets is not looked at.
json::Value normal(const Aspect& aspect, json::Value value);
// Documents that are answered as text are equal when they say the same.
bool same(const Aspect& aspect, const json::Value& left, const json::Value& right);

// The documents in texts, and in a map's texts, taken out of them.
json::Value opened(const json::Value& value);

// Items with several elements taken apart, and put together again as services show them.
json::Value exploded(const Aspect& aspect, const json::Value& set);
json::Value gathered(const Aspect& aspect, const json::Value& set);

// Blocks of addresses without their host bits; what is none stays as it is.
json::Value masked(const Aspect& aspect, json::Value value);

// The identity of an item of the aspect's set.
json::Value identity(const Aspect& aspect, const json::Value& item);
// A list of identities may be written as bare texts, as items, or as one of either.
json::Value identity_in(const Aspect& aspect, const json::Value& item);

// A set or map without items is the same as none, and so is what means "absent".
json::Value settled(const Aspect& aspect, json::Value value);
// What a `remove` leaves.
json::Value cleared(const Aspect& aspect);

}  // namespace aright::cloud
