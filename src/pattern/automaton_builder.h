#pragma once
// Makes an Automaton. Internal to pattern.

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pattern/automaton.h"

namespace aright::pattern {

class AutomatonBuilder {
 public:
  explicit AutomatonBuilder(Automaton& into) : out_(into) {}
  void build();

 private:
  struct Rule {
    RuleNumber number = 0;
    std::vector<FieldId> fields;
    FieldId filed_under = 0;
  };
  // What the automaton's tables need to know about a field or a value while they are made.
  struct FieldPlan {
    const Field* field = nullptr;
    std::vector<ValueId> values;  // all exact ones among the conditions
    std::size_t wanted = 0;       // by so many sub-rules
    std::vector<std::uint32_t> filed;
  };
  struct ValuePlan {
    PathId path = 0;
    std::size_t wanted = 0;
    std::vector<std::uint32_t> filed;
    std::vector<FieldId> triggers;
  };

  void number_ids();
  void collect();
  FieldId add_field(const Field& field);
  std::optional<ValueId> add_value(PathId path, const Condition& condition);
  void choose_places();
  std::uint64_t cost(FieldId field) const;
  void file();
  void show_values();
  void write_values();
  void write_fields();
  Slice write_list(const std::vector<std::uint32_t>& items);
  Slice write_filed(const std::vector<std::uint32_t>& rules);
  Check check_of(FieldId field) const;
  std::vector<FieldId> checks_of(const Rule& rule) const;

  Automaton& out_;
  std::vector<Rule> rules_;
  std::vector<FieldPlan> field_plans_;
  std::vector<ValuePlan> value_plans_;
  std::unordered_map<std::string, FieldId> known_fields_;
  std::unordered_map<std::string, ValueId> known_values_;
  std::vector<std::uint32_t> shown_on_;       // by path: number of values
  std::vector<Triggers*> triggers_;           // by path
  std::vector<std::vector<FieldId>> absent_;  // by path
  std::vector<std::size_t> ranges_on_;        // by path: sub-rules that ask for a range of numbers
};

}  // namespace aright::pattern
