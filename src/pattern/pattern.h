#pragma once
// EventBridge event patterns: which events a rule is about. The semantics are those of the public
// reference engine (event-ruler), array consistency included; README.md tells what is different on
// purpose.
//
// Both classes are immutable once made: any thread may match with them, copies share what they
// compiled.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::pattern {

inline constexpr std::size_t pattern_chars_max = 2'048;  // the service's own limit
inline constexpr std::size_t sub_rules_max = 1'000;      // after $or is multiplied out
inline constexpr std::size_t fields_max = 256;           // of one sub-rule

struct Program;

class Pattern {
 public:
  // Fail with invalid; the message begins with the place of the fault, as a JSON pointer, or line
  // and column.
  static Result<Pattern> parse(std::string_view json_text);
  static Result<Pattern> compile(const json::Value& pattern);

  // False for an event that is no object.
  bool matches(const json::Value& event) const;

 private:
  friend class Matcher;
  explicit Pattern(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

// Many patterns, asked at once: an event is taken apart once, and only patterns that could match
// are tried. To change the set, make a new Matcher and put it in the old one's place.
class Matcher {
 public:
  struct Entry {
    std::string id;  // need not be unique: an id matches when any of its patterns does
    Pattern pattern;
  };

  Matcher();  // holds no patterns
  explicit Matcher(std::vector<Entry> entries);

  // The ids that match, sorted, each once.
  std::vector<std::string> match(const json::Value& event) const;
  std::size_t size() const;  // number of entries

 private:
  struct Index;
  std::shared_ptr<const Index> index_;
};

}  // namespace aright::pattern
