#pragma once
// The embedded engine: SQLite with a write-ahead log that is synced at every commit.
//
// Checkpoints are made by Connection::maintain, never by SQLite inside a commit: there, the result
// of syncing the database file would be dropped, and a log whose pages never reached the disk would
// be overwritten.

#include <memory>
#include <string>

#include "base/clock.h"
#include "store/engine.h"

namespace aright::store {

inline constexpr int application_id = 0x61726974;   // "arit", in the header of every file of ours
inline constexpr int wal_pages_max = 2'000;         // 8 MiB of log, then a checkpoint
inline constexpr std::size_t statements_max = 256;  // kept prepared by one connection

struct SqliteOptions {
  std::string path;  // ":memory:" for a database that ends with the engine
  milliseconds busy_timeout{5000};
  int wal_pages = wal_pages_max;
};
std::unique_ptr<Engine> sqlite_engine(SqliteOptions options);

}  // namespace aright::store
