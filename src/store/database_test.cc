#include "store/database.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include "base/file.h"
#include "store/private_postgres.h"

namespace aright::store {
namespace {

using testing::HasSubstr;

std::unique_ptr<Database> open(const std::string& path) {
  auto database = Database::open({.path = path});
  EXPECT_TRUE(database) << database.error().text();
  return database ? std::move(*database) : nullptr;
}

enum class Kind { memory, file, postgres };

// Every test runs on a file, in memory, and on PostgreSQL: the difference must not show.
class DatabaseTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    run(fmt::format("create table t (id {}, name text, data {}, unique (name))", database_->key_type(),
                    database_->bytes_type()));
  }
  std::unique_ptr<Database> made() {
    if (GetParam() == Kind::memory) return open(std::string(in_memory));
    if (GetParam() == Kind::file) return open((directory_.path() / "test.db").string());
    auto database = Database::open(PrivatePostgres::shared().fresh());
    EXPECT_TRUE(database) << database.error().text();
    return database ? std::move(*database) : nullptr;
  }

  Result<> transact(std::string_view sql, Parameters parameters = {}) {
    return database_->transact([&](Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute(sql, parameters));
      return {};
    });
  }
  void run(std::string_view sql, Parameters parameters = {}) {
    auto done = transact(sql, parameters);
    EXPECT_TRUE(done) << done.error().text();
  }
  std::vector<Row> query(std::string_view sql, Parameters parameters = {}) {
    std::vector<Row> rows;
    auto done = database_->read([&](Transaction& tx) -> Result<> {
      rows = TRY(tx.query(sql, parameters));
      return {};
    });
    EXPECT_TRUE(done) << done.error().text();
    return rows;
  }
  std::int64_t count() { return query("select count(*) from t")[0].integer(0); }

  TemporaryDirectory directory_;
  std::unique_ptr<Database> database_ = made();
};

std::string name_of(const testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::memory ? "memory" : info.param == Kind::file ? "file" : "postgres";
}
INSTANTIATE_TEST_SUITE_P(Engines, DatabaseTest, testing::Values(Kind::memory, Kind::file, Kind::postgres), name_of);

TEST_P(DatabaseTest, BindsByNumberAndReadsByType) {
  const std::string with_zero("a\0b", 3), name = "a\u00e4\n";
  run("insert into t (data, name, id) values ($3, $2, $1)", {7, name, Bytes{with_zero}});
  run("insert into t (id, name, data) values ($1, $2, $3)",
      {8, std::string_view(), std::optional<std::string>()});
  auto rows = query("select id, name, data from t order by id");
  EXPECT_EQ(rows[0].integer(0), 7);
  EXPECT_EQ(rows[0].text(1), name);
  EXPECT_EQ(rows[0].bytes(2), with_zero);
  EXPECT_EQ(rows[1].type(1), Type::text);  // an empty text is no null
  EXPECT_TRUE(rows[1].null(2));
  EXPECT_EQ(rows[1].integer(1), 0);
}

TEST_P(DatabaseTest, UsesOneParameterInSeveralPlaces) {
  run("insert into t (id, name) values ($1, $2), ($1 + 1, $2 || '!')", {1, "x"});
  EXPECT_EQ(query("select name from t where id = $1 + 1 and $1 = $1", {1})[0].text(0), "x!");
}

TEST_P(DatabaseTest, RefusesStatementsThatAreWrong) {
  EXPECT_EQ(transact("insert into nowhere values (1)").error().code, Errc::internal);
  EXPECT_EQ(transact("insert into t (id) values ($1)").error().code, Errc::internal);
  EXPECT_EQ(transact("insert into t (id) values (?)", {1}).error().code, Errc::internal);
  EXPECT_EQ(transact("insert into t (id) values ($2)", {1}).error().code, Errc::internal);
  EXPECT_EQ(transact("delete from t; delete from t").error().code, Errc::internal);
  EXPECT_EQ(transact("").error().code, Errc::internal);
}

TEST_P(DatabaseTest, TakesBackAllOfAFailedTransaction) {
  auto failed = database_->transact([](Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("insert into t (id) values (1)"));
    return fail(Errc::denied, "changed my mind");
  });
  EXPECT_EQ(failed.error().code, Errc::denied);
  EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseTest, CallsABrokenConstraintAConflict) {
  run("insert into t (id, name) values (1, 'x')");
  EXPECT_EQ(transact("insert into t (id, name) values (2, 'x')").error().code, Errc::conflict);
}

TEST_P(DatabaseTest, TurnsWhatWorkThrowsIntoAnError) {
  auto thrown = database_->transact([](Transaction&) -> Result<> { throw std::bad_alloc(); });
  EXPECT_EQ(thrown.error().code, Errc::internal);
  run("insert into t (id) values (1)");
}

TEST_P(DatabaseTest, RefusesTransactionsInsideTransactions) {
  auto nested = [&](Transaction&) -> Result<> {
    auto nothing = [](Transaction&) -> Result<> { return {}; };
    EXPECT_EQ(database_->transact(nothing).error().code, Errc::internal);
    EXPECT_EQ(database_->read(nothing).error().code, Errc::internal);
    return {};
  };
  EXPECT_TRUE(database_->transact(nested));
  EXPECT_TRUE(database_->read(nested));
}

TEST_P(DatabaseTest, KeepsAReadFromWriting) {
  auto written = database_->read([](Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("insert into t (id) values (1)"));
    return {};
  });
  EXPECT_EQ(written.error().code, Errc::internal);
  EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseTest, SurvivesWorkThatEndsItsTransaction) {
  EXPECT_FALSE(transact("commit"));
  EXPECT_FALSE(transact("rollback"));
  run("insert into t (id) values (1)");
  EXPECT_EQ(count(), 1);
}

TEST_P(DatabaseTest, RunsWhatWasAskedForAfterTheCommitOnly) {
  int committed = 0, failed = 0;
  EXPECT_TRUE(database_->transact([&](Transaction& tx) -> Result<> {
    tx.after_commit([&] { ++committed; });
    EXPECT_EQ(committed, 0);
    return {};
  }));
  EXPECT_FALSE(database_->transact([&](Transaction& tx) -> Result<> {
    tx.after_commit([&] { ++failed; });
    return fail(Errc::invalid, "no");
  }));
  EXPECT_EQ(committed, 1);
  EXPECT_EQ(failed, 0);
}

// The writer is held up while a whole group gathers; then two in three fail, by their work, a statement or a demand,
// and only those.
TEST_P(DatabaseTest, FailsInAGroupOnlyThoseThatFail) {
  constexpr int callers = 30, taken = 1000;
  ASSERT_TRUE(database_->transact([](Transaction& tx) { return tx.send("insert into t (id) values ($1)", {taken}); }));
  std::latch held(1);
  std::jthread holder([&] {
    EXPECT_TRUE(database_->transact([&](Transaction&) -> Result<> {
      held.wait();
      return {};
    }));
  });
  std::atomic<int> succeeded = 0, denied = 0, conflicts = 0, told = 0;
  std::vector<std::jthread> threads;
  for (int id = 1; id <= callers; ++id)
    threads.emplace_back([&, id] {
      auto work = [&, id](Transaction& tx) -> Result<> {
        CHECK_OK(tx.send("insert into t (id) values ($1)", {id % 6 == 1 ? taken : id}));
        if (id % 6 == 4) CHECK_OK(tx.demand("select 1 from t where id = -1", {}, {.code = Errc::conflict}));
        tx.after_commit([&] { ++told; });
        if (id % 3 == 0) return fail(Errc::denied, "one in three");
        return {};
      };
      auto done = database_->transact(work, id <= callers / 2 ? Runs::once : Runs::repeatably);
      ++(done ? succeeded : done.error().code == Errc::denied ? denied : conflicts);
    });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  held.count_down();
  threads.clear();
  EXPECT_EQ(succeeded, callers / 3);
  EXPECT_EQ(denied, callers / 3);
  EXPECT_EQ(conflicts, callers / 3);
  EXPECT_EQ(told, callers / 3);
  EXPECT_EQ(count(), callers / 3 + 1);
}

TEST_P(DatabaseTest, TellsWhatADemandIsToldAs) {
  auto demand = [&](int id) {
    return database_->transact([&](Transaction& tx) -> Result<> {
      CHECK_OK(tx.demand("select 1 from t where id = $1", {id}, {.code = Errc::not_found, .message = "no such row"}));
      return tx.send("insert into t (id) values ($1)", {id + 1});
    });
  };
  ASSERT_TRUE(database_->transact([](Transaction& tx) { return tx.send("insert into t (id) values (1)"); }));
  EXPECT_TRUE(demand(1));
  EXPECT_EQ(demand(7).error().message, "no such row");
  EXPECT_EQ(count(), 2);
}

TEST_P(DatabaseTest, ReadsWhatWasWrittenBefore) {
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        int id = thread * 1000 + i;
        run("insert into t (id) values ($1)", {id});
        EXPECT_EQ(query("select id from t where id = $1", {id}).size(), 1u);
      }
    });
  threads.clear();
  EXPECT_EQ(count(), 400);
}

TEST_P(DatabaseTest, ShowsAReaderOneSnapshot) {
  run("insert into t (id) values (1)");
  if (GetParam() == Kind::memory) return;  // in memory, the writer waits for the reader
  EXPECT_TRUE(database_->read([&](Transaction& tx) -> Result<> {
    auto before = TRY(tx.query("select count(*) from t"));
    std::jthread([&] { run("insert into t (id) values (2)"); }).join();
    auto after = TRY(tx.query("select count(*) from t"));
    EXPECT_EQ(before[0].integer(0), after[0].integer(0));
    return {};
  }));
  EXPECT_EQ(count(), 2);
}

TEST_P(DatabaseTest, FindsASoundFileSound) {
  EXPECT_TRUE(database_->check());
}

class DatabaseFile : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string path_ = (directory_.path() / "test.db").string();
};

TEST_F(DatabaseFile, IsReadableByItsOwnerOnly) {
  auto database = open(path_);
  for (auto suffix : {"", "-wal"}) {
    struct stat status{};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(DatabaseFile, MustHaveAFolder) {
  auto database = Database::open({.path = "/nonexistent/folder/test.db"});
  EXPECT_EQ(database.error().code, Errc::not_found);
}

TEST_F(DatabaseFile, MustBeADatabase) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_EQ(Database::open({.path = path_}).error().code, Errc::corrupt);
}

TEST_F(DatabaseFile, MustBeOurs) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "create table bookmarks (url text)", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  auto database = Database::open({.path = path_});
  EXPECT_EQ(database.error().code, Errc::invalid);
  EXPECT_THAT(database.error().message, HasSubstr("another application"));
}

TEST_F(DatabaseFile, IsLeftWholeInOnePieceWhenClosed) {
  open(path_)
      ->transact([](Transaction& tx) { return tx.script("create table t (id integer)"); })
      .value();
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(DatabaseFile, KeepsItsLogShort) {
  auto database = open(path_);
  EXPECT_TRUE(
      database->transact([](Transaction& tx) { return tx.script("create table t (data text)"); }));
  const std::string page(4000, 'x');
  for (int i = 0; i < 400; ++i)
    EXPECT_TRUE(database->transact([&](Transaction& tx) -> Result<> {
      for (int row = 0; row < 20; ++row)
        CHECK_OK(tx.execute("insert into t (data) values ($1)", {page}));
      return {};
    }));
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 16u << 20);
  EXPECT_GT(std::filesystem::file_size(path_), 24u << 20);
}

TEST_F(DatabaseFile, HasNoMoreReadsUnderWayThanReaders) {
  constexpr int readers = 2, threads_count = 6;
  auto database = Database::open({.path = path_, .readers = readers}).value();
  std::atomic<int> under_way = 0, most = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < threads_count; ++i)
      threads.emplace_back([&] {
        EXPECT_TRUE(database->read([&](Transaction&) -> Result<> {
          int now = ++under_way;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::sleep_for(milliseconds(20));
          --under_way;
          return {};
        }));
      });
  }
  EXPECT_EQ(most, readers);
}

TEST_F(DatabaseFile, WaitsForAnotherProcessThatWrites) {
  auto first = open(path_), second = open(path_);
  EXPECT_TRUE(
      first->transact([](Transaction& tx) { return tx.script("create table t (id integer)"); }));
  std::vector<std::jthread> threads;
  for (auto* database : {first.get(), second.get()})
    threads.emplace_back([database] {
      for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(database->transact([](Transaction& tx) -> Result<> {
          CHECK_OK(tx.execute("insert into t (id) values (1)"));
          return {};
        }));
    });
  threads.clear();
  EXPECT_TRUE(first->read([](Transaction& tx) -> Result<> {
    auto rows = TRY(tx.query("select count(*) from t"));
    EXPECT_EQ(rows[0].integer(0), 100);
    return {};
  }));
}

}  // namespace
}  // namespace aright::store
