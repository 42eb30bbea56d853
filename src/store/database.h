#pragma once
// One transaction interface over the engines that can hold our data: SQLite, embedded, and room for
// others (engine.h).
//
// Thread-safe. Writes run one after the other on one thread, and those that wait share one commit
// ("group commit"): each caller's part stands under its own savepoint, so that a failure takes back
// that part alone. A write that returned success is on the disk. Reads run on the caller's thread,
// beside the writer, each on one unchanging snapshot.
//
// SQL is portable: parameters are $1, $2 …, upserts are `on conflict … do …`. Statements are
// prepared once and kept.
//
// Fails with
//   conflict     a constraint does not hold;
//   unavailable  disk full or locked by another process (retry later); or, for good, the disk
//   failed: a write or sync
//                that the system reported as failed leaves open what is on the disk. Then nothing
//                is acknowledged any more: every later write fails until the database is opened
//                anew (AR-0031). The outcome of the writes that were under way is unknown;
//   corrupt      the file is damaged;
//   internal     a statement is wrong, or a transaction was asked for inside another one.

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "store/engine.h"
#include "store/transaction.h"

namespace aright::store {

inline constexpr std::string_view in_memory = ":memory:";

inline constexpr std::size_t group_members_max =
    512;  // writes that share one commit: bounds what one fault can fail
inline constexpr std::size_t waiting_max =
    16'384;  // writes that wait for their turn; more fail with throttled
inline constexpr std::size_t readers_default = 4;  // reads under way at one time; more wait

class Writer;
class Readers;

class Database {
 public:
  struct Options {
    std::string path = std::string(in_memory);  // or a PostgreSQL URL, with #SCHEMA behind it where that is not public
    milliseconds busy_timeout{5000};  // how long to wait for another process that writes to the file
    std::size_t readers = readers_default;
  };

  // Opens the file, or creates it, readable by its owner only.
  static Result<std::unique_ptr<Database>> open(Options options);
  // Over any engine; `open` is this with SQLite.
  static Result<std::unique_ptr<Database>> open(std::unique_ptr<Engine> engine, std::size_t readers = readers_default);
  // Finishes what waits. Nobody may call in any more.
  ~Database();

  // All that `work` does, or nothing. `work` runs on the writer thread (in memory: on the caller's); it must be
  // short, and must not call this database again but use the transaction. Its error is returned as it is.
  Result<> transact(const Work& work, Runs runs = Runs::once);
  // A short write beside the others, where several processes write: as transact(), without a place among writers.
  Result<> transact_beside(const Work& work);
  // `work` sees one snapshot, at least as new as every write that returned before. It cannot write.
  Result<> read(const Work& work) const;

  // Whether the file as such is sound: pages, indexes, constraints. Reads all of it.
  Result<> check() const;

  // An empty one of the same kind, which goes with the object.
  Result<std::unique_ptr<Database>> twin() const;

  // Whether other processes may work in it at the same time.
  bool serves_many() const { return engine_->serves_many(); }
  // See Engine::bell.
  std::unique_ptr<Bell> bell(std::function<void()> heard) const { return engine_->bell(std::move(heard)); }

  // What the engine calls an integer primary key and a byte string, for migrations.
  std::string_view key_type() const;
  std::string_view bytes_type() const;

 private:
  explicit Database(std::unique_ptr<Engine> engine);

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Writer> writer_;  // goes before the engine
  std::unique_ptr<Writer> beside_;  // null where transact() does it
  std::unique_ptr<Readers>
      readers_;  // goes before the writer; null when readers share the writer's connection
};

}  // namespace aright::store
