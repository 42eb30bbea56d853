#pragma once
// Signed notes and checkpoints, in the formats of C2SP (signed-note, tlog-checkpoint), which tools of others read:
//
//   aright/5f0c2a7d                                       the ledger's name
//   1207                                                  entries
//   q83vEjRW...                                           the root of their Merkle tree (tree.h), base64
//
//   — aright/5f0c2a7d mXk1Zk8...                          a signature, Ed25519; there may be more
//
// Pure but for Signer::generate().

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace aright::ledger {

inline constexpr std::size_t note_bytes_max = 64u << 10;

// Who may be believed: a name, and a public key. As text NAME+ID+KEY, the ID eight hexadecimal digits.
struct Verifier {
  std::string name;
  std::string public_key;

  std::string text() const;
};
Result<Verifier> parse_verifier(std::string_view text);

// Whoever has it can sign in this name. As text PRIVATE+KEY+NAME+ID+KEY.
class Signer {
 public:
  static Signer generate(std::string name);
  static Result<Signer> parse(const Secret& text);

  Secret text() const;
  Verifier verifier() const;
  // The text, which ends with a newline, and the signature below it.
  Result<std::string> sign(std::string_view text) const;

 private:
  std::string name_;
  Secret seed_;
  std::string public_key_;
};

// The text of a note that this verifier's key signed. Fails with denied when it did not, or with another text.
Result<std::string> open_note(std::string_view note, const Verifier& verifier);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  std::string root;

  std::string text() const;
};
// Of the text or of a whole note, whose signatures it does not look at. Fails with invalid.
Result<Checkpoint> parse_checkpoint(std::string_view text);

}  // namespace aright::ledger
