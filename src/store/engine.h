#pragma once
// What an engine must offer for Database to stand on it. Everything that differs between engines is
// behind these two classes; everything else (grouping, savepoints, pooling, migrations) is written
// once above them.

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/value.h"

namespace aright::store {

// `beside`: for short writes that have nothing to do with the order of the others, and do not wait for their turn.
enum class Access { read, write, beside };

// Used by one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual Result<std::int64_t> execute(std::string_view sql, Parameters parameters) = 0;
  virtual Result<std::vector<Row>> query(std::string_view sql, Parameters parameters) = 0;
  virtual Result<> script(std::string_view sql) = 0;
  // As execute(), by the next statement that is asked for its answer, or by flush(): engines that are a way off send
  // several at once. Its failure is told there.
  virtual Result<> send(std::string_view sql, Parameters parameters) = 0;
  // As send(), of a query that has to give exactly one row; gives it none or several, that failure is told.
  virtual Result<> demand(std::string_view sql, Parameters parameters, Error otherwise) = 0;
  virtual Result<> flush() = 0;

  // A writing transaction takes its place among writers here, not at its first change.
  virtual Result<> begin(Access access) = 0;
  // False when the engine has rolled the transaction back by itself, as some failures make it.
  virtual bool in_transaction() const = 0;
  // A failure after which what this connection believes to be on the disk may be wrong. Never false
  // again.
  virtual bool failed() const = 0;
  // Called between transactions of the writer; must not leave a failure of the disk unreported.
  virtual Result<> maintain() = 0;
  // Reads the whole database and judges its structure. Fails with corrupt.
  virtual Result<> check() = 0;
  // All tables and indexes as text: the same for databases that were made alike.
  virtual Result<std::string> shape() = 0;
  // SQL for the database's own time, in milliseconds since 1970: one clock for all who share it.
  virtual std::string_view time_sql() const = 0;
  // What makes a query pass over rows that others are at; "" where only one transaction writes at a time.
  virtual std::string_view pass_over_sql() const = 0;
};

// Wakes those who wait for what others write in the same database. A hint, no more: a call may be lost, and whoever
// waits looks from time to time as well.
class Bell {
 public:
  virtual ~Bell() = default;
  // Soon, and once for many calls. Any thread.
  virtual void ring() = 0;
};

// Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual Result<std::unique_ptr<Connection>> connect(Access access) = 0;
  // Whether a second connection sees what the first one committed.
  virtual bool shared() const = 0;
  // Whether other processes may work in it at the same time.
  virtual bool serves_many() const = 0;
  // `heard` is called, on a thread of the bell's, after somebody else rang it. Null: there is none.
  virtual std::unique_ptr<Bell> bell(std::function<void()> heard) const = 0;
  // An empty database of the same kind, which goes with whoever holds it.
  virtual std::unique_ptr<Engine> twin() const = 0;
  // Type names, see Database.
  virtual std::string_view key_type() const = 0;
  virtual std::string_view bytes_type() const = 0;
};

}  // namespace aright::store
