// What the store keeps, and what it says, when its disk fails.

#include <gmock/gmock.h>

#include <set>

#include "base/file.h"
#include "store/database.h"
#include "store/faulty_disk.h"
#include "store/sqlite.h"

namespace aright::store {
namespace {

class DurabilityTest : public testing::Test {
 protected:
  static Result<> insert(Database& database, int id) {
    static const std::string filler(3000, 'x');
    return database.transact([&](Transaction& tx) -> Result<> {
      CHECK_OK(tx.execute("create table if not exists t (id integer primary key, filler text)"));
      CHECK_OK(tx.execute("insert into t (id, filler) values ($1, $2)", {id, filler}));
      return {};
    });
  }

  // With checkpoints so frequent that a few writes run into some.
  Result<std::unique_ptr<Database>> open() {
    return Database::open(sqlite_engine({.path = path_, .wal_pages = 10}));
  }

  // Opens the file and writes 1, 2, 3 … until something fails or all are written. Which were
  // acknowledged?
  std::set<int> write(int count) {
    std::set<int> acknowledged;
    auto database = open();
    if (!database) return acknowledged;
    for (int id = 1; id <= count; ++id)
      if (insert(**database, id)) acknowledged.insert(id);
    return acknowledged;
  }

  std::set<int> stored() {
    std::set<int> ids;
    auto database = Database::open({.path = path_});
    EXPECT_TRUE(database) << database.error().text();
    EXPECT_TRUE((*database)->check());
    // Before the first insert there is no table.
    auto done = (*database)->read([&](Transaction& tx) -> Result<> {
      auto rows = TRY(tx.query("select id from t"));
      for (const auto& row : rows)
        ids.insert(static_cast<int>(row.integer(0)));
      return {};
    });
    return ids;
  }

  void start_anew() {
    for (auto suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(path_ + suffix);
  }

  TemporaryDirectory directory_;
  std::string path_ = (directory_.path() / "test.db").string();
};

bool holds(const std::set<int>& all, const std::set<int>& some) {
  return std::ranges::includes(all, some);
}

TEST_F(DurabilityTest, KeepsWhatItAcknowledgedThroughAnyPowerCut) {
  constexpr int writes = 12;
  std::uint64_t operations = 0;
  {
    FaultyDisk disk;
    write(writes);
    operations = disk.operations();
  }
  ASSERT_GT(operations, 20u);
  Random random(1);
  for (std::uint64_t nth = 1; nth <= operations; ++nth) {
    for (int variant = 0; variant < 3; ++variant) {
      start_anew();
      std::set<int> acknowledged;
      {
        FaultyDisk disk;
        disk.fail_at(nth, FaultyDisk::Fault::power_cut);
        acknowledged = write(writes);
        disk.restart(random);
      }
      ASSERT_TRUE(holds(stored(), acknowledged)) << "power cut at operation " << nth;
    }
  }
}

// Whoever opens the file beside us and closes it again must see that we are there, and leave the log.
TEST_F(DurabilityTest, KeepsItsLogWhenAnotherProcessLooksAtTheFile) {
  auto database = Database::open({.path = path_});
  ASSERT_TRUE(database) << database.error().text();
  ASSERT_TRUE(insert(**database, 1));
  ASSERT_TRUE((*database)->read([](Transaction& tx) -> Result<> {
    CHECK_OK(tx.query("select id from t"));
    return {};
  }));
  auto look = fmt::format("/usr/bin/python3 -c \"import sqlite3; c = sqlite3.connect('{}'); "
                          "c.execute('select count(*) from t').fetchall(); c.close()\"", path_);
  ASSERT_EQ(std::system(look.c_str()), 0);
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  ASSERT_TRUE(insert(**database, 2));
  EXPECT_EQ(stored(), (std::set<int>{1, 2}));
}

TEST_F(DurabilityTest, AcknowledgesNothingAfterAnyFailedOperation) {
  constexpr int writes = 12;
  std::uint64_t operations = 0;
  {
    FaultyDisk disk;
    write(writes);
    operations = disk.operations();
  }
  for (std::uint64_t nth = 1; nth <= operations; ++nth) {
    start_anew();
    FaultyDisk disk;
    disk.fail_at(nth, FaultyDisk::Fault::io_error);
    auto acknowledged = write(writes);
    // An unbroken beginning: after the first that failed, none.
    for (int id = 1; id <= static_cast<int>(acknowledged.size()); ++id)
      ASSERT_TRUE(acknowledged.contains(id)) << "error at operation " << nth;
    disk.heal();
    ASSERT_TRUE(holds(stored(), acknowledged)) << "error at operation " << nth;
  }
}

TEST_F(DurabilityTest, SaysThatTheDiskFailed) {
  FaultyDisk disk;
  auto database = Database::open({.path = path_}).value();
  ASSERT_TRUE(insert(*database, 1));
  disk.fail_at(1, FaultyDisk::Fault::io_error);
  auto failed = insert(*database, 2);
  ASSERT_FALSE(failed);
  auto later = insert(*database, 3);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, Errc::unavailable);
  EXPECT_EQ(later.error().number, "AR-0031");
  EXPECT_EQ(later.error().retry, Retry::later);
  database.reset();
  database = Database::open({.path = path_}).value();
  EXPECT_TRUE(insert(*database, 3));
}

TEST_F(DurabilityTest, LeavesTheOutcomeOpenWhenASyncFails) {
  FaultyDisk disk;
  auto database = Database::open({.path = path_}).value();
  ASSERT_TRUE(insert(*database, 1));
  disk.fail_at(1, FaultyDisk::Fault::sync_error);
  auto failed = insert(*database, 2);
  ASSERT_TRUE(disk.struck());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().retry, Retry::unknown_outcome);
  EXPECT_EQ(failed.error().number, "AR-0031");
}

TEST_F(DurabilityTest, GoesOnWhenAFullDiskHasSpaceAgain) {
  FaultyDisk disk;
  auto database = Database::open({.path = path_}).value();
  ASSERT_TRUE(insert(*database, 1));
  disk.fail_at(1, FaultyDisk::Fault::full);
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto full = insert(*database, 2);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, Errc::unavailable);
    EXPECT_EQ(full.error().retry, Retry::later);
  }
  disk.heal();
  EXPECT_TRUE(insert(*database, 2));
  database.reset();
  EXPECT_EQ(stored(), (std::set{1, 2}));
}

}  // namespace
}  // namespace aright::store
