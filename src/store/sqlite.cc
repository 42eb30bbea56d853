#include "store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <unordered_map>

#include "store/database.h"

namespace aright::store {

namespace {

struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, Closer>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, Closer>;

Errc code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_CONSTRAINT:
      return Errc::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::corrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return Errc::denied;
    case SQLITE_TOOBIG:
      return Errc::invalid;
    case SQLITE_INTERRUPT:
      return Errc::cancelled;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return Errc::unavailable;
  }
  return Errc::internal;
}

Retry retry_of(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Retry::later;
  }
  return Retry::never;
}

// After these, memory and disk may disagree: nothing that is built on them may be acknowledged.
bool disables(int result) {
  if (result == SQLITE_IOERR_NOMEM) return false;
  int primary = result & 0xff;
  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

// A prepared statement, and where its $1, $2 … are: SQLite numbers them by first appearance.
struct Statement {
  StatementHandle handle;
  std::vector<int> slots;
};

// However its use ends, memory that runs out included: a statement that is under way cannot be used again, and keeps
// its transaction from ending.
struct Reset {
  explicit Reset(sqlite3_stmt* raw) : raw(raw) {}
  Reset(const Reset&) = delete;
  ~Reset() {
    sqlite3_reset(raw);
    sqlite3_clear_bindings(raw);
  }
  sqlite3_stmt* raw;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(Handle handle, int wal_pages)
      : handle_(std::move(handle)), wal_pages_max_(wal_pages), next_checkpoint_(wal_pages) {
    sqlite3_extended_result_codes(handle_.get(), 1);
    // Takes the place of the hook that would make checkpoints inside commits.
    sqlite3_wal_hook(
        handle_.get(),
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<SqliteConnection*>(self)->wal_pages_ = pages;
          return SQLITE_OK;
        },
        this);
  }

  ~SqliteConnection() override {
    statements_.clear();
    // A last checkpoint would overwrite what may be the only good copy.
    if (failed_) sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }

  Result<std::int64_t> execute(std::string_view sql, Parameters parameters) override;
  Result<std::vector<Row>> query(std::string_view sql, Parameters parameters) override;
  Result<> script(std::string_view sql) override;
  Result<> send(std::string_view sql, Parameters parameters) override {
    CHECK_OK(execute(sql, parameters));
    return {};
  }
  Result<> demand(std::string_view sql, Parameters parameters, Error otherwise) override {
    auto rows = TRY(query(sql, parameters));
    return rows.size() == 1 ? Result<>() : fail(std::move(otherwise));
  }
  Result<> flush() override { return {}; }
  Result<> begin(Access access) override;
  bool in_transaction() const override { return sqlite3_get_autocommit(handle_.get()) == 0; }
  bool failed() const override { return failed_; }
  Result<> maintain() override;
  Result<> check() override;
  Result<std::string> shape() override;
  std::string_view time_sql() const override { return "cast((julianday('now') - 2440587.5) * 86400000 as integer)"; }
  std::string_view pass_over_sql() const override { return ""; }

  // Moves the whole log into the database file, so that everything committed is also known to be
  // synced.
  Result<> recover();
  void busy_timeout(milliseconds limit) {
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(limit.count()));
  }

 private:
  std::unexpected<Error> failure(int result);
  Result<Statement> prepare(std::string_view sql, std::string_view* rest = nullptr);
  Result<Statement*> cached(std::string_view sql);
  Result<> bind(Statement& statement, Parameters parameters);
  // Steps to the end, handing over each row.
  Result<> run(Statement& statement, Parameters parameters, std::vector<Row>* rows);

  Handle handle_;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  bool failed_ = false;
  int wal_pages_max_;
  int wal_pages_ = 0;    // in the log after the last commit
  int next_checkpoint_;  // when wal_pages_ gets there
};

std::unexpected<Error> SqliteConnection::failure(int result) {
  if (disables(result)) failed_ = true;
  Error error{.code = code_of(result),
              .message = fmt::format("SQLite: {} ({})", sqlite3_errmsg(handle_.get()), result),
              .retry = retry_of(result)};
  return fail(std::move(error));
}

Result<Statement> SqliteConnection::prepare(std::string_view sql, std::string_view* rest) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &raw, &tail);
  Statement statement{.handle = StatementHandle(raw), .slots = {}};
  if (result != SQLITE_OK) return failure(result);
  std::string_view left = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  if (rest)
    *rest = left;
  else if (left.find_first_not_of(" \t\r\n;") != std::string_view::npos)
    return fail(Errc::internal, "more than one statement: {}", sql);

  int count = sqlite3_bind_parameter_count(raw);
  statement.slots.resize(static_cast<std::size_t>(count), 0);
  for (int slot = 1; slot <= count; ++slot) {
    const char* name = sqlite3_bind_parameter_name(raw, slot);
    int number = name && name[0] == '$' ? std::atoi(name + 1) : 0;
    if (number < 1 || number > count)
      return fail(Errc::internal, "parameters must be $1, $2 … without a gap: {}", sql);
    statement.slots[static_cast<std::size_t>(number - 1)] = slot;
  }
  return statement;
}

Result<Statement*> SqliteConnection::cached(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found != statements_.end()) return &found->second;
  auto statement = TRY(prepare(sql));
  if (!statement.handle) return fail(Errc::internal, "no statement: '{}'", sql);
  if (statements_.size() >= statements_max) statements_.clear();
  return &statements_.emplace(std::string(sql), std::move(statement)).first->second;
}

Result<> SqliteConnection::bind(Statement& statement, Parameters parameters) {
  sqlite3_stmt* raw = statement.handle.get();
  if (parameters.size() != statement.slots.size())
    return fail(Errc::internal, "{} parameters for {}: {}", parameters.size(),
                statement.slots.size(), sqlite3_sql(raw));
  struct Binder {
    sqlite3_stmt* raw;
    int slot;
    // A null pointer would be bound as NULL.
    static const char* data(std::string_view view) { return view.data() ? view.data() : ""; }
    int operator()(std::nullptr_t) { return sqlite3_bind_null(raw, slot); }
    int operator()(std::int64_t number) { return sqlite3_bind_int64(raw, slot, number); }
    int operator()(std::string_view text) {
      return sqlite3_bind_text64(raw, slot, data(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(Bytes bytes) {
      return sqlite3_bind_blob64(raw, slot, data(bytes.view), bytes.view.size(), SQLITE_STATIC);
    }
  };
  std::size_t next = 0;
  for (const auto& parameter : parameters) {
    int result = std::visit(Binder{raw, statement.slots[next++]}, parameter.value());
    if (result != SQLITE_OK) return failure(result);
  }
  return {};
}

Row::Cell cell(sqlite3_stmt* raw, int column) {
  auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(raw, column)); };
  switch (sqlite3_column_type(raw, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(raw, column);
    case SQLITE_FLOAT:  // nothing of ours is one: shown as text, so that it is not taken for an
                        // integer
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
      return text ? std::string(text, size()) : std::string();
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw, column));
      return Row::OwnedBytes{bytes ? std::string(bytes, size()) : std::string()};
    }
  }
  return std::monostate();
}

Result<> SqliteConnection::run(Statement& statement, Parameters parameters,
                               std::vector<Row>* rows) {
  sqlite3_stmt* raw = statement.handle.get();
  const Reset reset{raw};
  auto bound = bind(statement, parameters);
  int result = SQLITE_DONE;
  if (bound) {
    while ((result = sqlite3_step(raw)) == SQLITE_ROW) {
      if (!rows) continue;
      std::vector<Row::Cell> cells;
      int columns = sqlite3_column_count(raw);
      cells.reserve(static_cast<std::size_t>(columns));
      for (int column = 0; column < columns; ++column)
        cells.push_back(cell(raw, column));
      rows->emplace_back(std::move(cells));
    }
  }
  if (bound && result != SQLITE_DONE) bound = failure(result);
  return bound;
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, Parameters parameters) {
  auto* statement = TRY(cached(sql));
  CHECK_OK(run(*statement, parameters, nullptr));
  return sqlite3_changes64(handle_.get());
}

Result<std::vector<Row>> SqliteConnection::query(std::string_view sql, Parameters parameters) {
  std::vector<Row> rows;
  auto* statement = TRY(cached(sql));
  CHECK_OK(run(*statement, parameters, &rows));
  return rows;
}

Result<> SqliteConnection::script(std::string_view sql) {
  while (!sql.empty()) {
    std::string_view rest;
    auto statement = TRY(prepare(sql, &rest));
    if (statement.handle) CHECK_OK(run(statement, {}, nullptr));
    sql = rest;
  }
  return {};
}

Result<> SqliteConnection::begin(Access access) {
  CHECK_OK(execute(access == Access::write ? "begin immediate" : "begin", {}));
  return {};
}

Result<> SqliteConnection::maintain() {
  if (wal_pages_ < next_checkpoint_ || failed_) return {};
  int pages = 0, moved = 0;
  int result =
      sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  if (result != SQLITE_OK && result != SQLITE_BUSY) return failure(result);
  // A reader that still needs the log keeps it from being reused: try again when it has grown as
  // much once more.
  next_checkpoint_ = moved == pages ? wal_pages_max_ : pages + wal_pages_max_;
  wal_pages_ = 0;
  return {};
}

Result<> SqliteConnection::recover() {
  int result = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                         nullptr, nullptr);
  // Busy: another process has it open, and saw to it.
  if (result != SQLITE_OK && result != SQLITE_BUSY) return failure(result);
  return {};
}

Result<> SqliteConnection::check() {
  auto rows = TRY(query("pragma integrity_check(1)", {}));
  if (rows.empty() || rows[0].text(0) != "ok")
    return fail(Errc::corrupt, "the database file is damaged: {}",
                rows.empty() ? "no answer" : rows[0].text(0));
  return {};
}

Result<std::string> SqliteConnection::shape() {
  auto rows = TRY(query("select type, name, tbl_name, sql from sqlite_master order by type, name", {}));
  std::string out;
  for (const auto& row : rows)
    out += fmt::format("{} {} on {}: {}\n", row.text(0), row.text(1), row.text(2), row.text(3));
  return out;
}

class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(SqliteOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<Connection>> connect(Access access) override;
  bool shared() const override { return options_.path != in_memory; }
  bool serves_many() const override { return false; }
  std::unique_ptr<Bell> bell(std::function<void()>) const override { return nullptr; }
  std::unique_ptr<Engine> twin() const override { return sqlite_engine({.path = std::string(in_memory)}); }
  std::string_view key_type() const override { return "integer primary key"; }
  std::string_view bytes_type() const override { return "blob"; }

 private:
  Result<> create_file() const;
  Result<> identify(SqliteConnection& connection) const;

  SqliteOptions options_;
};

// SQLite would create the file readable by everybody; the log and its index take over the mode of
// the file. A file that is there is not opened: closing it would drop the locks that this process holds on it through
// SQLite, and another process would take itself for the only one and remove the log.
Result<> SqliteEngine::create_file() const {
  int file = ::open(options_.path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST && ::access(options_.path.c_str(), R_OK | W_OK) == 0) return {};
  if (file < 0) {
    auto code = errno == ENOENT                     ? Errc::not_found
                : errno == EACCES || errno == EROFS ? Errc::denied
                                                    : Errc::unavailable;
    return fail(code, "{}: {}", options_.path, std::strerror(errno));
  }
  ::close(file);
  return {};
}

// Marks an empty file as ours, and refuses another application's.
Result<> SqliteEngine::identify(SqliteConnection& connection) const {
  auto marked = TRY(connection.query("pragma application_id", {}));
  auto id = marked.empty() ? 0 : marked[0].integer(0);
  if (id == application_id) return {};
  auto tables = TRY(connection.query("select count(*) from sqlite_master", {}));
  if (id != 0 || tables[0].integer(0) != 0)
    return fail(Errc::invalid, "{} is a database of another application", options_.path);
  return connection.script(fmt::format("pragma application_id = {}", application_id));
}

Result<std::unique_ptr<Connection>> SqliteEngine::connect(Access access) {
  if (shared()) CHECK_OK(create_file());
  sqlite3* raw = nullptr;
  int result = sqlite3_open_v2(options_.path.c_str(), &raw,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto connection = std::make_unique<SqliteConnection>(Handle(raw), options_.wal_pages);
  if (result != SQLITE_OK)
    return fail(code_of(result), "opening {}: {}", options_.path, sqlite3_errstr(result));
  connection->busy_timeout(options_.busy_timeout);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);

  auto prepared = [&]() -> Result<> {
    if (access == Access::write) CHECK_OK(connection->script("pragma journal_mode = wal"));
    CHECK_OK(connection->script(
        "pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory;"
        "pragma trusted_schema = off; pragma cell_size_check = on; pragma mmap_size = 0"));
    if (access == Access::read) return connection->script("pragma query_only = on");
    CHECK_OK(identify(*connection));
    return connection->recover();
  }();
  if (!prepared) return wrap(std::move(prepared.error()), "opening {}", options_.path);
  return connection;
}

}  // namespace

std::unique_ptr<Engine> sqlite_engine(SqliteOptions options) {
  return std::make_unique<SqliteEngine>(std::move(options));
}

}  // namespace aright::store
