#pragma once
// EventBridge event patterns: which events a rule is about. The semantics are those of the public
// reference engine (event-ruler), array consistency included; README.md tells what is different on
// purpose.
//
// Pattern and Matcher are immutable once made: any thread may match with them, copies share what
// they compiled.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::pattern {

inline constexpr std::size_t pattern_chars_max = 2'048;  // the service's own limit
inline constexpr std::size_t sub_rules_max = 1'000;      // after $or is multiplied out
inline constexpr std::size_t fields_max = 256;           // of one sub-rule
inline constexpr std::size_t padding_bytes = 64;         // see match_padded

struct Program;
class Automaton;

class Pattern {
 public:
  // Fail with invalid; the message begins with the place of the fault, as a JSON pointer, or line
  // and column.
  static Result<Pattern> parse(std::string_view json_text);
  static Result<Pattern> compile(const json::Value& pattern);

  // One pattern, one event, without any index. False for an event that is no object.
  bool matches(const json::Value& event) const;

 private:
  friend class AutomatonBuilder;
  explicit Pattern(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

// The place of a rule's id among all ids, sorted.
using RuleNumber = std::uint32_t;

// What matching needs to remember while it works: one thread's, used again from event to event, with
// any matcher.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;

 private:
  friend class Matcher;
  struct State;
  std::unique_ptr<State> state_;
};

// Many patterns, asked at once, straight from an event's text: the work grows with the event and
// with what matches, not with the number of patterns.
class Matcher {
 public:
  struct Entry {
    std::string id;  // need not be unique: an id matches when any of its patterns does
    Pattern pattern;
  };

  Matcher();  // holds no patterns
  explicit Matcher(std::vector<Entry> entries);

  // The rules that match, ascending, each once; good until the workspace is used again. Allocates
  // nothing once the workspace has seen events as large. Fails with invalid when the text is not
  // one JSON object, naming line and column. A member that is named twice counts twice.
  Result<std::span<const RuleNumber>> match(std::string_view event_json, Workspace& workspace) const;
  // The same where the text may be read for padding_bytes past its end: saves a copy.
  Result<std::span<const RuleNumber>> match_padded(std::string_view event_json, Workspace& workspace) const;
  // The same for one event, as ids.
  Result<std::vector<std::string>> match(std::string_view event_json) const;

  const std::string& id(RuleNumber rule) const;
  std::size_t ids() const;   // number of different ids
  std::size_t size() const;  // number of entries
  const std::vector<Entry>& entries() const;

  struct Size {
    std::size_t sub_rules, fields, paths, bytes;
  };
  Size compiled_size() const;

 private:
  std::shared_ptr<const Automaton> automaton_;
};

}  // namespace aright::pattern
