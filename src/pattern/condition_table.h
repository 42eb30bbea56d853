#pragma once
// Conditions, packed: a few thousand of them stay in the processor's cache, where Condition's own form, with its texts
// all over the memory, would not. The answers are those of holds(). Internal to pattern.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pattern/condition.h"

namespace aright::pattern {

class ConditionTable {
 public:
  // The conditions stand together; gives the place of the first.
  std::uint32_t add(const std::vector<Condition>& conditions);

  bool any_holds(std::uint32_t first, std::size_t count, const Scalar& leaf) const {
    for (std::size_t i = 0; i < count; ++i)
      if (holds(items_[first + i], leaf)) return true;
    return false;
  }
  std::size_t bytes() const;

 private:
  struct Packer;
  enum class Op : std::uint8_t {
    text,
    address,
    number,
    inexact_number,
    literal,
    prefix,
    suffix,
    any_case_prefix,
    any_case_suffix,
    any_case_text,
    wildcard,
    range,
    network,
    present,
    anything_but,
  };
  // What `at` counts depends on the operator: bytes of texts_, or places of one of the lists.
  struct Item {
    Op op = Op::present;
    Kind literal = Kind::null;
    std::uint16_t count = 0;  // of parts, or of excluded conditions; conditions_max of both
    std::uint32_t at = 0, size = 0;
  };
  struct Part {
    std::uint32_t at = 0, size = 0;
  };

  bool holds(const Item& item, const Scalar& leaf) const;
  bool holds_for_text(const Item& item, std::string_view text) const;
  bool holds_wildcard(const Item& item, std::string_view text) const;
  bool in_range(const Item& item, double number) const;
  std::string_view text(std::uint32_t at, std::uint32_t size) const { return {texts_.data() + at, size}; }

  std::vector<Item> items_;
  std::vector<Part> parts_;
  std::vector<Range> ranges_;
  std::vector<double> numbers_;
  std::vector<AddressRange> networks_;
  std::vector<Address> addresses_;
  std::string texts_;
};

}  // namespace aright::pattern
