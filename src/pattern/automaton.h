#pragma once
// All rules as one machine: what a leaf's value leads to, and what is left to check then. Immutable; any thread may use
// it. Internal to pattern; README.md tells the idea.

#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "pattern/condition_table.h"
#include "pattern/path_tree.h"
#include "pattern/pattern.h"
#include "pattern/program.h"
#include "pattern/triggers.h"

namespace aright::pattern {

using ValueId = std::uint32_t;

// Part of one of the automaton's lists.
struct Slice {
  std::uint32_t first = 0, last = 0;
  bool empty() const { return first == last; }
};

// What an event shows at a path, in two bytes: the number of the one value that stands there outside of arrays, among
// those that rules name at this path.
using Shown = std::uint16_t;
inline constexpr Shown shown_nothing = 0;    // no leaf, or no value that a rule names
inline constexpr Shown shown_many = 0xFFFF;  // several leaves, or one in an array: ask the field
// What a check compares with when it is not one value that passes it. A list of values is looked up in the field's
// mask.
inline constexpr Shown ask_field = 0xFFFE;      // only the field can tell
inline constexpr Shown in_mask = 0xFFFD;        // passed when the mask has the value's bit
inline constexpr Shown maybe_in_mask = 0xFFFC;  // failed when it has not; else the field can tell
inline constexpr Shown shown_max = 0xFFFB;
inline constexpr Shown sure_in_mask_max = 63;

inline std::uint64_t mask_bit(Shown shown) {
  return std::uint64_t{1} << (shown % 64);
}

// One field of a sub-rule, at a glance: passed when the path shows the value, failed when it shows another.
struct Check {
  std::uint16_t path = 0;
  Shown value = ask_field;
};
inline constexpr PathId path_last = 0xFFFF;  // stands for all paths from here on; always shows many

static_assert(sizeof(Check) == sizeof(std::uint32_t));

// A sub-rule where it is filed, as words: its rule; how many fields are left to check, and how many words to pass over
// when the first of them fails; the Check of the first; those fields; and the field that it is filed under.
using Word = std::uint32_t;
inline constexpr std::uint32_t checks_bits = 9;  // fields_max at most
inline constexpr std::size_t filed_head = 3;

struct Value {
  std::uint32_t place = 0;           // path and sort
  std::uint32_t text = 0, size = 0;  // its bytes
  Shown shown = shown_many;
  Slice filed;     // sub-rules that are filed under this value
  Slice triggers;  // fields that list it beside other conditions
};

// One path and its conditions, as often as rules may ask for it.
struct AskedField {
  PathId path = none;
  bool exact = false;  // a list of exact values and nothing else
  bool may_be_absent = false;
  Slice asks;   // those values, ascending; else places in the table of conditions
  Slice filed;  // sub-rules that are filed under this field
};

class Automaton {
 public:
  explicit Automaton(std::vector<Matcher::Entry> entries);

  struct Path {
    bool texts = false, addresses = false, numbers = false, literals = false;  // exact ones that rules name
    bool crowded = false;  // more values than a Shown can tell apart
    const Triggers* triggers = nullptr;
    Slice absent;  // fields to ask when no leaf stands here
  };

  // Sorted, each once: the rule numbers are places in it.
  const std::vector<std::string>& ids() const { return ids_; }
  const std::vector<Matcher::Entry>& entries() const { return entries_; }
  const PathTree& tree() const { return tree_; }
  const Path& path(PathId path) const { return paths_[path]; }
  std::span<const PathId> paths_with_absent() const { return paths_with_absent_; }
  const AskedField& field(FieldId field) const { return fields_[field]; }
  const Check& check(FieldId field) const { return checks_[field]; }
  const ConditionTable& conditions() const { return conditions_; }
  std::uint64_t mask(FieldId field) const { return masks_[field]; }
  const Value& value(ValueId value) const { return values_[value]; }
  std::size_t paths() const { return paths_.size(); }
  std::size_t fields() const { return fields_.size(); }
  std::size_t sub_rules() const { return sub_rules_; }
  std::size_t bytes() const;
  std::uint64_t generation() const { return generation_; }  // different for each automaton that ever was

  std::span<const Word> filed(Slice slice) const { return {stream_.data() + slice.first, stream_.data() + slice.last}; }
  // These will be asked for soon.
  void expect(Slice filed) const {
    constexpr std::uint32_t line = 64 / sizeof(Word), lines = 3;
    for (std::uint32_t at = filed.first; at < std::min(filed.last, filed.first + lines * line); at += line)
      __builtin_prefetch(stream_.data() + at);
  }
  std::span<const std::uint32_t> list(Slice slice) const {
    return {lists_.data() + slice.first, lists_.data() + slice.last};
  }

  // The value of a leaf as rules name it, or none. The bytes of a text and of an inexact number are themselves.
  enum class Sort : std::uint8_t { text, address, number, inexact_number, literal };
  ValueId find(PathId path, Sort sort, std::string_view bytes) const {
    const auto here = place(path, sort);
    const auto hash = hash_text(bytes, here);
    for (auto at = hash & mask_;; at = (at + 1) & mask_) {
      const auto& slot = slots_[at];
      if (slot.value == none) return none;
      if (slot.hash != hash >> 32) continue;
      const auto& value = values_[slot.value];
      if (value.place == here && same_text({texts_.data() + value.text, value.size}, bytes)) return slot.value;
    }
  }

 private:
  friend class AutomatonBuilder;
  struct Slot {
    std::uint32_t hash = 0;
    ValueId value = none;
  };
  // Path and sort in one.
  static std::uint32_t place(PathId path, Sort sort) { return path * 8 + static_cast<std::uint32_t>(sort); }

  const std::uint64_t generation_;
  std::vector<Matcher::Entry> entries_;  // keep the programs that fields point into
  std::vector<std::string> ids_;
  PathTree tree_;
  std::vector<Path> paths_;
  std::vector<PathId> paths_with_absent_;
  std::deque<Triggers> triggers_;
  std::vector<AskedField> fields_;
  std::vector<Check> checks_;  // by field
  ConditionTable conditions_;
  std::vector<std::uint64_t> masks_;  // by field: bits of the values it lists, as they are shown
  std::vector<Value> values_;
  std::vector<Slot> slots_ = {Slot{}};
  std::uint64_t mask_ = 0;
  std::string texts_;
  std::vector<std::uint32_t> lists_;
  std::vector<Word> stream_;
  std::size_t sub_rules_ = 0;
};

// The bytes by which a number or an address is looked up.
inline constexpr std::size_t key_bytes = 17;
struct Key {
  char bytes[key_bytes + slack_bytes] = {};
  std::size_t size = 0;
  std::string_view view() const { return {bytes, size}; }
};
Key key_of(double number);
Key key_of(const Address& address);
Key key_of(Kind literal);

}  // namespace aright::pattern
