#pragma once
// What path_parse makes of a JSONPath and path_select walks. Internal to json.

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "json/value.h"

namespace aright::json::path_ast {

struct Expression;

struct Name {
  std::string name;
};
struct Index {
  std::int64_t index;  // negative: from the end
};
struct Slice {
  std::optional<std::int64_t> begin, end;
  std::int64_t step = 1;
};
struct Wildcard {};
struct Length {};  // of a list, a map or a text: a number that stands nowhere in the value
struct Filter {
  std::shared_ptr<const Expression> condition;
};
using Selector = std::variant<Name, Index, Slice, Wildcard, Filter, Length>;

struct Step {
  bool deep = false;                // "..": applies to the value and all its descendants
  std::vector<Selector> selectors;  // more than one: a union
};

// A path inside a filter.
struct Query {
  bool from_root = false;  // $ instead of @
  std::vector<Step> steps;
};
using Operand = std::variant<Query, Value>;

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal, among, not_among };

struct Compare {
  Operand left;
  Comparison comparison;
  Operand right;
};
// The whole text; a pattern as RE2 has it, compiled once.
struct Resembles {
  Operand left;
  std::shared_ptr<const re2::RE2> pattern;
};
struct Exists {
  Query query;
};
struct Not {
  std::shared_ptr<const Expression> inner;
};
struct All {
  std::vector<Expression> parts;
};
struct Any {
  std::vector<Expression> parts;
};
struct Expression {
  std::variant<Compare, Resembles, Exists, Not, All, Any> node;
};

bool ends_in_length(const std::vector<Step>& steps);
bool definite(const std::vector<Step>& steps);

}  // namespace aright::json::path_ast
