#include "aws/select.h"

#include <gtest/gtest.h>

namespace aright::aws {
namespace {

std::string found(std::string_view document, std::string_view expression) {
  auto value = select(*json::parse(document), expression);
  return value ? json::print(*value) : value.error().text();
}

TEST(Select, ReadsPageTokens) {
  EXPECT_EQ(found(R"({"NextToken":"t"})", "NextToken"), R"("t")");
  EXPECT_EQ(found(R"({"A":{"NextMarker":"t"}})", "A.NextMarker"), R"("t")");
  auto listing = R"({"Contents":[{"Key":"a"},{"Key":"b"}]})";
  EXPECT_EQ(found(listing, "NextMarker || Contents[-1].Key"), R"("b")");
  EXPECT_EQ(found(R"({"Contents":[]})", "NextMarker || Contents[-1].Key"), "null");
}

TEST(Select, ReadsWhatWaitersLookAt) {
  auto document = R"({"Reservations":[{"Instances":[{"State":{"Name":"running"}}]},
                      {"Instances":[{"State":{"Name":"pending"}},{"State":{}}]}]})";
  EXPECT_EQ(found(document, "Reservations[].Instances[].State.Name"), R"(["running","pending"])");
  EXPECT_EQ(found(document, "Images[].State"), "null");
  EXPECT_EQ(found(R"({"S":[{"a":1},{"a":2}]})", "S[*].a"), "[1,2]");
}

TEST(Select, SaysWhatItCannotRead) {
  for (auto expression : {"length(A) > `0`", "A[?b=='c']", "A.", "A ||", "", "A[", "{a: b}"}) {
    EXPECT_FALSE(select(json::Object{{"A", json::Array{1}}}, expression)) << expression;
  }
}

}  // namespace
}  // namespace aright::aws
