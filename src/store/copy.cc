#include "store/copy.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "store/sqlite.h"

namespace aright::store {

namespace {

constexpr int busy_ms = 5'000;  // for whoever recovers the file at this moment

using Handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Result<Handle> open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  int result = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw, sqlite3_close);
  if (result != SQLITE_OK) return fail(Errc::unavailable, "opening {}: {}", path, sqlite3_errstr(result));
  sqlite3_busy_timeout(raw, busy_ms);
  return handle;
}

// The name goes in as a value: no path is part of a statement.
Result<> vacuum_into(sqlite3* from, const std::string& to) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(from, "vacuum into ?1", -1, &raw, nullptr);
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  if (raw) sqlite3_bind_text(raw, 1, to.data(), static_cast<int>(to.size()), SQLITE_STATIC);
  if (raw && sqlite3_step(raw) == SQLITE_DONE) return {};
  int code = sqlite3_errcode(from);
  auto what = code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? Errc::corrupt : Errc::unavailable;
  return fail(what, "copying: {}", sqlite3_errmsg(from));
}

}  // namespace

Result<> copy_database(const std::string& from, const std::string& to) {
  std::error_code code;
  if (!std::filesystem::exists(from, code)) return fail(Errc::not_found, "there is no {}", from);
  // For its owner only, from the first byte on; an empty file is what VACUUM INTO accepts beside none.
  int file = ::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(Errc::unavailable, "{} cannot be made", to);
  ::close(file);
  auto handle = TRY(open(from, SQLITE_OPEN_READWRITE));
  CHECK_OK(vacuum_into(handle.get(), to));
  handle.reset();
  file = ::open(to.c_str(), O_RDONLY | O_CLOEXEC);
  bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced) return fail(Errc::unavailable, "{} could not be synced", to);
  return {};
}

}  // namespace aright::store
