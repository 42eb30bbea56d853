#include "pattern/path_tree.h"

#include <bit>

namespace aright::pattern {

NodeId PathTree::grow(NodeId from, std::string_view key) {
  std::string name = std::to_string(from) + '.' + std::string(key);
  auto [known, fresh] = known_.try_emplace(std::move(name), static_cast<NodeId>(nodes_.size()));
  if (fresh) {
    nodes_.push_back({});
    nodes_[from].leads_on = true;
    nodes_[from].sizes |= std::uint64_t{1} << size_bit(key);
    steps_.push_back({.from = from, .to = known->second, .key = std::string(key)});
  }
  return known->second;
}

PathId PathTree::add(std::string_view path) {
  NodeId node = root_node;
  while (!path.empty() || node != root_node) {
    auto dot = path.find('.');
    node = grow(node, path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  if (nodes_[node].path == none) nodes_[node].path = static_cast<PathId>(paths_++);
  return nodes_[node].path;
}

void PathTree::seal() {
  for (const auto& step : steps_)
    nodes_[step.from].leads_deeper |= nodes_[step.to].leads_on;
  edges_.assign(std::bit_ceil(steps_.size() * 2 + 1), {});
  mask_ = edges_.size() - 1;
  for (auto& step : steps_) {
    const auto size = step.key.size();
    step.key.append(slack_bytes, '\0');
    const auto hash = hash_text({step.key.data(), size}, step.from);
    auto at = hash & mask_;
    while (edges_[at].to != none)
      at = (at + 1) & mask_;
    edges_[at] = {.hash = static_cast<std::uint32_t>(hash >> 32),
                  .to = step.to,
                  .text = static_cast<std::uint32_t>(texts_.size()),
                  .size = static_cast<std::uint32_t>(size)};
    texts_.append(step.key, 0, size);
  }
  texts_.append(slack_bytes, '\0');
  steps_ = {};
  known_ = {};
}

NodeId PathTree::find_dotted(NodeId from, std::string_view key) const {
  auto dot = key.find('.');
  if (dot == std::string_view::npos) return none;
  for (; dot != std::string_view::npos; dot = key.find('.')) {
    from = step(from, key.substr(0, dot));
    if (from == none) return none;
    key.remove_prefix(dot + 1);
  }
  return step(from, key);
}

std::size_t PathTree::bytes() const {
  return nodes_.size() * sizeof(Node) + edges_.size() * sizeof(Edge) + texts_.size();
}

}  // namespace aright::pattern
