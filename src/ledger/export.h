#pragma once
// The ledger as files that tools of others can read, and that anybody can check without us:
//
//   checkpoint         signed (notary.h)
//   key                whose signature that is; compare it with the one that you know
//   entries.jsonl      an entry's leaf on each line; of one that was kept back, its position and leaf hash
//   tile/…             the hashes of the tree, 256 to a file, in the layout of C2SP's tlog-tiles
//   verify.py          checks all of this, with Python's standard library

#include <filesystem>
#include <set>

#include "ledger/notary.h"

namespace aright::ledger {

inline constexpr std::size_t tile_hashes = 256;

struct Exported {
  std::uint64_t entries = 0, redacted = 0;
  std::string root;  // of the tree
};
// Into a directory that is made, or is empty. Entries of the kinds in `redacted` are kept back: their hashes are there,
// so that all proofs hold, and what they say is not.
Result<Exported> export_ledger(const Ledger& ledger, std::string_view checkpoint, const Verifier& key,
                               const std::filesystem::path& directory, const std::set<std::string>& redacted);

// What the tree holds for a line of entries.jsonl. Fails with denied when no entry of this position stands there.
Result<std::string> hash_of_line(const std::string& line, std::uint64_t position, bool& redacted);

// Checks it as verify.py does. Fails with denied when it is not genuine.
Result<Exported> verify_export(const std::filesystem::path& directory, const Verifier& key);

std::string_view standalone_verifier();  // verify.py

// Where the nth tile of a level lies, of which `width` hashes are there: tile/0/x001/234, tile/1/000.p/17.
std::string tile_path(std::size_t level, std::uint64_t number, std::size_t width);

}  // namespace aright::ledger
