#pragma once
// Which conditions may hold for a leaf, found without asking each: the filter before the fields that are no mere lists
// of exact values. What is found is then asked itself, so a filter may say too much, but never too little. Internal to
// pattern.

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pattern/condition.h"

namespace aright::pattern {

using FieldId = std::uint32_t;

// A field whose conditions may hold for the leaf at hand; when it is sure, they do.
struct Triggered {
  FieldId field : 31;
  FieldId sure : 1;
};

// All texts of a set that a given text begins with. They stand sorted; each knows the longest other one that it begins
// with itself, so one binary search finds them all.
class PrefixSet {
 public:
  void add(std::string_view text, Triggered field) { added_.emplace_back(text, field); }
  void seal();
  bool empty() const { return items_.empty(); }
  void find(std::string_view text, std::vector<Triggered>& out) const;
  std::size_t bytes() const;

 private:
  struct Item {
    std::uint32_t at, size;  // in texts_; without what all begin with
    Triggered field;
    std::uint32_t shorter;  // place + 1 of the next one that may be found; 0: there is none
  };
  std::string_view text_of(const Item& item) const { return {texts_.data() + item.at, item.size}; }

  std::vector<std::pair<std::string, Triggered>> added_;  // until seal()
  std::string common_;                                    // all begin with it
  std::vector<std::uint64_t> heads_;                      // the first bytes of each, in an order that is theirs
  std::vector<Item> items_;
  std::string texts_;
};

// All texts of a set that stand anywhere in a given text (Aho-Corasick).
class SubstringSet {
 public:
  void add(std::string_view text, FieldId field);
  void seal();
  bool empty() const { return texts_.empty(); }
  void find(std::string_view text, std::vector<Triggered>& out) const;
  std::size_t bytes() const;

 private:
  struct State {
    std::uint32_t first = 0, last = 0;  // of found_
    std::uint32_t shorter = 0;          // the next state whose texts end here as well
  };
  std::vector<std::pair<std::string, FieldId>> texts_;
  std::array<std::uint8_t, 256> letter_{};  // bytes that stand in no text share one letter, 0
  std::uint32_t letters_ = 1;
  std::vector<std::uint32_t> next_;  // state × letter
  std::vector<State> states_;
  std::vector<FieldId> found_;
};

// All ranges of addresses that hold a given one: as with prefixes of texts, by one search.
class NetworkSet {
 public:
  void add(const AddressRange& range, FieldId field);
  void seal();
  bool empty() const { return items_.empty(); }
  void find(const Address& address, std::vector<Triggered>& out) const;
  std::size_t bytes() const { return items_.size() * sizeof(Item); }

 private:
  // Addresses as numbers; those of version 4 stand before those of version 6.
  struct Key {
    bool v6;
    std::uint64_t high, low;
    auto operator<=>(const Key&) const = default;
  };
  struct Item {
    Key first;  // of the range
    std::uint64_t high_mask, low_mask;
    FieldId field;
    std::uint32_t shorter;  // place + 1 of the next wider one that may be found; 0: there is none
    bool holds(const Key& key) const {
      return key.v6 == first.v6 && (key.high & high_mask) == first.high && (key.low & low_mask) == first.low;
    }
  };
  static Key key_of(const Address& address);
  std::vector<Item> items_;
};

// The triggers of one path. Immutable after seal().
class Triggers {
 public:
  // Exact values are looked up elsewhere.
  void add(const Condition& condition, FieldId field);
  void seal();
  // Memory that find() uses again.
  struct Scratch {
    std::string reversed, folded;
  };
  // Adds fields, some of them more than once.
  void find(const Scalar& leaf, Scratch& scratch, std::vector<Triggered>& out) const;
  std::size_t bytes() const;

 private:
  struct Adder;
  struct Parts {
    const std::vector<std::string>* parts;  // owned by the condition, which must outlive seal()
    FieldId field;
  };
  void seal_wildcards();
  void find_in_text(std::string_view text, Scratch& scratch, std::vector<Triggered>& out) const;

  PrefixSet prefixes_, suffixes_;                    // suffixes back to front
  PrefixSet any_case_prefixes_, any_case_suffixes_;  // folded
  SubstringSet substrings_;
  NetworkSet networks_;
  std::vector<std::pair<double, FieldId>> ranges_;  // by lower bound
  std::vector<FieldId> always_;                     // for any leaf
  std::vector<FieldId> any_text_;
  std::vector<Parts> wildcards_;  // until seal()
};

}  // namespace aright::pattern
