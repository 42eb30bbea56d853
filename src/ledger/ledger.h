#pragma once
// The journal that the engine runs from, which is also its audit trail: entries in one total order,
// each on a stream, each hashed over all before it. README.md beside this file has the format.
//
// Thread-safe throughout. Appends of many threads share one commit; an append that returned is on
// the disk. Fails with
//   invalid      a draft that breaks a limit below or holds what JSON cannot carry;
//   conflict     another entry has the sequence that a draft was bound to, or `also` met a conflict
//   of its own; corrupt      stored entries are not what was written; unavailable  the store: see
//   store/database.h, also for what becomes of a store whose disk failed.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/strongbox.h"
#include "json/value.h"
#include "ledger/fence.h"
#include "store/database.h"

namespace aright::ledger {

inline constexpr std::size_t stream_bytes_max = 512;
inline constexpr std::size_t kind_bytes_max = 64;
inline constexpr std::size_t body_bytes_max =
    16u << 20;  // canonical; plans carry the images of whole resources
inline constexpr std::size_t drafts_max = 1000;          // in one append
inline constexpr std::size_t read_entries_max = 10'000;  // in one answer of read()

struct Entry {
  std::uint64_t position =
      0;  // in the ledger, from 1, without gaps; its Merkle leaf index is one less
  std::string stream;
  std::uint64_t sequence = 0;  // in the stream, from 1, without gaps
  std::string kind;
  Timestamp time;
  json::Value body;  // an object
  std::string hash;  // the chained hash up to and with this entry: 64 hexadecimal digits
};

// An entry to be. The ledger gives it position, time and hash, and the next sequence of its stream.
struct Draft {
  std::string stream;
  std::string kind;
  json::Object body;
  // The sequence this entry must get. Somebody who still believes to own a stream, and no longer
  // does, fails here.
  std::optional<std::uint64_t> sequence;
};

// The first thing that is wrong. Position 0: no one entry, but the ledger as a whole.
struct Fault {
  std::uint64_t position = 0;
  std::string what;
};

struct Verification {
  std::uint64_t entries = 0;   // that are sound
  std::string hash;            // of the last of them
  std::optional<Fault> fault;  // none: every entry is what was written, and none is missing
};

// A testing facility: the process kills itself (SIGKILL) around the commit of the nth append since
// the ledger was opened. With `before`, all of the append is written but not committed; with
// `after`, it is durable but nobody has been told. Costs nothing when it is not asked for.
struct CrashPoint {
  enum class When { before, after };
  std::uint64_t append = 0;  // from 1
  When when = When::before;
};
// Reads "before:17" or "after:17". Fails with invalid.
Result<CrashPoint> parse_crash_point(std::string_view text);

struct Options {
  std::string path = std::string(store::in_memory);
  const Clock* clock = nullptr;  // not owned, must outlive the ledger; null: the system's
  std::size_t readers = store::readers_default;  // connections that read
  std::optional<CrashPoint> crash_at;
  std::unique_ptr<store::Engine> engine;  // what holds it; null: SQLite, in the file of that path
  std::optional<Strongbox> strongbox = {};  // of what its entries hold locked; nothing: one that goes with the ledger
};

class Ledger {
 public:
  // Runs in the append's transaction, on the store's writer thread, after the entries got their
  // positions. When it fails, the whole append fails and leaves nothing behind. Must not call the
  // ledger or the database, only use the transaction; may run while other appends wait, so it must
  // be short.
  using Also = std::function<Result<>(store::Transaction&, const std::vector<Entry>&)>;
  using Subscriber = std::function<void(const std::vector<Entry>&)>;

  // Opens the file, or creates it. Fails with unsupported when a newer version wrote it, and with
  // corrupt or invalid when it is damaged or no ledger at all.
  static Result<std::unique_ptr<Ledger>> open(Options options);
  ~Ledger();

  // All or nothing, and durable on return; as long as the fence around this thread stands. The entries come back as any
  // later read gives them.
  Result<std::vector<Entry>> append(std::vector<Draft> drafts, Also also = {},
                                    store::Runs also_runs = store::Runs::once);

  // The same of what stands beside entries: timers, the outbox, documents.
  Result<> transact(const store::Work& work, store::Runs runs = store::Runs::once);

  // In order of sequence, those from `from_sequence` on. An unknown stream is an empty one.
  Result<std::vector<Entry>> stream(std::string_view stream, std::uint64_t from_sequence = 0) const;
  // In order of position, those from `from_position` on, at most `limit` and at most
  // read_entries_max.
  Result<std::vector<Entry>> read(std::uint64_t from_position, std::size_t limit) const;
  // The position of the last entry that was committed here, or that refresh() found; 0 when there is none.
  std::uint64_t size() const { return size_.load(); }
  // Looks how far others have come, where several processes write to the ledger.
  Result<> refresh();
  // For those who write entries: what must not stand in them as it is.
  const Strongbox& strongbox() const { return strongbox_; }

  // Calls back with the entries of each append, in order of position, after it is durable and
  // before its caller is told. On the writer thread: hand the entries on and return; appending or
  // reading from there fails. unsubscribe() waits for a call that is under way.
  std::uint64_t subscribe(Subscriber subscriber);
  void unsubscribe(std::uint64_t subscription);

  // Recomputes every hash and checks that positions and sequences have no gaps; then the file as such, its tables, and
  // that timers and messages are what was written. Documents are judged by whoever makes them (remediation/refold.h).
  // Reads page by page: appends go on meanwhile. A fault is a finding, not a failure; fails when the file cannot be
  // read at all.
  Result<Verification> verify() const;

  // Where projections, timers and the outbox live, for transactions of their own.
  store::Database& database() const { return *database_; }
  const Clock& clock() const { return *clock_; }

 private:
  Ledger(std::unique_ptr<store::Database> database, const Options& options);
  void grow_to(std::uint64_t position);
  void publish(const std::vector<Entry>& entries);
  void crash(store::Transaction& tx);

  std::unique_ptr<store::Database> database_;
  const Clock* clock_;
  std::optional<CrashPoint> crash_at_;
  std::uint64_t appends_ = 0;  // since open; counted only for crash_at_, on the writer thread
  const Strongbox strongbox_;
  std::atomic<std::uint64_t> size_ = 0;

  std::mutex subscribers_mutex_;
  std::uint64_t next_subscription_ = 1;                            // guarded by subscribers_mutex_
  std::vector<std::pair<std::uint64_t, Subscriber>> subscribers_;  // guarded by subscribers_mutex_
};

// All entries in order of position, as the transaction sees them: for folds of the whole ledger.
Result<> each_entry(store::Transaction& tx, const std::function<Result<>(const Entry&)>& visit);

// Where a stream ends, 0 when it has no entry: for a transaction that decides by what it has read of the stream.
Result<std::uint64_t> last_sequence(store::Transaction& tx, std::string_view stream);

}  // namespace aright::ledger
