#include "ledger/export.h"

#include <fstream>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/file.h"
#include "ledger/format.h"

ARIGHT_EMBEDDED(verifier)

namespace aright::ledger {

namespace {

constexpr std::size_t tile_height = 8;  // levels of the tree that one level of tiles stands for
constexpr std::size_t small_file_max = 64u << 10;

std::string redacted_line(std::uint64_t position, std::string_view hash) {
  return json::canonical(json::Object{{"position", position}, {"redacted", to_hex(hash)}});
}

Result<> make_empty(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error && !std::filesystem::is_empty(directory, error) && !error)
    return fail(Errc::conflict, "{} is not empty; an export wants a directory of its own", directory.string());
  if (error) return fail(Errc::unavailable, "{}: {}", directory.string(), error.message());
  return {};
}

using VisitTile = std::function<Result<>(const std::string& path, const std::string& bytes)>;
Result<> each_tile(const Tree& tree, const VisitTile& visit) {
  for (std::size_t level = 0; level * tile_height < tree.height(); ++level) {
    auto hashes = tree.level(level * tile_height);
    for (std::uint64_t number = 0; number * tile_hashes < hashes.size(); ++number) {
      auto part = hashes.subspan(number * tile_hashes, std::min(tile_hashes, hashes.size() - number * tile_hashes));
      std::string bytes;
      for (const auto& hash : part) bytes += hash;
      CHECK_OK(visit(tile_path(level, number, part.size()), bytes));
    }
  }
  return {};
}

Result<> write_tiles(const Tree& tree, const std::filesystem::path& directory) {
  return each_tile(tree, [&](const std::string& path, const std::string& bytes) {
    std::error_code error;
    std::filesystem::create_directories((directory / path).parent_path(), error);
    return write_file(directory / path, bytes, 0644);
  });
}

Result<> check_tiles(const Tree& tree, const std::filesystem::path& directory) {
  return each_tile(tree, [&](const std::string& path, const std::string& bytes) -> Result<> {
    auto there = read_file(directory / path, tile_hashes * hash_bytes);
    if (there && *there == bytes) return {};
    return fail(Errc::denied, "{} does not hold the hashes of the entries", path);
  });
}

// The first entry whose leaf is another one by the tiles; nothing where the tiles do not hash to the root either.
std::optional<std::uint64_t> changed_entry(const Tree& tree, const Checkpoint& checkpoint,
                                           const std::filesystem::path& directory) {
  Tree written;
  for (std::uint64_t number = 0; number * tile_hashes < checkpoint.size; ++number) {
    auto width = std::min<std::uint64_t>(tile_hashes, checkpoint.size - number * tile_hashes);
    auto tile = read_file(directory / tile_path(0, number, width), tile_hashes * hash_bytes);
    if (!tile || tile->size() != width * hash_bytes) return std::nullopt;
    for (std::uint64_t i = 0; i < width; ++i) written.add(tile->substr(i * hash_bytes, hash_bytes));
  }
  if (written.root(checkpoint.size) != checkpoint.root) return std::nullopt;
  auto there = tree.level(0), should = written.level(0);
  auto changed = std::ranges::mismatch(there, should).in1;
  return static_cast<std::uint64_t>(changed - there.begin()) + 1;
}

Result<> check_written(std::ofstream& file, const std::filesystem::path& path) {
  file.close();
  if (!file) return fail(Errc::unavailable, "{} cannot be written; is the disk full?", path.string());
  return {};
}

}  // namespace

std::string_view standalone_verifier() { return embedded_verifier(); }

std::string tile_path(std::size_t level, std::uint64_t number, std::size_t width) {
  auto path = fmt::format("{:03}", number % 1000);
  for (number /= 1000; number > 0; number /= 1000) path = fmt::format("x{:03}/{}", number % 1000, path);
  return fmt::format("tile/{}/{}", level, path) + (width < tile_hashes ? fmt::format(".p/{}", width) : "");
}

Result<Exported> export_ledger(const Ledger& ledger, std::string_view checkpoint, const Verifier& key,
                               const std::filesystem::path& directory, const std::set<std::string>& redacted) {
  auto text = TRY(open_note(checkpoint, key));
  auto covered = TRY(parse_checkpoint(text));
  CHECK_OK(make_empty(directory));
  auto path = directory / "entries.jsonl";
  std::ofstream lines(path, std::ios::binary);
  Tree tree;
  Exported exported;
  CHECK_OK(each_leaf(ledger, 1, covered.size, [&](std::uint64_t position, const std::string& leaf) -> Result<> {
    tree.add(leaf_hash(leaf));
    auto entry = redacted.empty() ? json::Value() : TRY(json::parse(leaf));
    bool kept_back = redacted.contains(json::text(entry, "kind", ""));
    lines << (kept_back ? redacted_line(position, tree.level(0).back()) : leaf) << '\n';
    exported.redacted += kept_back ? 1 : 0;
    return {};
  }));
  CHECK_OK(check_written(lines, path));
  if (tree.root(covered.size) != covered.root)
    return fail(Errc::corrupt, "the entries are not those that the checkpoint was signed over");
  CHECK_OK(write_tiles(tree, directory));
  CHECK_OK(write_file(directory / "checkpoint", checkpoint, 0644));
  CHECK_OK(write_file(directory / "key", key.text() + "\n", 0644));
  CHECK_OK(write_file(directory / "verify.py", standalone_verifier(), 0755));
  exported.entries = covered.size;
  exported.root = covered.root;
  return exported;
}

Result<std::string> hash_of_line(const std::string& line, std::uint64_t position, bool& redacted) {
  auto entry = json::parse(line);
  if (!entry || json::integer(json::at(*entry, "position"), -1) != static_cast<std::int64_t>(position))
    return fail(Errc::denied, "entry {}: another one stands in its place", position);
  auto kept_back = json::text(*entry, "redacted", "");
  redacted = !kept_back.empty();
  if (!redacted) return leaf_hash(line);
  auto hash = from_hex(kept_back);
  if (hash && line == redacted_line(position, *hash)) return hash;  // no hash is over anything else
  return fail(Errc::denied, "entry {}: it was kept back, and more than its hash stands there", position);
}

Result<Exported> verify_export(const std::filesystem::path& directory, const Verifier& key) {
  auto note = TRY(read_file(directory / "checkpoint", small_file_max));
  auto text = TRY(open_note(note, key));
  auto checkpoint = TRY(parse_checkpoint(text));
  std::ifstream lines(directory / "entries.jsonl", std::ios::binary);
  if (!lines) return fail(Errc::not_found, "{} has no entries.jsonl", directory.string());
  Tree tree;
  Exported exported{.entries = 0, .redacted = 0, .root = checkpoint.root};
  for (std::string line; std::getline(lines, line);) {
    bool redacted = false;
    auto hash = TRY(hash_of_line(line, ++exported.entries, redacted));
    exported.redacted += redacted ? 1 : 0;
    tree.add(std::move(hash));
  }
  if (exported.entries != checkpoint.size)
    return fail(Errc::denied, "the checkpoint has {} entries, and there are {}", checkpoint.size, exported.entries);
  if (tree.root(checkpoint.size) != checkpoint.root) {
    if (auto changed = changed_entry(tree, checkpoint, directory))
      return fail(Errc::denied, "entry {} does not hash to its leaf in the tree: it was changed", *changed);
    return fail(Errc::denied, "the entries do not hash to the checkpoint's root: at least one was changed");
  }
  CHECK_OK(check_tiles(tree, directory));
  return exported;
}

}  // namespace aright::ledger
