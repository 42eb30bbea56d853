#pragma once
// The Merkle tree of RFC 6962 over the ledger's entries: its root tells all of them, and a few of its nodes prove that
// one entry is among them, or that a longer ledger begins with a shorter one. Hashes are 32 bytes. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aright::ledger {

std::string node_hash(std::string_view left, std::string_view right);
std::string empty_root();  // SHA-256 of nothing

// A tree that only grows and only knows its root: it keeps one hash for each bit of its size.
class Frontier {
 public:
  void add(std::string leaf_hash);
  std::uint64_t size() const { return size_; }
  std::string root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<std::string> roots_;  // of the perfect trees side by side that it consists of, the largest first
};

// A whole tree: 64 bytes for each entry.
class Tree {
 public:
  void add(std::string leaf_hash);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }

  // Of the first `size` entries, at most size(). All three, and all indexes from 0.
  std::string root(std::uint64_t size) const;
  // Proves that the entry is there; index < size.
  std::vector<std::string> inclusion(std::uint64_t index, std::uint64_t size) const;
  // Proves that the first `size` entries begin with the first `old`; old <= size.
  std::vector<std::string> consistency(std::uint64_t old, std::uint64_t size) const;

  // Perfect subtrees of 2^level entries, in order: what tiles are made of.
  std::size_t height() const { return levels_.size(); }
  std::span<const std::string> level(std::size_t level) const { return levels_[level]; }

 private:
  std::string range(std::uint64_t begin, std::uint64_t end) const;
  void prove_inclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                       std::vector<std::string>& out) const;
  void prove_prefix(std::uint64_t old, std::uint64_t begin, std::uint64_t end, bool whole,
                    std::vector<std::string>& out) const;

  std::vector<std::vector<std::string>> levels_;  // [level][i]: of the entries from i × 2^level on, 2^level of them
};

// What a verifier does with a proof. False for proofs of any other shape as well.
bool verify_inclusion(std::string_view leaf_hash, std::uint64_t index, std::uint64_t size, std::string_view root,
                      std::span<const std::string> proof);
bool verify_consistency(std::uint64_t old, std::string_view old_root, std::uint64_t size, std::string_view root,
                        std::span<const std::string> proof);

}  // namespace aright::ledger
