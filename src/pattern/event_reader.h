#pragma once
// An event taken apart, straight from its text: the leaves at the paths that rules name, and nothing else. The whole
// text is checked all the same. Internal to pattern.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pattern/event.h"
#include "pattern/path_tree.h"
#include "pattern/scalar.h"
#include "pattern/structure.h"

namespace aright::pattern {

struct TextLeaf {
  PathId path = none;
  ScopeId scope = root_scope;
  Kind kind = Kind::null;
  std::string_view text;  // of strings and numbers; can be read for slack_bytes past its end
};

// One thread's; keeps its memory from event to event. What it gave is good until the next event.
class EventReader {
 public:
  // False: the text is not one JSON object, alone. Members that are named twice count twice. A text that is not padded,
  // that is, readable for padding_bytes past its end, is copied.
  bool read(std::string_view text, const PathTree& paths, bool padded);

  std::span<const TextLeaf> leaves() const { return leaves_; }
  const std::vector<Scope>& scopes() const { return scopes_; }

 private:
  using Place = const std::uint32_t*;  // in the structure; null: the text is no JSON
  Place object(Place at, NodeId node, ScopeId scope, int depth);
  Place array(Place at, NodeId node, ScopeId scope, int depth);
  Place value(Place at, NodeId node, ScopeId scope, int depth);
  Place skip(Place at, int depth);
  Place skip_object(Place at, int depth);
  Place skip_array(Place at, int depth);
  Place leaf(Place at, NodeId node, ScopeId scope);
  bool literal(Place at, Kind& kind, std::string_view& token) const;
  std::string_view between_quotes(Place at);
  std::string_view without_escapes(std::string_view text);
  bool check_escapes();

  const PathTree* paths_ = nullptr;
  std::string text_;  // a copy with padding
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::string plain_;                   // strings without their escapes; never moves during an event
  std::vector<std::uint32_t> escapes_;  // where a backslash begins one
  std::size_t next_escape_ = 0;
  Structure structure_;
  std::vector<TextLeaf> leaves_;
  std::vector<Scope> scopes_;
  std::uint32_t arrays_ = 0;
};

}  // namespace aright::pattern
