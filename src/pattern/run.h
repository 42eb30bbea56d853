#pragma once
// One event through the automaton. Internal to pattern.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pattern/automaton.h"
#include "pattern/event_reader.h"

namespace aright::pattern {

// A set of scopes of an event. The first 63 are bits; that there are others is told by the last.
using ScopeSet = std::uint64_t;
inline constexpr ScopeId scopes_in_set = 63;
inline constexpr ScopeSet other_scopes = ScopeSet{1} << 63;

// One thread's; keeps its memory from event to event.
class Run {
 public:
  // The rules that match, ascending; good until the next event. Nothing: the text is not one JSON object.
  std::optional<std::span<const RuleNumber>> match(const Automaton& automaton, std::string_view event, bool padded);

 private:
  // What is known of a field while an event is looked at.
  enum class Truth : std::uint8_t { unknown, no, yes, in_arrays };
  struct Answer {
    Truth truth = Truth::unknown;
    bool followed = false;  // what is filed under it has been looked at
  };
  // A leaf, with what it means to the rules, and the next one at the same path.
  struct Seen {
    Scalar scalar;
    ScopeId scope = root_scope;
    ValueId value = none;
    std::uint32_t next = none;
  };

  void bind(const Automaton& automaton);
  void forget();
  void see(const TextLeaf& leaf);
  Scalar scalar(const TextLeaf& leaf) const;
  ValueId value_of(PathId path, const Automaton::Path& asked, const Scalar& scalar) const;
  void follow_values();
  void follow_triggers();
  void follow(FieldId field);
  void learn(FieldId field, Truth truth);
  void look_at(Slice filed);
  bool passes(FieldId field);
  bool rest_passes(const Word* fields, std::size_t count);
  Truth ask(FieldId field);
  Truth answer(FieldId field);
  bool holds_for(const AskedField& field, const Seen& seen) const;
  bool go_together(std::span<const FieldId> fields);
  bool go_together_slowly(std::span<const FieldId> fields) const;
  bool choose(std::span<ScopeSet> sets, int& choices);
  ScopeSet excluded_by(ScopeId scope);
  void collect();

  const Automaton* automaton_ = nullptr;
  std::uint64_t bound_to_ = 0;
  EventReader reader_;
  std::vector<Seen> seen_;
  std::vector<std::uint32_t> first_;  // by path: its first leaf in seen_
  std::vector<Shown> shown_;          // by path, up to path_last
  std::vector<PathId> touched_;       // paths that have leaves
  std::vector<ValueId> hits_;         // values that lead somewhere
  std::vector<Triggered> triggered_;
  Triggers::Scratch scratch_;
  std::vector<Answer> answers_;               // by field
  std::vector<ScopeSet> scopes_;              // by field: where it holds, when it does so in arrays only
  std::vector<FieldId> asked_;                // fields that have an answer, or were followed
  std::vector<ScopeSet> exclusions_;          // by scope; made when first needed
  std::vector<FieldId> in_arrays_;            // of the sub-rule at hand
  std::vector<std::uint64_t> matched_;        // a bit for each rule
  std::vector<std::uint64_t> matched_words_;  // a bit for each word of those that is not 0
  std::vector<RuleNumber> rules_;
};

}  // namespace aright::pattern
