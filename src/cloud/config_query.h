#pragma once
// The queries of Config's SelectResourceConfig: SELECT … WHERE … GROUP BY … ORDER BY … LIMIT over configuration items,
// each seen as one JSON value. A property that leads through a list stands for all of its elements, and a condition
// holds where it holds for one of them. Pure.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::cloud {

inline constexpr std::size_t expression_chars_max = 4096;  // SelectResourceConfig's own
inline constexpr int condition_depth_max = 50;
inline constexpr std::size_t fields_max = 50, literals_max = 1'000;

class ConfigQuery {
 public:
  // Fails with InvalidExpressionException, naming the place and what could stand there.
  static Result<ConfigQuery> parse(std::string_view expression);

  // As answers name them.
  std::vector<std::string> fields() const;
  // The texts in it that look like resource types.
  const std::vector<std::string>& types() const { return types_; }
  std::vector<json::Value> run(const std::vector<json::Value>& items) const;

  struct Field {
    enum class Kind { property, count, sum, avg, min, max };
    Kind kind = Kind::property;
    std::string property;  // "" for COUNT(*)
    std::string name() const;
    bool operator==(const Field&) const = default;
  };
  struct Condition {
    enum class Kind { all, any, negation, equal, unequal, less, at_most, greater, at_least, like, in, between };
    Kind kind = Kind::all;
    std::vector<Condition> parts;  // of all, any and negation
    std::string property;
    std::vector<json::Value> values;
    bool holds(const json::Value& item) const;
  };
  struct Order {
    Field by;
    bool descending = false;
  };

 private:
  friend class QueryParser;
  json::Value shown(const json::Value& item) const;
  std::vector<json::Value> grouped(const std::vector<const json::Value*>& items) const;

  std::vector<Field> fields_;  // none: all that there is
  std::optional<Condition> where_;
  std::vector<std::string> group_by_;
  std::vector<Order> order_by_;
  std::optional<std::int64_t> limit_;
  std::vector<std::string> types_;
};

// A configuration item as queries see it: its texts of JSON taken apart, and its tags as a list of key, value and tag.
json::Value queried(json::Object item);

}  // namespace aright::cloud
