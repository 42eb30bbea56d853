#include "store/migrate.h"

#include <gmock/gmock.h>

#include "base/file.h"

namespace aright::store {
namespace {

using testing::HasSubstr;

constexpr Step first{
    .number = 1,
    .name = "one",
    .sql = "create table one (id @key, data @bytes); insert into one values (1, null)"};
constexpr Step second{.number = 2, .name = "two", .sql = "create table two (id @key)"};
constexpr Step broken{
    .number = 2, .name = "broken", .sql = "create table three (id @key); create nonsense"};

class MigrateTest : public testing::Test {
 protected:
  Result<> migrate(std::vector<Step> steps) { return store::migrate(*database_, "test", steps); }
  bool has(std::string_view table) {
    bool found = false;
    EXPECT_TRUE(database_->read([&](Transaction& tx) -> Result<> {
      auto rows = TRY(tx.query("select 1 from sqlite_master where name = $1", {table}));
      found = !rows.empty();
      return {};
    }));
    return found;
  }

  std::unique_ptr<Database> database_ = Database::open(Database::Options{}).value();
};

TEST_F(MigrateTest, RunsEachStepOnce) {
  EXPECT_TRUE(migrate({first}));
  EXPECT_TRUE(migrate({first, second}));
  EXPECT_TRUE(migrate({first, second}));
  EXPECT_TRUE(has("one"));
  EXPECT_TRUE(has("two"));
}

TEST_F(MigrateTest, RunsAllStepsOrNone) {
  auto failed = migrate({first, broken});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("test, step 2 (broken)"));
  EXPECT_FALSE(has("one"));
  EXPECT_FALSE(has("three"));
}

TEST_F(MigrateTest, KeepsModulesApart) {
  EXPECT_TRUE(migrate({first}));
  EXPECT_TRUE(store::migrate(*database_, "other",
                             std::vector<Step>{{.number = 1, .name = "x", .sql = second.sql}}));
  EXPECT_TRUE(has("two"));
}

TEST_F(MigrateTest, RefusesAFileOfANewerVersion) {
  EXPECT_TRUE(migrate({first, second}));
  auto older = migrate({first});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::unsupported);
  EXPECT_THAT(older.error().message, HasSubstr("a newer version"));
}

TEST_F(MigrateTest, RefusesAFileWithAnotherHistory) {
  EXPECT_TRUE(migrate({first}));
  EXPECT_EQ(migrate({{.number = 1, .name = "another", .sql = ""}}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace aright::store
