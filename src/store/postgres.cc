#include "store/postgres.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <unordered_map>

#include "base/overloaded.h"
#include "base/text.h"
#include "store/libpq.h"

namespace aright::store {

namespace {

// PostgreSQL's types, by their fixed numbers.
constexpr Oid bool_oid = 16, bytea_oid = 17, int8_oid = 20, int2_oid = 21, int4_oid = 23, text_oid = 25,
              numeric_oid = 1700;
constexpr int binary = 1;
constexpr std::string_view division_by_zero = "22012";
constexpr std::size_t sent_max = 256;   // statements whose answers wait to be read; they fit into a socket's buffer
constexpr std::size_t sent_at_once = 8;  // go on their way together
constexpr const char* temporary = "pg_temp";  // the schema of what goes with its connection
constexpr std::int64_t writers_lock = 0x6172'6974;  // "arit": taken by whoever writes in this database

struct Freer {
  const Libpq* pq = nullptr;
  void operator()(PGconn* connection) const { pq->finish(connection); }
  void operator()(PGresult* result) const { pq->clear(result); }
};
using Handle = std::unique_ptr<PGconn, Freer>;
using Answer = std::unique_ptr<PGresult, Freer>;

// By the classes of SQLSTATE.
Errc code_of(std::string_view state) {
  auto is = [&](std::initializer_list<std::string_view> classes) {
    return std::ranges::any_of(classes, [&](auto one) { return state.starts_with(one); });
  };
  if (state == "08P01") return Errc::internal;  // not as many parameters as the statement has
  if (is({"23"})) return Errc::conflict;
  if (is({"XX001", "XX002"})) return Errc::corrupt;
  if (is({"28", "42501"})) return Errc::denied;
  if (is({"22021", "22P05"})) return Errc::invalid;
  // Locks, resources, shutdowns, connections, a standby that was asked to write, a limit of time.
  if (is({"40", "53", "55P03", "57", "08", "25006", "25P03"})) return Errc::unavailable;
  return Errc::internal;
}

// What a parameter is made of, so that one text with other types is another statement.
char letter_of(const Parameter& parameter) {
  return std::visit(Overloaded{[](std::nullptr_t) { return 'n'; }, [](std::int64_t) { return 'i'; },
                               [](std::string_view) { return 't'; }, [](Bytes) { return 'b'; }},
                    parameter.value());
}
Oid type_of(char letter) {
  return letter == 'i' ? int8_oid : letter == 't' ? text_oid : letter == 'b' ? bytea_oid : 0;
}

std::int64_t big_endian(const char* bytes, int size) {
  std::uint64_t out = 0;
  for (int i = 0; i < size; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  int unused = 64 - 8 * size;
  return static_cast<std::int64_t>(out << unused) >> unused;
}
std::string to_big_endian(std::int64_t number) {
  std::string out(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8) out[static_cast<std::size_t>(i)] = static_cast<char>(number);
  return out;
}

// A sum of integers comes as digits of base 10,000: how many, the first one's power, sign, places after the point.
std::int64_t whole_numeric(const char* bytes) {
  constexpr int header = 8;
  auto digits = big_endian(bytes, 2), power = big_endian(bytes + 2, 2);
  bool negative = big_endian(bytes + 4, 2) != 0;
  std::int64_t out = 0;
  for (std::int64_t i = 0; i <= power; ++i)
    out = out * 10'000 + (i < digits ? big_endian(bytes + header + 2 * i, 2) : 0);
  return negative ? -out : out;
}

Row::Cell cell_of(Oid type, const char* bytes, int size) {
  switch (type) {
    case bool_oid:
    case int2_oid:
    case int4_oid:
    case int8_oid: return big_endian(bytes, size);
    case numeric_oid: return whole_numeric(bytes);
    case bytea_oid: return Row::OwnedBytes{std::string(bytes, static_cast<std::size_t>(size))};
  }
  return std::string(bytes, static_cast<std::size_t>(size));
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(const Libpq& pq, Handle handle, const PostgresOptions& options, Access access)
      : pq_(pq), handle_(std::move(handle)), options_(options), access_(access) {}

  Result<std::int64_t> execute(std::string_view sql, Parameters parameters) override;
  Result<std::vector<Row>> query(std::string_view sql, Parameters parameters) override;
  Result<> script(std::string_view sql) override;
  Result<> send(std::string_view sql, Parameters parameters) override;
  Result<> demand(std::string_view sql, Parameters parameters, Error otherwise) override;
  Result<> flush() override;
  Result<> begin(Access access) override;
  bool in_transaction() const override {
    if (!sent_.empty()) return true;
    auto status = pq_.transaction_status(handle_.get());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  }
  // Never for good: a connection is made anew, and the server answers for its disk.
  bool failed() const override { return false; }
  Result<> maintain() override { return {}; }
  Result<> check() override;
  Result<std::string> shape() override;
  std::string_view time_sql() const override { return "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"; }
  std::string_view pass_over_sql() const override { return " for update skip locked"; }

  // What each connection has to know first.
  Result<> introduce();

 private:
  Answer plain(const std::string& sql) { return Answer(pq_.exec(handle_.get(), sql.c_str()), {&pq_}); }
  bool is_up() const { return pq_.status(handle_.get()) == CONNECTION_OK; }
  Result<> judge(const Answer& answer) const;
  Result<std::string> prepared(std::string_view sql, Parameters parameters);
  // A statement with its parameters, which point to what it keeps.
  struct Bound {
    std::string name;
    std::vector<std::string> kept;
    std::vector<const char*> values;
    std::vector<int> lengths, formats;
    std::optional<Error> unless_one;  // row
    int count() const { return static_cast<int>(values.size()); }
  };
  Result<Bound> bind(std::string_view sql, Parameters parameters);
  Result<Answer> run(std::string_view sql, Parameters parameters);
  void start(Bound bound);
  Result<Answer> run_sent();
  Result<> join(Bound bound);
  Result<> judge(const Answer& answer, const Bound& bound) const;

  const Libpq& pq_;
  Handle handle_;
  const PostgresOptions options_;
  const Access access_;
  std::unordered_map<std::string, std::string> statements_;  // text and types → name
  std::uint64_t named_ = 0;
  std::vector<Bound> sent_;  // on their way, in a pipeline; their answers are not read yet
};

Result<> PostgresConnection::judge(const Answer& answer) const {
  auto status = answer ? pq_.result_status(answer.get()) : PGRES_FATAL_ERROR;
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  if (status == PGRES_EMPTY_QUERY) return fail(Errc::internal, "this is no statement");
  bool gone = !is_up();
  const char* said = answer ? pq_.error_field(answer.get(), PG_DIAG_SQLSTATE) : nullptr;
  const char* what = answer ? pq_.error_field(answer.get(), PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  std::string message(trim(what ? what : pq_.error_message(handle_.get())));
  auto code = said && !gone ? code_of(said) : Errc::unavailable;
  return fail({.code = code,
               .message = "PostgreSQL: " + message,
               .retry = code == Errc::unavailable ? Retry::later : Retry::never});
}

Result<> PostgresConnection::judge(const Answer& answer, const Bound& bound) const {
  const char* said = answer ? pq_.error_field(answer.get(), PG_DIAG_SQLSTATE) : nullptr;
  if (bound.unless_one && said && said == division_by_zero) return fail(*bound.unless_one);
  return judge(answer);
}

Result<std::string> PostgresConnection::prepared(std::string_view sql, Parameters parameters) {
  std::string key(sql);
  std::vector<Oid> types;
  key += '\0';
  for (const auto& parameter : parameters) {
    key += letter_of(parameter);
    types.push_back(type_of(key.back()));
  }
  if (auto known = statements_.find(key); known != statements_.end()) return known->second;
  CHECK_OK(flush());  // nothing is prepared while others are on their way
  if (statements_.size() >= prepared_max) {
    CHECK_OK(judge(plain("deallocate all")));
    statements_.clear();
  }
  auto name = fmt::format("s{}", ++named_);
  Answer made(pq_.prepare(handle_.get(), name.c_str(), std::string(sql).c_str(), static_cast<int>(types.size()),
                          types.data()),
              {&pq_});
  CHECK_OK(judge(made));
  statements_.emplace(std::move(key), name);
  return name;
}

Result<PostgresConnection::Bound> PostgresConnection::bind(std::string_view sql, Parameters parameters) {
  Bound bound{.name = TRY(prepared(sql, parameters)), .kept = {}, .values = {}, .lengths = {},
              .formats = std::vector<int>(parameters.size(), binary), .unless_one = {}};
  bound.kept.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    const auto& value = parameter.value();
    auto& kept = bound.kept;
    if (const auto* number = std::get_if<std::int64_t>(&value)) kept.push_back(to_big_endian(*number));
    else if (const auto* text = std::get_if<std::string_view>(&value)) kept.emplace_back(*text);
    else if (const auto* bytes = std::get_if<Bytes>(&value)) kept.emplace_back(bytes->view);
    else kept.emplace_back();
    bool null = std::holds_alternative<std::nullptr_t>(value);
    bound.values.push_back(null ? nullptr : kept.back().data());
    bound.lengths.push_back(static_cast<int>(kept.back().size()));
  }
  return bound;
}

Result<Answer> PostgresConnection::run(std::string_view sql, Parameters parameters) {
  auto bound = TRY(bind(sql, parameters));
  if (!sent_.empty()) {
    start(std::move(bound));
    return run_sent();
  }
  Answer answer(pq_.exec_prepared(handle_.get(), bound.name.c_str(), bound.count(), bound.values.data(),
                                  bound.lengths.data(), bound.formats.data(), binary),
                {&pq_});
  CHECK_OK(judge(answer));
  return answer;
}

// On its way before the next one is made: the server works meanwhile.
void PostgresConnection::start(Bound bound) {
  if (sent_.empty()) pq_.enter_pipeline(handle_.get());
  pq_.send_prepared(handle_.get(), bound.name.c_str(), bound.count(), bound.values.data(), bound.lengths.data(),
                    bound.formats.data(), binary);
  sent_.push_back(std::move(bound));
  if (sent_.size() % sent_at_once == 0) pq_.flush(handle_.get());
}

// What came of all that is on its way. The answer is the last one's; the failure the first one's, after which the
// server passes over the rest.
Result<Answer> PostgresConnection::run_sent() {
  auto sent = std::exchange(sent_, {});
  Answer last(nullptr, {&pq_});
  Result<> judged;
  pq_.sync_pipeline(handle_.get());
  for (const auto& one : sent) {
    last = Answer(pq_.next_result(handle_.get()), {&pq_});
    if (judged) judged = judge(last, one);
    if (last) Answer separator(pq_.next_result(handle_.get()), {&pq_});  // there is none
  }
  Answer synced(pq_.next_result(handle_.get()), {&pq_});
  pq_.exit_pipeline(handle_.get());
  CHECK_OK(judged);
  return last;
}

Result<> PostgresConnection::send(std::string_view sql, Parameters parameters) {
  auto bound = TRY(bind(sql, parameters));
  return join(std::move(bound));
}

// The server itself has to find it wrong, so that it passes over what was sent behind it: it divides by zero.
Result<> PostgresConnection::demand(std::string_view sql, Parameters parameters, Error otherwise) {
  auto judged = fmt::format("with found as ({}) select 1 / cast(count(*) = 1 as integer) from found", sql);
  auto bound = TRY(bind(judged, parameters));
  bound.unless_one = std::move(otherwise);
  return join(std::move(bound));
}

Result<> PostgresConnection::join(Bound bound) {
  start(std::move(bound));
  return sent_.size() < sent_max ? Result<>() : flush();
}

Result<> PostgresConnection::flush() {
  if (!sent_.empty()) CHECK_OK(run_sent());
  return {};
}

Result<std::int64_t> PostgresConnection::execute(std::string_view sql, Parameters parameters) {
  // What ends a transaction is never prepared; without an answer, nobody knows whether it did.
  if (sql == "commit" || sql.starts_with("rollback") || sql.starts_with("savepoint") || sql.starts_with("release")) {
    auto flushed = flush();
    if (!flushed && !sql.starts_with("rollback")) return fail(flushed.error());
    auto done = judge(plain(std::string(sql)));
    if (done) return 0;
    auto error = done.error();
    if (sql == "commit" && !is_up()) error.retry = Retry::unknown_outcome;
    return fail(std::move(error));
  }
  auto answer = TRY(run(sql, parameters));
  std::string_view changed = pq_.changed(answer.get());
  std::int64_t count = 0;
  std::from_chars(changed.data(), changed.data() + changed.size(), count);
  return count;
}

Result<std::vector<Row>> PostgresConnection::query(std::string_view sql, Parameters parameters) {
  auto answer = TRY(run(sql, parameters));
  int rows = pq_.rows(answer.get()), columns = pq_.columns(answer.get());
  std::vector<Row> out;
  out.reserve(static_cast<std::size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    std::vector<Row::Cell> cells;
    cells.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (pq_.is_null(answer.get(), row, column)) cells.emplace_back();
      else
        cells.push_back(cell_of(pq_.type(answer.get(), column), pq_.value(answer.get(), row, column),
                                pq_.length(answer.get(), row, column)));
    }
    out.emplace_back(std::move(cells));
  }
  return out;
}

Result<> PostgresConnection::script(std::string_view sql) {
  CHECK_OK(flush());
  return judge(plain(std::string(sql)));
}

// A connection that broke while nobody used it shows it here, where nothing is lost by making it anew.
Result<> PostgresConnection::begin(Access access) {
  // A writer takes its place on the same way.
  auto begin = access == Access::read ? std::string("begin isolation level repeatable read, read only") : "begin";
  if (access == Access::write) begin += fmt::format("; select pg_advisory_xact_lock({})", writers_lock);
  auto begun = is_up() ? judge(plain(begin)) : Result<>();
  if (!is_up()) {
    pq_.reset(handle_.get());
    statements_.clear();
    sent_.clear();
    CHECK_OK(introduce());
    begun = judge(plain(begin));
  }
  if (!begun && in_transaction()) std::ignore = plain("rollback");
  return begun;
}

Result<> PostgresConnection::introduce() {
  if (!is_up())
    return fail({.code = Errc::unavailable,
                 .message = fmt::format("PostgreSQL: {}", trim(pq_.error_message(handle_.get()))),
                 .retry = Retry::later});
  char* name = pq_.escape_identifier(handle_.get(), options_.schema.data(), options_.schema.size());
  if (!name) return fail(Errc::invalid, "'{}' is no name of a schema", options_.schema);
  std::string schema(name);
  pq_.free(name);
  bool makes = access_ != Access::read && options_.schema != temporary;
  if (makes) CHECK_OK(judge(plain("create schema if not exists " + schema)));
  // What the URL says of a limit (options=-c …) goes before ours.
  CHECK_OK(judge(plain(fmt::format(
      "set search_path to {}; set client_encoding to 'UTF8'; select set_config(ours.name, ours.value, false)"
      " from (values ('lock_timeout', '{}'), ('statement_timeout', '{}'),"
      " ('idle_in_transaction_session_timeout', '{}')) as ours (name, value)"
      " join pg_settings on pg_settings.name = ours.name where pg_settings.source <> 'client'",
      schema, options_.busy_timeout.count(), options_.statement_limit.count(),
      (access_ == Access::read ? options_.reader_idle_limit : options_.idle_limit).count()))));
  // Ids are in the order of their bytes everywhere in aright.
  auto rows = TRY(query("select datcollate, pg_encoding_to_char(encoding)::text from pg_database"
                        " where datname = current_database()", {}));
  auto collation = rows.empty() ? "" : rows[0].text(0), encoding = rows.empty() ? "" : rows[0].text(1);
  if ((collation != "C" && collation != "POSIX") || encoding != "UTF8")
    return fail(Errc::unsupported, "the database sorts by {} in {}; make one with: createdb --template=template0"
                " --locale=C --encoding=UTF8 NAME", collation, encoding);
  return {};
}

// Reads every row of every table, and so every page of them; the server checks what it reads where it has checksums.
Result<> PostgresConnection::check() {
  auto tables = TRY(query("select tablename::text from pg_tables where schemaname = current_schema() order by 1", {}));
  for (const auto& table : tables)
    CHECK_OK(query(fmt::format("select count(t::text) from \"{}\" t", table.text(0)), {}));
  return {};
}

Result<std::string> PostgresConnection::shape() {
  std::string out;
  auto add = [&](std::string_view sql) -> Result<> {
    for (const auto& row : TRY(query(sql, {}))) out += row.text(0) + "\n";
    return {};
  };
  CHECK_OK(add("select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)"
               " from information_schema.columns where table_schema = current_schema()"
               " order by table_name, ordinal_position"));
  CHECK_OK(add("select regexp_replace(indexdef, ' ON [^ ]+[.]', ' ON ') from pg_indexes"
               " where schemaname = current_schema() order by indexname"));
  CHECK_OK(add("select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint"
               " where connamespace = current_schema()::regnamespace order by 1"));
  CHECK_OK(add("select format('%s %s', tgrelid::regclass, tgname) from pg_trigger t join pg_class c on c.oid = tgrelid"
               " where c.relnamespace = current_schema()::regnamespace and not tgisinternal order by 1"));
  return out;
}

class PostgresEngine final : public Engine {
 public:
  explicit PostgresEngine(PostgresOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<Connection>> connect(Access access) override {
    const auto* pq = TRY(libpq());
    auto limit = std::to_string(connect_limit.count());
    // A way that is gone without a word is found out by the system, not by waiting for ever. Reads are the primary's as
    // well: what a standby does not have yet would be taken for absent.
    // What stands before the URL, it may say otherwise.
    const char* keys[] = {"keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                          "connect_timeout", "dbname", "fallback_application_name", "target_session_attrs", nullptr};
    const char* values[] = {"10", "5", "3", "30000", limit.c_str(), options_.url.c_str(), "aright",
                            access == Access::read ? "primary" : "read-write", nullptr};
    Handle handle(pq->connect(keys, values, 1), {pq});
    pq->set_notice_processor(handle.get(), [](void*, const char*) {}, nullptr);
    auto connection = std::make_unique<PostgresConnection>(*pq, std::move(handle), options_, access);
    CHECK_OK(connection->introduce());
    return connection;
  }
  bool shared() const override { return options_.schema != temporary; }
  bool serves_many() const override { return shared(); }
  std::unique_ptr<Bell> bell(std::function<void()> heard) const override;
  std::unique_ptr<Engine> twin() const override {
    auto options = options_;
    options.schema = temporary;
    return postgres_engine(std::move(options));
  }
  std::string_view key_type() const override { return "bigint primary key"; }
  std::string_view bytes_type() const override { return "bytea"; }

 private:
  const PostgresOptions options_;
};

std::unique_ptr<Bell> PostgresEngine::bell(std::function<void()> heard) const {
  return shared() ? postgres_bell(options_, std::move(heard)) : nullptr;
}

}  // namespace

std::unique_ptr<Engine> postgres_engine(PostgresOptions options) {
  return std::make_unique<PostgresEngine>(std::move(options));
}

std::unique_ptr<Engine> postgres_engine_at(std::string_view where) {
  PostgresOptions options;
  auto hash = where.find('#');
  options.url = where.substr(0, hash);
  if (hash != std::string_view::npos) options.schema = where.substr(hash + 1);
  return postgres_engine(std::move(options));
}

bool is_postgres_url(std::string_view where) {
  return where.starts_with("postgresql://") || where.starts_with("postgres://");
}

}  // namespace aright::store
