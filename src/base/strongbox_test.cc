#include "base/strongbox.h"

#include <gmock/gmock.h>

#include "base/file.h"

namespace aright {
namespace {

using ::testing::HasSubstr;

TEST(Strongbox, GivesBackWhatItLocked) {
  auto box = Strongbox::generate();
  const std::string texts[] = {"", "hunter2", std::string(100'000, 'x'), std::string("\0\xff", 2)};
  for (const auto& text : texts) {
    auto locked = box.lock(text);
    EXPECT_EQ(box.unlock(locked).value(), text);
    EXPECT_TRUE(text.empty() || !locked.contains(text));
    EXPECT_EQ(box.lock(text), locked);
  }
}

TEST(Strongbox, RefusesWhatAnotherKeyLockedAndWhatWasChanged) {
  auto box = Strongbox::generate();
  auto locked = box.lock("hunter2");
  EXPECT_FALSE(Strongbox::generate().unlock(locked));
  for (std::size_t at = 0; at < locked.size(); ++at) {
    auto changed = locked;
    changed[at] ^= 1;
    EXPECT_FALSE(box.unlock(changed)) << at;
    EXPECT_FALSE(box.unlock(locked.substr(0, at))) << at;
  }
}

TEST(Strongbox, ItsDigestsSayNothingWithoutTheKey) {
  auto box = Strongbox::generate();
  EXPECT_EQ(box.digest("hunter2"), box.digest("hunter2"));
  EXPECT_NE(box.digest("hunter2"), box.digest("hunter3"));
  EXPECT_NE(box.digest("hunter2"), Strongbox::generate().digest("hunter2"));
}

TEST(AKeyInAFile, IsMadeOnceAndKept) {
  TemporaryDirectory directory;
  auto file = directory.path() / "secrets.key";
  auto locked = Strongbox::in(file)->lock("hunter2");
  EXPECT_EQ(Strongbox::in(file)->unlock(locked).value(), "hunter2");
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(write_file(file, "no key\n"));
  EXPECT_THAT(Strongbox::in(file).error().message, HasSubstr("remove it"));
}

}  // namespace
}  // namespace aright
