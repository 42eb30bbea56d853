#pragma once
// JMESPath, the whole language: the paths of pagination tables and waiters, and of --query.
// https://jmespath.org/specification.html. Pure; a compiled expression may be used by any thread.

#include <memory>
#include <string_view>

#include "json/value.h"

namespace aright::aws {

namespace jmespath {
struct Node;
}

inline constexpr std::size_t expression_bytes_max = 8u << 10;  // nobody writes longer ones by hand

class Jmespath {
 public:
  // Fails with invalid, naming the column.
  static Result<Jmespath> compile(std::string_view expression);

  // What the expression finds, null when nothing. Fails with invalid when a function gets something
  // that it cannot take.
  Result<json::Value> search(const json::Value& value) const;

 private:
  explicit Jmespath(std::shared_ptr<const jmespath::Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const jmespath::Node> root_;
};

// Both in one.
Result<json::Value> search(std::string_view expression, const json::Value& value);

}  // namespace aright::aws
