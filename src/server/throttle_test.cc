// Guesses at tokens are slowed down, and nobody else is.

#include "server/throttle.h"

#include <gtest/gtest.h>

namespace aright::server {
namespace {

class AThrottle : public ::testing::Test {
 protected:
  void guess(const std::string& source, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) throttle.heard(source, "guess " + std::to_string(next++), false);
  }
  VirtualClock clock;
  Throttle throttle{clock};
  int next = 0;
};

TEST_F(AThrottle, MakesASourceWaitThatGuesses) {
  guess("192.0.2.1", wrong_tokens_max - 1);
  EXPECT_FALSE(throttle.wait("192.0.2.1", "another"));
  guess("192.0.2.1", 1);
  EXPECT_EQ(throttle.wait("192.0.2.1", "another"), milliseconds(wrong_tokens_window));
  EXPECT_FALSE(throttle.wait("192.0.2.2", "another")) << "another source is heard";
  clock.advance(wrong_tokens_window);
  EXPECT_FALSE(throttle.wait("192.0.2.1", "another")) << "and this one again, after a while";
}

TEST_F(AThrottle, CountsTheSameWrongTokenOnce) {
  for (int i = 0; i < 100; ++i) throttle.heard("192.0.2.1", "of yesterday", false);
  EXPECT_FALSE(throttle.wait("192.0.2.1", "another"));
}

TEST_F(AThrottle, LetsWhoIsInGoOn) {
  throttle.heard("192.0.2.1", "good", true);
  guess("192.0.2.1", wrong_tokens_max);
  EXPECT_FALSE(throttle.wait("192.0.2.1", "good"));
  EXPECT_TRUE(throttle.wait("192.0.2.1", "good as well, but not seen from there"));
}

TEST_F(AThrottle, RemembersNoMoreSourcesThanItMay) {
  guess("192.0.2.1", wrong_tokens_max);
  for (std::size_t i = 0; i < sources_max; ++i) throttle.heard("source " + std::to_string(i), "x", false);
  EXPECT_FALSE(throttle.wait("192.0.2.1", "another")) << "it was forgotten";
}

}  // namespace
}  // namespace aright::server
