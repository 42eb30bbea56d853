#pragma once
// An event taken apart: for each path that a rule names, the values that stand there. Internal to
// pattern.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/value.h"
#include "pattern/scalar.h"

namespace aright::pattern {

// The paths that rules name, numbered from 0.
class Paths {
 public:
  std::uint32_t add(std::string_view path);
  std::size_t size() const { return size_; }

  struct Entry {
    std::optional<std::uint32_t> number;  // a rule names this path
    bool leads_on = false;                // a rule names a path below it
  };
  // Null: no rule cares about this path or anything below it.
  const Entry* find(std::string_view path) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  // A key "" adds nothing to an empty path, so what stands below it may be named.
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_ = {{"", {.leads_on = true}}};
  std::size_t size_ = 0;
};

using ScopeId = std::uint32_t;
inline constexpr ScopeId root_scope = 0;

// An element of an array, and so a choice: what stands in one element of an array does not go
// together with what stands in another element of the same array. Scalars directly in an array do
// not make that choice.
struct Scope {
  ScopeId parent = root_scope;
  std::uint32_t array = 0;  // two scopes of the same array exclude each other
  std::uint32_t depth = 0;
};

struct Leaf {
  Scalar value;
  ScopeId scope;
};

// Refers to the paths and the event, which must outlive it.
class EventFields {
 public:
  EventFields(const Paths& paths, const json::Value& event);

  std::span<const Leaf> at(std::uint32_t path) const { return leaves_[path]; }
  const std::vector<Scope>& scopes() const { return scopes_; }

 private:
  void add_object(const json::Object& object, ScopeId scope);
  void add_array(const json::Array& array, const Paths::Entry& entry, ScopeId scope);
  void add(const json::Value& value, const Paths::Entry& entry, ScopeId scope);

  const Paths& paths_;
  std::string path_;  // of what is being taken apart
  std::vector<std::vector<Leaf>> leaves_;
  std::vector<Scope> scopes_ = {Scope{}};
  std::uint32_t arrays_ = 0;
  std::deque<std::string> digits_;  // of integers that no double holds
};

}  // namespace aright::pattern
