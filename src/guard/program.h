#pragma once
// A rules file, ready to run: names are numbers, references are resolved, keys know their other
// spellings. Made once by the compiler, never changed, read by any number of threads. Internal to
// guard.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "guard/spelling.h"
#include "guard/syntax.h"

namespace aright::guard {

using syntax::Comparator;
using syntax::is_unary;
using syntax::Operator;

using NameId = std::int32_t;
inline constexpr NameId no_name = -1;

enum class FunctionId : std::uint8_t {
  count,
  join,
  json_parse,
  now,
  parse_boolean,
  parse_char,
  parse_epoch,
  parse_float,
  parse_int,
  parse_string,
  regex_replace,
  substring,
  to_lower,
  to_upper,
  url_decode,
  unknown,
};
FunctionId function_named(std::string_view name);
std::size_t arguments_of(FunctionId function);

struct Step;
struct Clause;
struct Operand;
struct Block;
using Conjunction = std::vector<std::vector<Clause>>;

struct Query {
  std::vector<Step> steps;  // not empty
  bool all = true;
};

struct Call {
  FunctionId function = FunctionId::unknown;
  std::string name;
  Place place;
  std::vector<Operand> arguments;
};

struct Operand {
  std::variant<std::unique_ptr<const Value>, Query, Call> what;
};

struct Step {
  enum class Kind { itself, key, index, variable, all_values, all_items, filter, keys };
  Kind kind = Kind::key;
  bool quoted_index = false;  // a key of digits
  std::int32_t index = 0;
  NameId variable = no_name;  // that is asked for, or that captures keys
  std::string name;
  std::array<std::string, spellings_count> spellings;
  Conjunction filter;
  Comparator comparator;
  std::unique_ptr<const Operand> with;
};

struct Let {
  NameId name;
  Operand value;
};

struct Block {
  std::vector<Let> lets;  // one for each name, in their order
  Conjunction clauses;
  const Let* find(NameId name) const;
};

struct Comparison {
  Query query;
  Comparator comparator;
  std::optional<Operand> with;
  std::optional<std::string> message;
  Place place;
  bool negated = false;
};

struct Reference {
  std::string name;
  std::vector<std::uint32_t> rules;  // of that name; empty when there is none
  bool negated = false;
  std::optional<std::string> message;
  Place place;
};

struct RuleCall {
  Reference rule;  // its one rule is among the parameterized
  std::vector<Operand> arguments;
};

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

struct TypeBlock {
  std::string type;
  std::optional<Conjunction> conditions;
  Query query;  // Resources.*[ Type == … ]
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
  std::vector<NameId> parameters;
  Place place;
};

struct Program {
  std::string file;
  Block globals;  // lets only
  std::vector<Rule> rules;
  std::vector<Rule> parameterized;
  std::vector<std::string> names;  // of variables
};

Program compile(const syntax::File& file);

// As a person would write it, on one line.
std::string print(const Query& query, std::size_t from = 0);
std::string print(const Comparison& comparison);
std::string_view word(Comparator comparator);

}  // namespace aright::guard
