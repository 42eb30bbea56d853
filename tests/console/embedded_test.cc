#include <gtest/gtest.h>

#include "base/embedded.h"

ARIGHT_EMBEDDED(console_index_html)
ARIGHT_EMBEDDED(console_app_js)
ARIGHT_EMBEDDED(console_app_css)
ARIGHT_EMBEDDED(console_icon_svg)

TEST(Console, IsCarriedByTheBinary) {
  EXPECT_TRUE(embedded_console_index_html().starts_with("<!doctype html>"));
  EXPECT_NE(embedded_console_app_js().find("/api/v1"), std::string_view::npos);
  EXPECT_NE(embedded_console_app_css().find("light-dark("), std::string_view::npos);
  EXPECT_TRUE(embedded_console_icon_svg().starts_with("<svg"));
}

TEST(Console, RefersToNothingElsewhere) {
  for (auto file : {embedded_console_index_html(), embedded_console_app_css()})
    EXPECT_EQ(file.find("//"), std::string_view::npos);
}
