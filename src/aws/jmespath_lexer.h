#pragma once
// Tokens of JMESPath. Of the module only.

#include <string>
#include <vector>

#include "json/value.h"

namespace aright::aws::jmespath {

enum class Mark {
  end,
  name,
  quoted,
  literal,
  number,
  dot,
  star,
  comma,
  colon,
  at,
  ampersand,
  bang,
  pipe,
  either,
  both,
  compare,
  flatten,  // []
  filter,   // [?
  open_bracket,
  close_bracket,
  open_brace,
  close_brace,
  open_paren,
  close_paren,
};

struct Token {
  Mark mark = Mark::end;
  std::string text;   // of a name, an operator
  json::Value value;  // of a literal, a number
  std::size_t column = 1;
};

// Ends with an end token. Fails with invalid, naming the column.
Result<std::vector<Token>> tokens_of(std::string_view expression);

}  // namespace aright::aws::jmespath
