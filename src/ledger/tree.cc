#include "ledger/tree.h"

#include <bit>

#include "base/digest.h"

namespace aright::ledger {

namespace {

// How many entries the left branch of a tree of this size has: the largest power of two below it.
std::uint64_t left_of(std::uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

std::string node_hash(std::string_view left, std::string_view right) {
  std::string bytes(1, '\1');
  bytes.append(left).append(right);
  return sha256(bytes);
}

std::string empty_root() { return sha256(""); }

void Frontier::add(std::string leaf_hash) {
  for (auto full = size_; full & 1; full >>= 1) {
    leaf_hash = node_hash(roots_.back(), leaf_hash);
    roots_.pop_back();
  }
  roots_.push_back(std::move(leaf_hash));
  ++size_;
}

std::string Frontier::root() const {
  if (roots_.empty()) return empty_root();
  auto root = roots_.back();
  for (auto i = roots_.size() - 1; i-- > 0;) root = node_hash(roots_[i], root);
  return root;
}

void Tree::add(std::string leaf_hash) {
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].push_back(std::move(leaf_hash));
  for (std::size_t level = 0; levels_[level].size() % 2 == 0; ++level) {
    if (level + 1 == levels_.size()) levels_.emplace_back();
    const auto& below = levels_[level];
    levels_[level + 1].push_back(node_hash(below[below.size() - 2], below.back()));
  }
}

// Begins where a perfect tree at least as large does.
std::string Tree::range(std::uint64_t begin, std::uint64_t end) const {
  auto size = end - begin;
  if (std::has_single_bit(size)) {
    auto level = static_cast<std::size_t>(std::countr_zero(size));
    return levels_[level][begin >> level];
  }
  auto middle = begin + left_of(size);
  return node_hash(range(begin, middle), range(middle, end));
}

std::string Tree::root(std::uint64_t size) const { return size == 0 ? empty_root() : range(0, size); }

void Tree::prove_inclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                           std::vector<std::string>& out) const {
  if (end - begin == 1) return;
  auto middle = begin + left_of(end - begin);
  bool left = index < middle;
  left ? prove_inclusion(index, begin, middle, out) : prove_inclusion(index, middle, end, out);
  out.push_back(left ? range(middle, end) : range(begin, middle));
}

std::vector<std::string> Tree::inclusion(std::uint64_t index, std::uint64_t size) const {
  std::vector<std::string> out;
  prove_inclusion(index, 0, size, out);
  return out;
}

// `whole`: the verifier has the root of what stands before `old` in this range already.
void Tree::prove_prefix(std::uint64_t old, std::uint64_t begin, std::uint64_t end, bool whole,
                        std::vector<std::string>& out) const {
  if (old == end) {
    if (!whole) out.push_back(range(begin, end));
    return;
  }
  auto middle = begin + left_of(end - begin);
  bool left = old <= middle;
  left ? prove_prefix(old, begin, middle, whole, out) : prove_prefix(old, middle, end, false, out);
  out.push_back(left ? range(middle, end) : range(begin, middle));
}

std::vector<std::string> Tree::consistency(std::uint64_t old, std::uint64_t size) const {
  std::vector<std::string> out;
  if (old > 0 && old < size) prove_prefix(old, 0, size, true, out);
  return out;
}

// Both walk from the leaf, or from the last entry of the old tree, up to the root: `index` and `last` are the node's
// place and that of the last node on its level.
bool verify_inclusion(std::string_view leaf_hash, std::uint64_t index, std::uint64_t size, std::string_view root,
                      std::span<const std::string> proof) {
  if (index >= size) return false;
  std::string hash(leaf_hash);
  auto last = size - 1;
  for (const auto& sibling : proof) {
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      hash = node_hash(sibling, hash);
      while (index % 2 == 0 && index != 0) index >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old, std::string_view old_root, std::uint64_t size, std::string_view root,
                        std::span<const std::string> proof) {
  if (old > size) return false;
  if (old == size) return proof.empty() && old_root == root;
  if (old == 0) return proof.empty() && old_root == empty_root();
  auto index = old - 1, last = size - 1;
  while (index % 2 == 1) index >>= 1, last >>= 1;
  std::size_t next = 0;
  // An old tree that is perfect is a node of the new one, and proves itself.
  if (index > 0 && proof.empty()) return false;
  std::string before = index > 0 ? proof[next++] : std::string(old_root);
  auto now = before;
  for (; next < proof.size(); ++next) {
    const auto& sibling = proof[next];
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      before = node_hash(sibling, before);
      now = node_hash(sibling, now);
      while (index % 2 == 0 && index != 0) index >>= 1, last >>= 1;
    } else {
      now = node_hash(now, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 && before == old_root && now == root;
}

}  // namespace aright::ledger
