#pragma once
// The paths that rules name, as a tree of keys: an event is walked along it. Internal to pattern.
//
// Paths are keys joined with dots, so a key of an event that holds dots leads down several levels at once. Immutable
// after seal(); then any thread may look.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pattern/bytes.h"

namespace aright::pattern {

using PathId = std::uint32_t;
using NodeId = std::uint32_t;
inline constexpr std::uint32_t none = 0xFFFFFFFF;
inline constexpr NodeId root_node = 0;

class PathTree {
 public:
  struct Node {
    PathId path = none;         // a rule names this path
    bool leads_on = false;      // a rule names a path below it
    bool leads_deeper = false;  // two levels or more below it
    std::uint64_t sizes = 0;    // of the keys that lead on: a bit for each, the last for all longer ones
  };

  // Paths are numbered from 0, in the order they are added.
  PathId add(std::string_view path);
  void seal();

  const Node& node(NodeId node) const { return nodes_[node]; }
  std::size_t paths() const { return paths_; }
  std::size_t bytes() const;

  // Where `key` leads, or none: no rule cares. See bytes.h for what may be read behind the key.
  NodeId find(NodeId from, std::string_view key) const {
    if (key.empty() && from == root_node) return root_node;  // "" adds nothing to an empty path
    if (nodes_[from].sizes >> size_bit(key) & 1) {
      if (auto found = step(from, key); found != none) return found;
    }
    return nodes_[from].leads_deeper ? find_dotted(from, key) : none;
  }

 private:
  struct Edge {
    std::uint32_t hash = 0;
    NodeId to = none;  // none: nothing stands here
    std::uint32_t text = 0, size = 0;
  };

  static std::size_t size_bit(std::string_view key) { return key.size() < 63 ? key.size() : 63; }
  NodeId step(NodeId from, std::string_view key) const {
    const auto hash = hash_text(key, from);
    for (auto at = hash & mask_;; at = (at + 1) & mask_) {
      const auto& edge = edges_[at];
      if (edge.to == none) return none;
      if (edge.hash == hash >> 32 && same_text({texts_.data() + edge.text, edge.size}, key)) return edge.to;
    }
  }
  NodeId find_dotted(NodeId from, std::string_view key) const;
  NodeId grow(NodeId from, std::string_view key);

  struct Step {
    NodeId from, to;
    std::string key;
  };
  std::vector<Node> nodes_ = {Node{}};
  std::vector<Step> steps_;                        // until seal()
  std::unordered_map<std::string, NodeId> known_;  // until seal()
  std::size_t paths_ = 0;
  std::vector<Edge> edges_ = {Edge{}};  // open addressing; never full
  std::uint64_t mask_ = 0;
  std::string texts_;
};

}  // namespace aright::pattern
