#include "telemetry/log.h"

#include <gtest/gtest.h>

namespace aright::telemetry {
namespace {

struct LogTest : testing::Test {
  VirtualClock clock{{1'700'000'000'123}};
  std::string said;
  Log log(Log::Format format, Level least = Level::debug) {
    return {format, least, clock, [this](std::string_view line) { said += line; }};
  }
};

TEST_F(LogTest, ALineForPeople) {
  log(Log::Format::text).write(Level::warn, "engine", "it failed", {{"remediation", "rem_1"}, {"tries", 3}});
  EXPECT_EQ(said, "2023-11-14T22:13:20.123Z warn  engine: it failed remediation=rem_1 tries=3\n");
}

TEST_F(LogTest, ALineForPrograms) {
  log(Log::Format::json).write(Level::info, "story", "said \"no\"\nand left", {{"trace_id", "ab"}});
  auto line = json::parse(said);
  ASSERT_TRUE(line);
  EXPECT_EQ(json::text(*line, "message", ""), "said \"no\"\nand left");
  EXPECT_EQ(json::text(*line, "level", ""), "info");
  EXPECT_EQ(json::text(*line, "module", ""), "story");
  EXPECT_EQ(json::text(*line, "trace_id", ""), "ab");
  EXPECT_EQ(json::text(*line, "time", ""), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(std::ranges::count(said, '\n'), 1);
}

TEST_F(LogTest, NoTextOfOthersMakesALineOfItsOwn) {
  log(Log::Format::text).write(Level::info, "story", "a\n2023 error engine: forged\x1b[2J", {{"name", "b\nc"}});
  EXPECT_EQ(said, "2023-11-14T22:13:20.123Z info  story: a\\n2023 error engine: forged[2J name=b\\nc\n");
}

TEST_F(LogTest, WhatIsBelowTheLevelIsLeftOut) {
  auto quiet = log(Log::Format::text, Level::error);
  quiet.write(Level::warn, "engine", "not this");
  quiet.write(Level::error, "engine", "but this");
  EXPECT_EQ(said.find("not this"), std::string::npos);
  EXPECT_NE(said.find("but this"), std::string::npos);
}

TEST_F(LogTest, ALevelThatIsNoneIsToldWhichThereAre) {
  EXPECT_EQ(*parse_level("warn"), Level::warn);
  auto wrong = parse_level("warning");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("error"), std::string::npos);
}

}  // namespace
}  // namespace aright::telemetry
