#include "ledger/notary.h"

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "base/random.h"
#include "ledger/entries.h"
#include "ledger/format.h"

namespace aright::ledger {

namespace {

constexpr std::size_t key_file_max = 4096;   // bytes
constexpr std::string_view bundle_format = "aright-proof/1";

Fault cut_off(std::uint64_t signed_entries, std::uint64_t entries) {
  return {entries + 1, fmt::format("removed: a checkpoint was signed over {} entries, and there are {}: some were cut "
                                   "off, or an older copy was put in the ledger's place",
                                   signed_entries, entries)};
}

Fault rewritten(std::uint64_t size) {
  return {size, fmt::format("its first {} entries are not those that a checkpoint was signed over: it was rewritten, "
                            "or is another ledger",
                            size)};
}

}  // namespace

json::Object to_json(const Bundle& bundle) {
  json::Array entries;
  for (const auto& one : bundle.entries) {
    json::Array proof;
    for (const auto& hash : one.proof) proof.push_back(json::Value(to_base64(hash)));
    entries.push_back(json::Object{{"index", one.index}, {"leaf", one.leaf}, {"proof", std::move(proof)}});
  }
  return {{"format", bundle_format}, {"key", bundle.key}, {"checkpoint", bundle.checkpoint},
          {"entries", std::move(entries)}};
}

Result<Bundle> bundle_from_json(const json::Value& value) {
  if (json::text(value, "format", "") != bundle_format)
    return fail(Errc::invalid, "these are no proofs: their format is not {}", bundle_format);
  Bundle bundle{.checkpoint = json::text(value, "checkpoint", ""), .key = json::text(value, "key", ""), .entries = {}};
  for (const auto& item : json::items(json::at(value, "entries"))) {
    auto index = std::max<std::int64_t>(0, json::integer(json::at(item, "index"), -1));
    Proven one{.index = static_cast<std::uint64_t>(index),
               .leaf = json::text(item, "leaf", ""), .proof = {}};
    for (const auto& text : json::texts(json::at(item, "proof"))) {
      auto hash = TRY(from_base64(text));
      one.proof.push_back(std::move(hash));
    }
    bundle.entries.push_back(std::move(one));
  }
  return bundle;
}

Result<Checkpoint> verify_bundle(const Bundle& bundle, const Verifier& verifier) {
  auto text = TRY(open_note(bundle.checkpoint, verifier));
  auto checkpoint = TRY(parse_checkpoint(text));
  for (const auto& one : bundle.entries) {
    auto leaf = json::parse(one.leaf);
    bool own = leaf && json::integer(json::at(*leaf, "position")) == static_cast<std::int64_t>(one.index) + 1;
    if (!own || !verify_inclusion(leaf_hash(one.leaf), one.index, checkpoint.size, checkpoint.root, one.proof))
      return fail(Errc::denied, "entry {} is not among the {} entries of the checkpoint", one.index + 1,
                  checkpoint.size);
  }
  return checkpoint;
}

// A checkpoint that another key signed, which this one took the place of, is kept to all the same.
Result<> Notary::catch_up(std::uint64_t size, const std::optional<std::string>& note) {
  std::optional<Checkpoint> last;
  if (note) last = TRY(parse_checkpoint(*note));
  if (last && last->size > size) return fail(Errc::corrupt, "{}", cut_off(last->size, size).what);
  auto hold = [&]() -> Result<> {
    if (!last || frontier_.size() != last->size || frontier_.root() == last->root) return {};
    return fail(Errc::corrupt, "{}", rewritten(last->size).what);
  };
  CHECK_OK(hold());
  return each_leaf(ledger_, frontier_.size() + 1, size, [&](std::uint64_t, const std::string& leaf) {
    frontier_.add(leaf_hash(leaf));
    return hold();
  });
}

Result<std::string> Notary::checkpoint() {
  std::lock_guard lock(mutex_);
  std::optional<std::string> last;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    last = TRY(last_note(tx));
    return {};
  }));
  CHECK_OK(catch_up(ledger_.size(), last));
  Checkpoint now{.origin = signer_.verifier().name, .size = frontier_.size(), .root = frontier_.root()};
  auto note = TRY(signer_.sign(now.text()));
  if (note == last) return note;
  CHECK_OK(ledger_.database().transact([&](store::Transaction& tx) { return write_note(tx, now.size, note); }));
  return note;
}

Result<Bundle> Notary::prove(std::vector<std::uint64_t> positions) {
  auto note = TRY(checkpoint());
  return prove_entries(ledger_, note, verifier(), std::move(positions));
}

Result<Bundle> prove_entries(const Ledger& ledger, const std::string& checkpoint, const Verifier& key,
                             std::vector<std::uint64_t> positions) {
  std::ranges::sort(positions);
  auto [first, last] = std::ranges::unique(positions);
  positions.erase(first, last);
  if (positions.size() > proven_entries_max)
    return fail(Errc::invalid, "{} entries are more than the {} of one bundle", positions.size(), proven_entries_max);
  Bundle bundle{.checkpoint = checkpoint, .key = key.text(), .entries = {}};
  auto size = TRY(parse_checkpoint(bundle.checkpoint)).size;
  if (!positions.empty() && (positions[0] == 0 || positions.back() > size))
    return fail(Errc::not_found, "there is no entry {}; the ledger has {}",
                positions[0] == 0 ? 0 : positions.back(), size);
  Tree tree;
  auto next = positions.begin();
  CHECK_OK(each_leaf(ledger, 1, size, [&](std::uint64_t position, const std::string& leaf) -> Result<> {
    tree.add(leaf_hash(leaf));
    if (next == positions.end() || *next != position) return {};
    bundle.entries.push_back({.index = position - 1, .leaf = leaf, .proof = {}});
    ++next;
    return {};
  }));
  for (auto& one : bundle.entries) one.proof = tree.inclusion(one.index, size);
  return bundle;
}

Result<Signer> signer_in(const std::filesystem::path& file) {
  auto text = read_file(file, key_file_max);
  if (text) {
    auto signer = Signer::parse(Secret(std::move(*text)));
    if (!signer) return wrap(std::move(signer.error()), "{}", file.string());
    return signer;
  }
  if (text.error().code != Errc::not_found) return fail(text.error());
  auto signer = Signer::generate("aright/" + to_hex(random_bytes(4)));
  CHECK_OK(write_file(file, signer.text().reveal() + "\n"));
  return signer;
}

Result<std::optional<std::string>> last_note(store::Transaction& tx) {
  auto rows = TRY(tx.query("select note from checkpoint where id = 1"));
  if (rows.empty()) return std::nullopt;
  return rows[0].text(0);
}

Result<> write_note(store::Transaction& tx, std::uint64_t size, std::string_view note) {
  CHECK_OK(tx.execute("insert into checkpoint (id, size, note) values (1, $1, $2)"
                      " on conflict (id) do update set size = excluded.size, note = excluded.note",
                      {size, note}));
  return {};
}

Result<std::optional<Fault>> compare(const Ledger& ledger, const Checkpoint& checkpoint) {
  if (checkpoint.size > ledger.size()) return cut_off(checkpoint.size, ledger.size());
  Frontier frontier;
  CHECK_OK(each_leaf(ledger, 1, checkpoint.size, [&](std::uint64_t, const std::string& leaf) -> Result<> {
    frontier.add(leaf_hash(leaf));
    return {};
  }));
  if (frontier.root() == checkpoint.root) return std::nullopt;
  return rewritten(checkpoint.size);
}

Result<> each_leaf(const Ledger& ledger, std::uint64_t from, std::uint64_t to,
                   const std::function<Result<>(std::uint64_t, const std::string&)>& visit) {
  static const std::string sql = fmt::format(
      "select {} from entries where position >= $1 and position <= $2 order by position limit $3", entry_columns);
  while (from <= to) {
    std::vector<store::Row> rows;
    CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
      rows = TRY(tx.query(sql, {from, to, page_entries}));
      return {};
    }));
    for (const auto& row : rows) {
      auto stored = TRY(read_row(row));
      if (stored.position != from) return fail(Errc::corrupt, "entry {} is missing", from);
      CHECK_OK(visit(from++, canonical(leaf_of(stored))));
    }
    if (rows.empty()) return fail(Errc::corrupt, "entry {} is missing", from);
  }
  return {};
}

}  // namespace aright::ledger
