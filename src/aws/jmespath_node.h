#pragma once
// A parsed JMESPath expression, and how it is evaluated. Of the module only.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "json/value.h"

namespace aright::aws::jmespath {

enum class Kind {
  current,            // @, and whatever has nothing on its left
  field,              // text
  literal,            // value
  index,              // of the current list: slice[0]
  slice,              // of the current list: slice[0]:slice[1]:slice[2]
  pipe,               // children[1] of what children[0] finds; also a.b and a[0]
  projection,         // children[1] of every item of children[0]
  value_projection,   // children[1] of every member's value of children[0]
  filter_projection,  // children[1] of every item of children[0] for which children[2] is true
  flatten,            // children[0], its inner lists opened by one level
  either,             // ||
  both,               // &&
  negation,           // !
  comparison,         // text is the operator
  list,               // [a, b]
  hash,               // {keys[0]: children[0], …}
  call,               // function text of children
  reference,          // &expression
};

struct Node {
  Kind kind = Kind::current;
  std::string text;
  json::Value value;
  std::array<std::optional<std::int64_t>, 3> slice;
  std::vector<std::string> keys;
  std::vector<Node> children;
};

// Fails with invalid, naming the column.
Result<Node> parse(std::string_view expression);
Result<json::Value> evaluate(const Node& node, const json::Value& value);

// A function's arguments: values, or for a reference the expression itself.
struct Argument {
  json::Value value;
  const Node* reference = nullptr;
};
Result<json::Value> call(const std::string& name, std::span<const Argument> arguments);

bool is_true(const json::Value& value);
// Values of different types are never equal.
bool is_equal(const json::Value& left, const json::Value& right);

}  // namespace aright::aws::jmespath
