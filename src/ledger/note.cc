#include "ledger/note.h"

#include <fmt/format.h>

#include <charconv>

#include "base/digest.h"
#include "base/ed25519.h"
#include "base/text.h"

namespace aright::ledger {

namespace {

constexpr char ed25519_kind = 1;
constexpr std::size_t id_bytes = 4;
constexpr std::string_view private_prefix = "PRIVATE+KEY+";
constexpr std::string_view signature_mark = "— ";  // an em dash, and a space

// The first bytes of a hash over name, kind and key: tells which of several keys of a name signed.
std::string key_id(std::string_view name, std::string_view public_key) {
  std::string bytes(name);
  bytes += '\n';
  bytes += ed25519_kind;
  bytes += public_key;
  return sha256(bytes).substr(0, id_bytes);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_of("+ \t\n\r") == std::string_view::npos;
}

struct KeyText {
  std::string name, id, key;
};

// NAME+ID+KEY, the key in base64 behind a byte that says its kind.
Result<KeyText> parse_key(std::string_view text) {
  auto first = text.find('+');
  auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return fail(Errc::invalid, "a key is written NAME+ID+KEY");
  KeyText key{.name = std::string(text.substr(0, first)), .id = {}, .key = {}};
  auto id = from_hex(text.substr(first + 1, second - first - 1));
  auto bytes = from_base64(trim(text.substr(second + 1)));
  if (!is_name(key.name) || !id || id->size() != id_bytes || !bytes || bytes->size() != ed25519::key_bytes + 1 ||
      (*bytes)[0] != ed25519_kind)
    return fail(Errc::invalid, "this is no Ed25519 key of a signed note: NAME+ID+KEY");
  key.id = std::move(*id);
  key.key = bytes->substr(1);
  return key;
}

std::string key_text(std::string_view name, std::string_view public_key, std::string_view key) {
  return fmt::format("{}+{}+{}", name, to_hex(key_id(name, public_key)),
                     to_base64(std::string(1, ed25519_kind) + std::string(key)));
}

}  // namespace

std::string Verifier::text() const { return key_text(name, public_key, public_key); }

Result<Verifier> parse_verifier(std::string_view text) {
  auto key = TRY(parse_key(trim(text)));
  if (key.id != key_id(key.name, key.key)) return fail(Errc::invalid, "the key's ID is not that of its name and key");
  return Verifier{.name = std::move(key.name), .public_key = std::move(key.key)};
}

Signer Signer::generate(std::string name) {
  Signer signer;
  signer.name_ = std::move(name);
  signer.seed_ = ed25519::generate();
  signer.public_key_ = ed25519::public_key(signer.seed_).value();
  return signer;
}

Result<Signer> Signer::parse(const Secret& text) {
  auto whole = trim(text.reveal());
  if (!whole.starts_with(private_prefix)) return fail(Errc::invalid, "a private key begins with {}", private_prefix);
  auto key = TRY(parse_key(whole.substr(private_prefix.size())));
  Signer signer;
  signer.name_ = std::move(key.name);
  signer.seed_ = Secret(std::move(key.key));
  signer.public_key_ = TRY(ed25519::public_key(signer.seed_));
  if (key.id != key_id(signer.name_, signer.public_key_))
    return fail(Errc::invalid, "the key's ID is not that of its name and key");
  return signer;
}

Secret Signer::text() const {
  return Secret(std::string(private_prefix) + key_text(name_, public_key_, seed_.reveal()));
}

Verifier Signer::verifier() const { return {.name = name_, .public_key = public_key_}; }

Result<std::string> Signer::sign(std::string_view text) const {
  auto signature = TRY(ed25519::sign(seed_, text));
  return fmt::format("{}\n{}{} {}\n", text, signature_mark, name_,
                     to_base64(key_id(name_, public_key_) + signature));
}

Result<std::string> open_note(std::string_view note, const Verifier& verifier) {
  auto no_note = [] { return fail(Errc::invalid, "this is no signed note: a text, an empty line, and signatures"); };
  if (note.size() > note_bytes_max) return no_note();
  auto end = note.rfind("\n\n");
  if (end == std::string_view::npos || !note.ends_with('\n')) return no_note();
  auto text = note.substr(0, end + 1);
  auto id = key_id(verifier.name, verifier.public_key);
  for (const auto& line : split(note.substr(end + 2, note.size() - end - 3), '\n')) {
    if (!line.starts_with(signature_mark)) return no_note();
    auto words = split(line.substr(signature_mark.size()), ' ');
    auto bytes = words.size() == 2 ? from_base64(words[1]) : fail(Errc::invalid, "no signature");
    if (!bytes || bytes->size() < id_bytes) return no_note();
    if (words[0] != verifier.name || !bytes->starts_with(id)) continue;  // somebody else's
    if (ed25519::verify(verifier.public_key, text, bytes->substr(id_bytes))) return std::string(text);
    return fail(Errc::denied, "the signature of {} is not one over this text", verifier.name);
  }
  return fail(Errc::denied, "{} did not sign it with the key {}", verifier.name, to_hex(id));
}

std::string Checkpoint::text() const { return fmt::format("{}\n{}\n{}\n", origin, size, to_base64(root)); }

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  auto lines = split(text, '\n');
  Checkpoint checkpoint;
  bool whole = lines.size() > 3 && !lines[0].empty();
  if (whole) {
    checkpoint.origin = lines[0];
    const auto& digits = lines[1];
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), checkpoint.size);
    auto root = from_base64(lines[2]);
    whole = error == std::errc() && end == digits.data() + digits.size() && !digits.empty() &&
            (digits[0] != '0' || digits.size() == 1) && root && root->size() == 32;
    if (root) checkpoint.root = std::move(*root);
  }
  if (!whole) return fail(Errc::invalid, "this is no checkpoint: a name, a number of entries and a root, a line each");
  return checkpoint;
}

}  // namespace aright::ledger
