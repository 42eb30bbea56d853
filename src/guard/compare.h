#pragma once
// Whether two values are equal, or in what order they stand. Pure, but for the bound on regular
// expressions. Internal to guard.

#include <memory>
#include <unordered_map>
#include <vector>

#include "guard/value.h"

namespace aright::guard {

enum class Answer {
  no,
  yes,
  incomparable,  // of types that are not compared: neither equal nor unequal
  overrun,       // a regular expression backtracked for too long
};

// As == sees it: a type that differs anywhere inside makes the whole incomparable.
Answer equals(const Value& left, const Value& right);
// As `in` looks for a value among others: what is incomparable is not it.
Answer same(const Value& left, const Value& right);

enum class Order { less, equal, greater, incomparable };
Order order(const Value& left, const Value& right);

// A list to look values up in, in constant time for each but where regular expressions and ranges
// are among them.
class Among {
 public:
  explicit Among(std::vector<const Value*> values);
  explicit Among(const List& list);
  Answer holds(const Value& value) const;

 private:
  static constexpr std::size_t hashed_from = 16;  // below it, looking at each is quicker
  void index();

  std::vector<const Value*> values_;
  std::vector<const Value*>
      patterns_;  // and what holds them; only these are searched when the rest is hashed
  std::unordered_multimap<std::size_t, const Value*> hashed_;
};

}  // namespace aright::guard
