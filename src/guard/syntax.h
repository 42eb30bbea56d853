#pragma once
// What a rules file says, as a tree: what parse-tree prints and the compiler reads. Plain data.
// Internal to guard.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "guard/value.h"

namespace aright::guard::syntax {

enum class Operator : std::uint8_t {
  equal,
  in,
  less,
  less_equal,
  greater,
  greater_equal,  // with a right side
  exists,
  empty,
  is_string,
  is_list,
  is_struct,
  is_bool,
  is_int,
  is_null,
  is_float,
};
inline bool is_unary(Operator sign) {
  return sign >= Operator::exists;
}

struct Comparator {
  Operator sign = Operator::equal;
  bool negated = false;
};

struct Part;
struct Clause;
struct Operand;
// Rows are joined by and; the alternatives in a row by or.
using Conjunction = std::vector<std::vector<Clause>>;

struct Query {
  std::vector<Part> parts;
  bool all = true;  // else it says `some`
};

struct Call {
  std::string name;
  Place place;
  std::vector<Operand> arguments;
};

struct Operand {
  std::variant<Value, Query, Call> what;
};

struct Let {
  std::string name;
  Operand value;
};

struct Block {
  std::vector<Let> lets;
  Conjunction clauses;
};

// One step of a query.
struct Part {
  enum class Kind { itself, key, index, all_values, all_items, filter, keys };
  Kind kind = Kind::key;
  std::string name;  // of a key, or of the variable that captures keys
  std::int32_t index = 0;
  Conjunction filter;
  Comparator comparator;      // of keys
  std::vector<Operand> with;  // one, of keys
};

// Resources.*.Name == "x" <<message>>
struct Comparison {
  Query query;
  Comparator comparator;
  std::optional<Operand> with;
  std::optional<std::string> message;
  Place place;
  bool negated = false;  // not before the query
};

// The name of a rule.
struct Reference {
  std::string name;
  bool negated = false;
  std::optional<std::string> message;
  Place place;
};

// A rule with parameters, called.
struct RuleCall {
  Reference rule;
  std::vector<Operand> arguments;
};

// Properties { … }
struct Nested {
  Query query;
  Block block;
  Place place;
  bool not_empty = false;
};

struct When {
  Conjunction conditions;
  Block block;
};

// AWS::S3::Bucket when … { … }
struct TypeBlock {
  std::string type;
  std::optional<Conjunction> conditions;
  Block block;
  Place place;
};

struct Clause {
  std::variant<Comparison, Reference, RuleCall, Nested, When, TypeBlock> what;
};

struct Rule {
  std::string name;
  std::optional<Conjunction> conditions;
  Block block;
  std::vector<std::string> parameters;  // not empty for one that is called
  Place place;
};

struct File {
  std::string name;
  std::vector<Let> lets;
  std::vector<Rule> rules;  // the default rule, made of what stands outside of rules, first
  std::vector<Rule> parameterized;
  bool empty = false;  // nothing but blanks and comments
};

}  // namespace aright::guard::syntax
