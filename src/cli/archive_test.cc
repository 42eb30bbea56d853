#include "cli/archive.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace aright::cli {
namespace {

struct ArchiveTest : testing::Test {
  TemporaryDirectory from, to;
  std::filesystem::path file = from.path() / "backup";

  void make(const std::vector<std::pair<std::string, std::string>>& files) {
    std::vector<Archived> what;
    for (const auto& [name, bytes] : files) {
      ASSERT_TRUE(write_file(from.path() / name, bytes));
      what.push_back({name, from.path() / name});
    }
    ASSERT_TRUE(write_archive(file, what));
  }
  std::string read(const std::string& name) { return read_file(to.path() / name).value_or("nothing"); }
};

TEST_F(ArchiveTest, GivesBackWhatWasPutIn) {
  std::string block(512, 'x');
  make({{"a", "one"}, {"b", block}, {"c", ""}});
  auto names = read_archive(file, to.path(), {"a", "b", "c"});
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_EQ(*names, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(read("a"), "one");
  EXPECT_EQ(read("b"), block);
  EXPECT_EQ(read("c"), "");
}

TEST_F(ArchiveTest, IsForItsOwnerOnly) {
  make({{"a", "secret"}});
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ArchiveTest, TakesNoNameThatNobodyAskedFor) {
  make({{"a", "one"}, {"b", "two"}});
  EXPECT_FALSE(read_archive(file, to.path(), {"a"}));
  EXPECT_EQ(read("b"), "nothing");
}

TEST_F(ArchiveTest, NoticesDamageAndWhatIsMissing) {
  make({{"a", std::string(2000, 'x')}});
  auto whole = *read_file(file);
  for (auto size : {std::size_t{100}, std::size_t{600}, std::size_t{2500}, std::size_t{2600}, std::size_t{0}}) {
    ASSERT_TRUE(write_file(file, whole.substr(0, size)));
    auto read = read_archive(file, to.path(), {"a"});
    ASSERT_FALSE(read) << size;
    EXPECT_NE(read.error().message.find(fmt::format("it is cut off after {} bytes", size)), std::string::npos) << size;
  }
  auto changed = whole;
  changed[0] = 'b';  // the name, and so the sum
  ASSERT_TRUE(write_file(file, changed));
  EXPECT_FALSE(read_archive(file, to.path(), {"a", "b"}));
  EXPECT_EQ(read_archive(from.path() / "none", to.path(), {"a"}).error().code, Errc::not_found);
}

}  // namespace
}  // namespace aright::cli
