#include "base/known.h"

#include <gtest/gtest.h>

namespace aright {
namespace {

TEST(Known, GuessesWhatWasMeant) {
  const std::vector<std::string> known{"findings", "fix", "plan", "rollback"};
  EXPECT_EQ(nearest("finding", known), "findings");
  EXPECT_EQ(nearest("rolback", known), "rollback");
  EXPECT_EQ(nearest("paln", known), "plan");
  EXPECT_EQ(nearest("frobnicate", known), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'f'), known), "");
}

TEST(Known, NamesTheWordsThatThereAre) {
  EXPECT_EQ(unknown_word("a severity", "hihg", {"low", "high"}),
            "'hihg' is not a severity; write one of low, high; did you mean 'high'?");
  EXPECT_EQ(unknown_word("a severity", "", {"low", "high"}), "'' is not a severity; write one of low, high");
  const std::vector<std::string> many(known_shown_max + 1, "restricted-ssh");
  EXPECT_EQ(unknown_word("a control", "restricted-sh", many),
            "'restricted-sh' is not a control; did you mean 'restricted-ssh'?");
}

TEST(Known, TellsIdsFromOtherTexts) {
  EXPECT_TRUE(has_id_form("fnd_01J0000000000000000000ZZZZ", "fnd_"));
  EXPECT_TRUE(has_id_form("fnd_00ffee00ffee00ffee00ffee00", "fnd_"));
  for (const char* text : {"", "fnd_", "fnd_1", "rem_01J0000000000000000000ZZZZ", "fnd_01J0000000000000000000ZZZZZ",
                           "fnd_01J0000000000000000000ZZZ/", "fnd_01J0000000000000000000ZZZ\xc3"})
    EXPECT_FALSE(has_id_form(text, "fnd_")) << text;
}

}  // namespace
}  // namespace aright
