#include "store/database.h"

#include "store/postgres.h"
#include "store/readers.h"
#include "store/sqlite.h"
#include "store/writer.h"

namespace aright::store {

Database::Database(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(Options options) {
  if (is_postgres_url(options.path)) return open(postgres_engine_at(options.path), options.readers);
  return open(sqlite_engine({.path = options.path, .busy_timeout = options.busy_timeout}), options.readers);
}

Result<std::unique_ptr<Database>> Database::open(std::unique_ptr<Engine> engine, std::size_t readers) {
  std::unique_ptr<Database> database(new Database(std::move(engine)));
  auto connection = TRY(database->engine_->connect(Access::write));
  auto on = database->engine_->shared() ? Writer::On::own_thread : Writer::On::callers_thread;
  database->writer_ = std::make_unique<Writer>(std::move(connection), database.get(), on, Access::write,
                                               database->engine_->serves_many());
  if (database->engine_->serves_many()) {
    auto beside = TRY(database->engine_->connect(Access::beside));
    database->beside_ = std::make_unique<Writer>(std::move(beside), database.get(), Writer::On::callers_thread,
                                                 Access::beside);
  }
  if (database->engine_->shared())
    database->readers_ = std::make_unique<Readers>(*database->engine_, readers);
  return database;
}

Result<> Database::transact(const Work& work, Runs runs) {
  CHECK_OK(Inside::refuse(this));
  return writer_->transact(work, runs);
}

Result<> Database::transact_beside(const Work& work) {
  CHECK_OK(Inside::refuse(this));
  return (beside_ ? beside_ : writer_)->transact(work);
}

Result<> Database::read(const Work& work) const {
  CHECK_OK(Inside::refuse(this));
  Inside inside(this);
  return readers_ ? readers_->read(work) : writer_->read(work);
}

Result<> Database::check() const {
  CHECK_OK(Inside::refuse(this));
  return readers_ ? readers_->check() : writer_->check();
}

Result<std::unique_ptr<Database>> Database::twin() const { return open(engine_->twin()); }

std::string_view Database::key_type() const {
  return engine_->key_type();
}
std::string_view Database::bytes_type() const {
  return engine_->bytes_type();
}

}  // namespace aright::store
