#include "ledger/tree.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/random.h"

namespace aright::ledger {
namespace {

std::string hash_of(std::string_view data) { return sha256(std::string(1, '\0') + std::string(data)); }

// The eight entries and the roots with which implementations of RFC 6962 are tested everywhere.
const std::vector<std::string> published_entries = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> published_roots = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(ATree, HasThePublishedRoots) {
  Tree tree;
  Frontier frontier;
  EXPECT_EQ(to_hex(tree.root(0)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(frontier.root(), tree.root(0));
  for (std::size_t i = 0; i < published_entries.size(); ++i) {
    tree.add(hash_of(from_hex(published_entries[i]).value()));
    frontier.add(hash_of(from_hex(published_entries[i]).value()));
    EXPECT_EQ(to_hex(tree.root(i + 1)), published_roots[i]);
    EXPECT_EQ(to_hex(frontier.root()), published_roots[i]);
  }
}

class Grown : public testing::Test {
 protected:
  static constexpr std::uint64_t entries = 70;
  Grown() {
    for (std::uint64_t i = 0; i < entries; ++i) {
      leaves.push_back(hash_of(std::to_string(i)));
      tree.add(leaves.back());
    }
  }
  std::vector<std::string> leaves;
  Tree tree;
};

TEST_F(Grown, ProvesEveryEntryOfEverySizeAndNoOther) {
  for (std::uint64_t size = 1; size <= entries; ++size)
    for (std::uint64_t index = 0; index < size; ++index) {
      auto proof = tree.inclusion(index, size);
      auto root = tree.root(size);
      ASSERT_TRUE(verify_inclusion(leaves[index], index, size, root, proof)) << index << " of " << size;
      EXPECT_FALSE(verify_inclusion(hash_of("another"), index, size, root, proof));
      EXPECT_FALSE(verify_inclusion(leaves[index], (index + 1) % size, size, root, proof) && size > 1);
      proof.push_back(root);
      EXPECT_FALSE(verify_inclusion(leaves[index], index, size, root, proof));
    }
  EXPECT_FALSE(verify_inclusion(leaves[0], 0, 0, empty_root(), {}));
}

TEST_F(Grown, ProvesThatItBeginsAsItDid) {
  for (std::uint64_t size = 0; size <= entries; ++size)
    for (std::uint64_t old = 0; old <= size; ++old) {
      auto proof = tree.consistency(old, size);
      ASSERT_TRUE(verify_consistency(old, tree.root(old), size, tree.root(size), proof)) << old << " of " << size;
      if (old == size || old == 0) continue;
      EXPECT_FALSE(verify_consistency(old, hash_of("another"), size, tree.root(size), proof));
      EXPECT_FALSE(verify_consistency(old, tree.root(old), size, hash_of("another"), proof));
      EXPECT_FALSE(verify_consistency(size, tree.root(size), old, tree.root(old), proof));
    }
}

TEST_F(Grown, IsNotTheContinuationOfAnother) {
  Tree other;
  for (std::uint64_t i = 0; i < entries; ++i) other.add(i == 20 ? hash_of("changed") : leaves[i]);
  for (std::uint64_t old = 21; old < entries; ++old) {
    auto proof = other.consistency(old, entries);
    EXPECT_FALSE(verify_consistency(old, tree.root(old), entries, other.root(entries), proof));
  }
}

TEST_F(Grown, IsNotProvedByADamagedProof) {
  Random random(1);
  for (int run = 0; run < 2000; ++run) {
    auto size = 2 + random.below(entries - 1);
    auto index = random.below(size);
    auto proof = tree.inclusion(index, size);
    auto& hash = proof[random.below(proof.size())];
    hash[random.below(hash.size())] ^= static_cast<char>(1 << random.below(8));
    EXPECT_FALSE(verify_inclusion(leaves[index], index, size, tree.root(size), proof));
  }
}

}  // namespace
}  // namespace aright::ledger
