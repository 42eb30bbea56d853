#pragma once
// What the ledger shows to those who do not hold it: checkpoints, signed, and proofs that an entry is among those that
// a checkpoint covers. Both can be checked by anybody with the public key, and with nothing of ours (verifier.py).
//
// A checkpoint is on the disk before anybody has it, and none is signed that does not continue the last one: a ledger
// that was cut, rewritten, or replaced by an older copy cannot sign its way out of it.

#include <filesystem>
#include <mutex>
#include <span>

#include "ledger/ledger.h"
#include "ledger/note.h"
#include "ledger/tree.h"

namespace aright::ledger {

inline constexpr std::size_t proven_entries_max = 10'000;  // in one bundle

// One entry, as the bytes that its leaf hash is of, and the way from there to the checkpoint's root.
struct Proven {
  std::uint64_t index = 0;  // its position less one
  std::string leaf;
  std::vector<std::string> proof;
};
struct Bundle {
  std::string checkpoint;  // a signed note
  std::string key;         // the verifier's, as text
  std::vector<Proven> entries;
};
json::Object to_json(const Bundle& bundle);
Result<Bundle> bundle_from_json(const json::Value& value);
// Of the checkpoint that all its entries are proven against. Fails with denied when it, or one of them, is not genuine.
Result<Checkpoint> verify_bundle(const Bundle& bundle, const Verifier& verifier);

class Notary {
 public:
  // The ledger is not owned and must outlive it. Any thread.
  Notary(Ledger& ledger, Signer signer) : ledger_(ledger), signer_(std::move(signer)) {}

  Verifier verifier() const { return signer_.verifier(); }
  // Over all entries there are now. Fails with corrupt when they do not continue what was signed last.
  Result<std::string> checkpoint();
  // By their positions. Fails with invalid for too many, not_found for one that is not there.
  Result<Bundle> prove(std::vector<std::uint64_t> positions);

 private:
  Result<> catch_up(std::uint64_t size, const std::optional<std::string>& note);  // under mutex_

  Ledger& ledger_;
  Signer signer_;
  std::mutex mutex_;
  Frontier frontier_;  // guarded by mutex_
};

// Proofs of these entries, by position, against a checkpoint that was signed; as Notary::prove, without the key.
Result<Bundle> prove_entries(const Ledger& ledger, const std::string& checkpoint, const Verifier& key,
                             std::vector<std::uint64_t> positions);

// The key in this file; made, readable by its owner only, when there is no such file.
Result<Signer> signer_in(const std::filesystem::path& file);

// The checkpoint that was signed last, as a note.
Result<std::optional<std::string>> last_note(store::Transaction& tx);
Result<> write_note(store::Transaction& tx, std::uint64_t size, std::string_view note);

// What is wrong with the ledger, seen from a checkpoint of it that was kept elsewhere; nothing, when it continues it.
Result<std::optional<Fault>> compare(const Ledger& ledger, const Checkpoint& checkpoint);

// Leaves of the entries from the position `from` to `to`, in order, as stored.
Result<> each_leaf(const Ledger& ledger, std::uint64_t from, std::uint64_t to,
                   const std::function<Result<>(std::uint64_t position, const std::string& leaf)>& visit);

}  // namespace aright::ledger
