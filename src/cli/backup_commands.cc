// backup and restore: the state directory as one file, and back.

#include <filesystem>

#include "base/file.h"
#include "base/file_hash.h"
#include "base/lock.h"
#include "cli/archive.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "cli/terminal.h"
#include "rules/control.h"
#include "server/views.h"
#include "store/copy.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_file = "MANIFEST";
constexpr const char* manifest_format = "aright-backup/1";
constexpr const char* key_files[]{key_file, secrets_key_file, link_key_file};
constexpr std::size_t manifest_bytes_max = 64u << 10;

// A directory for what is not whole yet, gone with all that is left in it.
class Room {
 public:
  static Result<Room> make(const fs::path& path) {
    std::error_code code;
    fs::remove_all(path, code);
    fs::create_directories(path, code);
    if (!code) fs::permissions(path, fs::perms::owner_all, code);
    if (code) return fail(Errc::denied, "{}: {}", path.string(), code.message());
    return Room(path);
  }
  Room(Room&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Room& operator=(Room&&) = delete;
  ~Room() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  fs::path operator/(std::string_view name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  explicit Room(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

std::vector<std::string> known_files() {
  return {manifest_file, ledger_file, key_file, secrets_key_file, link_key_file};
}

// What the verifier says of a ledger file; fails with corrupt when it is not sound.
Result<json::Object> sound(const fs::path& file) {
  auto ledger = TRY(ledger::Ledger::open({.path = file.string()}));
  auto verdict = TRY(server::verdict_view(*ledger, rules::Controls::embedded()));
  if (json::truth(json::at(verdict, "ok"))) return verdict;
  const auto& fault = json::at(verdict, "fault");
  return fail(Errc::corrupt, "the ledger is not sound: {}",
              fault.is_null() ? "what was made of its entries is not what they say" : json::text(fault, "what", ""));
}

// What is in the backup, and that it is what it was: signed by the ledger's own key.
Result<> write_manifest(const fs::path& file, const std::vector<Archived>& what, const json::Object& verdict,
                        const fs::path& key) {
  static const SystemClock clock;
  json::Array files;
  for (const auto& one : what) {
    auto digest = TRY(sha256_of_file(one.from));
    files.push_back(json::Object{{"name", one.name}, {"sha256", digest}});
  }
  json::Object manifest{{"format", manifest_format},
                        {"version", ARIGHT_VERSION},
                        {"made_at", clock.now().iso_seconds()},
                        {"entries", json::at(verdict, "entries")},
                        {"head", json::at(verdict, "head")},
                        {"files", std::move(files)}};
  auto signer = TRY(ledger::signer_in(key));
  auto note = TRY(signer.sign(json::print(manifest) + "\n"));
  return write_file(file, note);
}

Result<int> back_up(const Settings& settings, const BackupOrder& order) {
  fs::path state = settings.state;
  std::error_code code;
  if (!fs::exists(state / ledger_file, code))
    return fail(Errc::not_found, "there is no ledger in {}; say where it is with --state DIRECTORY", state.string());
  auto room = TRY(Room::make(order.file + ".making"));  // beside what it becomes: on the same disk
  auto copied = room / ledger_file;
  CHECK_OK(store::copy_database((state / ledger_file).string(), copied.string()));
  auto verdict = TRY(sound(copied));
  for (const char* end : {"-wal", "-shm"})
    fs::remove(copied.string() + end, code);
  std::vector<Archived> what{{ledger_file, copied}};
  for (const char* key : key_files)
    if (!order.without_keys && fs::exists(state / key, code)) what.push_back({key, state / key});
  CHECK_OK(write_manifest(room / manifest_file, what, verdict, state / key_file));
  what.insert(what.begin(), {manifest_file, room / manifest_file});
  CHECK_OK(write_archive(order.file, what));
  auto bytes = fs::file_size(order.file, code);
  if (settings.json) {
    print_json(json::Object{{"file", order.file},
                            {"entries", json::at(verdict, "entries")},
                            {"head", json::at(verdict, "head")},
                            {"bytes", bytes},
                            {"keys", !order.without_keys}});
    return exit_ok;
  }
  print_line(tone(Tone::good, "backed up") + fmt::format(": {} entries, head {}, in {}",
                                                         json::integer(json::at(verdict, "entries")),
                                                         json::text(verdict, "head", ""), order.file));
  print_line(!order.without_keys ? "It holds the keys: keep it as you keep them."
                                 : "It holds no keys: without secrets.key what is locked in the ledger stays so.");
  return exit_ok;
}

// The manifest of a backup that was taken apart, once all that it names is what it says.
Result<json::Value> checked_manifest(const Room& room, const fs::path& own_key) {
  auto note = TRY(read_file(room / manifest_file, manifest_bytes_max));
  std::error_code code;
  auto key = fs::exists(room / key_file, code) ? room / key_file : own_key;
  auto text = note.substr(0, note.find("\n") + 1);
  if (fs::exists(key, code)) {
    auto signer = TRY(ledger::signer_in(key));
    text = TRY(ledger::open_note(note, signer.verifier()));
  }
  auto manifest = TRY(json::parse(text));
  if (json::text(manifest, "format", "") != manifest_format)
    return fail(Errc::unsupported, "the backup's format is {}, and this aright knows {}",
                json::text(manifest, "format", ""), manifest_format);
  for (const auto& one : json::items(json::at(manifest, "files"))) {
    auto digest = TRY(sha256_of_file(room / json::text(one, "name", "")));
    if (digest != json::text(one, "sha256", ""))
      return fail(Errc::corrupt, "{} is not what was backed up", json::text(one, "name", ""));
  }
  return manifest;
}

// What is there goes aside, under a name that is free.
Result<std::string> set_aside(const fs::path& state) {
  std::error_code code;
  fs::path aside;
  for (int i = 1; aside.empty() || fs::exists(aside, code); ++i)
    aside = state / fmt::format("before-restore-{}", i);
  fs::create_directory(aside, code);
  fs::permissions(aside, fs::perms::owner_all, code);
  for (const auto& name : known_files())
    for (const char* end : {"", "-wal", "-shm"})
      if (auto path = state / (name + end); fs::exists(path, code)) fs::rename(path, aside / (name + end), code);
  if (code) return fail(Errc::unavailable, "{}: {}", aside.string(), code.message());
  return aside.string();
}

// Of what was set aside the keys that the backup does not bring.
void keep_keys(const fs::path& state, const fs::path& aside) {
  std::error_code code;
  for (const char* key : key_files)
    if (!fs::exists(state / key, code) && fs::exists(aside / key, code))
      fs::copy_file(aside / key, state / key, code);
}

// What the backup holds, in `room`, once all of it was looked at; the verifier's word on its ledger.
Result<json::Object> unpack(const Room& room, const std::string& file, const fs::path& own_key) {
  CHECK_OK(read_archive(file, room.path(), known_files()));
  auto manifest = TRY(checked_manifest(room, own_key));
  auto verdict = TRY(sound(room / ledger_file));
  if (json::text(verdict, "head", "") != json::text(manifest, "head", ""))
    return fail(Errc::corrupt, "the ledger is sound, and another one than the backup's manifest says");
  std::error_code ignored;
  for (const char* end : {"-wal", "-shm"})
    fs::remove((room / ledger_file).string() + end, ignored);
  return verdict;
}

Result<FileLock> alone_in(const fs::path& state) {
  std::error_code code;
  fs::create_directories(state, code);
  if (!code) fs::permissions(state, fs::perms::owner_all, code);
  if (code) return fail(Errc::denied, "{}: {}", state.string(), code.message());
  auto lock = FileLock::take(state / lock_file);
  if (!lock && lock.error().code == Errc::conflict)
    return fail(Errc::conflict, "an aright serves {}; stop it first", state.string());
  return lock;
}

Result<int> bring_back(const Settings& settings, const BackupOrder& order) {
  fs::path state = settings.state;
  auto lock = TRY(alone_in(state));
  std::error_code code;
  bool there = fs::exists(state / ledger_file, code);
  if (there && !order.force)
    return fail(Errc::conflict, "{} holds a ledger already; --force sets it aside, or say another --state",
                state.string());
  auto room = TRY(Room::make(state / ".restoring"));
  auto verdict = unpack(room, order.file, state / key_file);
  if (!verdict && verdict.error().code == Errc::invalid) verdict.error().code = Errc::corrupt;
  if (!verdict) return wrap(std::move(verdict.error()), "{} brings nothing back", order.file);
  std::string aside;
  if (there) aside = TRY(set_aside(state));
  for (const auto& name : known_files())
    if (name != manifest_file && fs::exists(room / name) && !code) fs::rename(room / name, state / name, code);
  if (code) return fail(Errc::unavailable, "{}: {}", state.string(), code.message());
  if (!aside.empty()) keep_keys(state, aside);
  if (settings.json) {
    print_json(json::Object{{"entries", json::at(*verdict, "entries")},
                            {"head", json::at(*verdict, "head")},
                            {"aside", aside.empty() ? json::Value(nullptr) : json::Value(aside)}});
    return exit_ok;
  }
  print_line(tone(Tone::good, "restored") + fmt::format(": {} entries, head {}",
                                                        json::integer(json::at(*verdict, "entries")),
                                                        json::text(*verdict, "head", "")));
  if (!aside.empty()) print_line("What was there is kept in " + aside);
  return exit_ok;
}

}  // namespace

int backup(const Settings& settings, const BackupOrder& order) {
  return told(back_up(settings, order), settings.json);
}

int restore(const Settings& settings, const BackupOrder& order) {
  return told(bring_back(settings, order), settings.json);
}

}  // namespace aright::cli
