#include "cli/help.h"

#include <gtest/gtest.h>

#include "cli/terminal.h"

namespace aright::cli {
namespace {

TEST(Help, ShowsExamplesInColumns) {
  EXPECT_EQ(examples_of("findings"),
            "Examples:\n  aright findings                             what is open, newest first\n"
            "  aright findings --severity critical --json  for programs");
  EXPECT_EQ(examples_of("unheard"), "");
}

// Standard output is no terminal here: not even our own colours pass.
TEST(Terminal, TakesNoOrdersFromWhatItPrints) {
  EXPECT_EQ(harmless("\033[2J\033]0;title\a name\r\b"), "?[2J?]0;title? name??");
  EXPECT_EQ(harmless("a\tb\nc \xC3\xA4 \xE2\x80\xA6"), "a\tb\nc \xC3\xA4 \xE2\x80\xA6");
  EXPECT_EQ(harmless("\xC2\x9B"
                     "31m\x7f"),
            "?31m?");
  EXPECT_EQ(tone(Tone::bad, "plain"), "plain");
}

}  // namespace
}  // namespace aright::cli
