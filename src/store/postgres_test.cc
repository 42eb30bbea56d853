#include "store/postgres.h"

#include <gmock/gmock.h>

#include <latch>
#include <thread>

#include "store/database.h"
#include "store/migrate.h"
#include "store/private_postgres.h"

namespace aright::store {
namespace {

using testing::HasSubstr;

constexpr int bell_looks_max = 3000;  // 10 ms apart

class OnPostgres : public testing::Test {
 protected:
  static std::unique_ptr<Database> open(PostgresOptions options) {
    auto database = Database::open(postgres_engine(std::move(options)));
    EXPECT_TRUE(database) << database.error().text();
    return database ? std::move(*database) : nullptr;
  }
  PostgresOptions options() const { return {.url = server_.url(), .schema = schema_}; }
  static Result<> insert(Database& database, int id) {
    return database.transact([&](Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute("insert into t (id) values ($1)", {id}));
      return {};
    });
  }
  static std::int64_t count(Database& database) {
    std::int64_t out = -1;
    auto done = database.read([&](Transaction& tx) -> Result<> {
      out = TRY(tx.query("select count(*) from t"))[0].integer(0);
      return {};
    });
    EXPECT_TRUE(done) << done.error().text();
    return out;
  }
  // Ends every connection but the asking one's, as a server that restarts does.
  void cut_all() {
    auto other = server_.engine("public")->connect(Access::write);
    ASSERT_TRUE(other);
    ASSERT_TRUE((*other)->query("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                                " and datname = current_database()", {}));
  }

  PrivatePostgres& server_ = PrivatePostgres::shared();
  std::string schema_ = "p" + std::to_string(++tests_);
  std::unique_ptr<Database> database_ = open(options());
  static inline int tests_ = 0;
};

TEST_F(OnPostgres, KeepsNoChangeWhileItIsReadOnly) {
  const Step step{.number = 1, .name = "one", .sql = "create table one (id @key)"};
  ASSERT_TRUE(migrate(*database_, "test", std::span(&step, 1)));
  EXPECT_TRUE(try_change(*database_));
  ASSERT_TRUE(database_->transact(
      [](Transaction& tx) { return tx.script("set session characteristics as transaction read only"); }));
  auto refused = try_change(*database_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("read-only"));
}

struct OnPostgresWithATable : OnPostgres {
  OnPostgresWithATable() {
    auto make = [](Transaction& tx) { return tx.script("create table t (id bigint primary key)"); };
    EXPECT_TRUE(database_->transact(make));
  }
};

TEST_F(OnPostgresWithATable, WritersOfTwoProcessesGoOneAfterTheOther) {
  auto second = open(options());
  std::vector<std::jthread> threads;
  for (auto* database : {database_.get(), second.get()})
    threads.emplace_back([database] {
      for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(database->transact([](Transaction& tx) -> Result<> {
          auto last = TRY(tx.query("select coalesce(max(id), 0) from t"))[0].integer(0);
          CHECK_OK(tx.execute("insert into t (id) values ($1)", {last + 1}));
          return {};
        }));
    });
  threads.clear();
  EXPECT_EQ(count(*database_), 100);
}

TEST_F(OnPostgresWithATable, AConnectionThatBrokeIsMadeAnew) {
  EXPECT_TRUE(insert(*database_, 1));
  EXPECT_EQ(count(*database_), 1);
  cut_all();
  EXPECT_TRUE(insert(*database_, 2));
  EXPECT_EQ(count(*database_), 2);
}

TEST_F(OnPostgresWithATable, ACommitWithoutAnAnswerSaysThatItsOutcomeIsUnknown) {
  auto done = database_->transact([&](Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("insert into t (id) values (1)"));
    cut_all();
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::unavailable);
  EXPECT_TRUE(insert(*database_, 1)) << "the server took it back";
}

TEST_F(OnPostgresWithATable, AWriterThatStandsStillIsFenced) {
  auto impatient = options();
  impatient.idle_limit = milliseconds(200);
  auto zombie = open(impatient);
  std::latch inside(1);
  std::jthread stands([&] {
    auto done = zombie->transact([&](Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute("insert into t (id) values (1)"));
      inside.count_down();
      std::this_thread::sleep_for(milliseconds(1'500));
      CHECK_OK(tx.execute("insert into t (id) values (2)"));
      return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::unavailable);
  });
  inside.wait();
  EXPECT_TRUE(insert(*database_, 3)) << "its lock went with it";
  stands.join();
  EXPECT_EQ(count(*database_), 1);
  EXPECT_TRUE(insert(*zombie, 4)) << "and it may come back";
}

TEST_F(OnPostgresWithATable, WhoeverWaitsTooLongForOtherWritersSaysSo) {
  auto impatient = options();
  impatient.busy_timeout = milliseconds(100);
  auto second = open(impatient);
  EXPECT_TRUE(database_->transact([&](Transaction&) -> Result<> {
    auto refused = insert(*second, 1);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_EQ(refused.error().retry, Retry::later);
    return {};
  }));
}

TEST_F(OnPostgresWithATable, ReadsSumsAndTruthsAsNumbers) {
  EXPECT_TRUE(insert(*database_, 40'000));
  EXPECT_TRUE(insert(*database_, -123'456'789));
  EXPECT_TRUE(database_->read([](Transaction& tx) -> Result<> {
    auto row = TRY(tx.query("select sum(id), count(*) = 2, min(id), sum(id) filter (where id > 0) from t"))[0];
    EXPECT_EQ(row.integer(0), 40'000 - 123'456'789);
    EXPECT_EQ(row.integer(1), 1);
    EXPECT_EQ(row.integer(2), -123'456'789);
    EXPECT_EQ(row.integer(3), 40'000);
    return {};
  }));
}

TEST_F(OnPostgres, RefusesATextWithAZeroByte) {
  auto done = database_->transact([](Transaction& tx) -> Result<> {
    CHECK_OK(tx.query("select $1", {std::string_view("a\0b", 3)}));
    return {};
  });
  EXPECT_EQ(done.error().code, Errc::invalid);
}

TEST_F(OnPostgres, RefusesADatabaseThatSortsOtherwise) {
  auto maker = server_.engine("public")->connect(Access::write).value();
  ASSERT_TRUE(maker->script("create database odd template template0 lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"));
  auto url = server_.url();
  url.replace(url.find("/postgres?"), 10, "/odd?");
  auto refused = Database::open(postgres_engine({.url = url}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("createdb --template=template0 --locale=C"));
}

// Of the connections that write, and of those that read.
std::string limits_of(Database& database) {
  std::string out;
  auto look = [&](Transaction& tx) -> Result<> {
    for (const char* name : {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"})
      out += TRY(tx.query(fmt::format("select current_setting('{}')", name)))[0].text(0) + " ";
    return {};
  };
  EXPECT_TRUE(database.transact(look));
  EXPECT_TRUE(database.read(look));
  return out;
}

TEST_F(OnPostgres, HasLimitsUnlessTheUrlSaysOthers) {
  EXPECT_EQ(limits_of(*database_), "1min 20s 5s 1min 20s 1min ");
  auto said = options();
  said.url += "&options=-c%20statement_timeout%3D7s%20-c%20lock_timeout%3D3s";
  auto other = open(said);
  EXPECT_EQ(limits_of(*other), "7s 3s 5s 7s 3s 1min ");
  cut_all();
  EXPECT_EQ(limits_of(*other), "7s 3s 5s 7s 3s 1min ") << "a connection that is made anew has them as well";
}

TEST_F(OnPostgres, SaysWhereNoServerIs) {
  auto refused = Database::open(postgres_engine({.url = "postgresql:///x?host=/nowhere"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("/nowhere"));
}

TEST_F(OnPostgres, ABellIsHeardByOthersAndNotByWhoRings) {
  std::atomic<int> near = 0, far = 0;
  auto mine = database_->bell([&] { ++near; });
  auto other = open(options());
  auto theirs = other->bell([&] { ++far; });
  auto until = [](const auto& done) {
    for (int look = 0; look < bell_looks_max && !done(); ++look) std::this_thread::sleep_for(milliseconds(10));
    return done();
  };
  ASSERT_TRUE(until([&] { return near > 0 && far > 0; })) << "each is called once when it listens";
  const int before = far, own = near;
  mine->ring();
  EXPECT_TRUE(until([&] { return far > before; }));
  EXPECT_EQ(near, own);
  cut_all();
  ASSERT_TRUE(until([&] { return far > before + 1 && near > own; })) << "and once more when it listens again";
  const int again = far;
  EXPECT_TRUE(until([&] {
    mine->ring();  // until their connection is there as well
    return far > again;
  }));
}

TEST_F(OnPostgres, OtherSchemasHaveBellsOfTheirOwn) {
  std::atomic<int> heard = 0;
  auto elsewhere = open({.url = server_.url(), .schema = schema_ + "x"})->bell([&] { ++heard; });
  auto mine = database_->bell([] {});
  for (int look = 0; look < bell_looks_max && heard == 0; ++look) std::this_thread::sleep_for(milliseconds(10));
  mine->ring();
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace aright::store
