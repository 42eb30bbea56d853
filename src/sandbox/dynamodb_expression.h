#pragma once
// DynamoDB's expressions, on items in the shape of its API ({"id": {"S": "a"}}): conditions,
// updates, projections.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
//
// Pure. Fails with invalid where an expression is none, names a placeholder that is not there, or
// asks for what the types of the values do not allow.

#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::sandbox {

struct Expression {
  std::string_view text;
  const json::Value& names;   // ExpressionAttributeNames; null: none
  const json::Value& values;  // ExpressionAttributeValues
};

// Whether a condition, filter or key condition holds. An empty text always does.
Result<bool> holds(const Expression& expression, const json::Object& item);
// The item after SET, REMOVE, ADD and DELETE.
Result<json::Object> updated(const Expression& expression, const json::Object& item);
// Only what the projection names; the whole item when the text is empty.
Result<json::Object> projected(const Expression& expression, const json::Object& item);

// -1, 0 or 1: numbers by value, all else by bytes; unlike types by the type's name.
int compare_attributes(const json::Value& left, const json::Value& right);

}  // namespace aright::sandbox
