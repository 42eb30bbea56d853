#include <gtest/gtest.h>

#include "guard/guard.h"

namespace aright::guard {
TEST(Guard, Smoke) {
  auto rules = parse_rules("rule a { Resources.x == 1 }", "a.guard");
  ASSERT_TRUE(rules) << rules.error().text();
}
}  // namespace aright::guard
