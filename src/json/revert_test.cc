#include <gtest/gtest.h>

#include <random>

#include "json/diff.h"

namespace aright::json {

namespace {

Merge reverted(std::string_view before, std::string_view applied, std::string_view now) {
  return revert(parse(before).value(), parse(applied).value(), parse(now).value());
}

void expect_merged(const Merge& merge, std::string_view expected) {
  EXPECT_EQ(print(merge.merged), print(parse(expected).value()));
  EXPECT_TRUE(merge.conflicts.empty()) << merge.conflicts.front();
}

void expect_conflict(const Merge& merge, std::string_view kept, std::vector<std::string> pointers) {
  EXPECT_EQ(print(merge.merged), print(parse(kept).value()));
  EXPECT_EQ(merge.conflicts, pointers);
}

}  // namespace

TEST(Revert, BringsBackTheOldWhenNothingElseChanged) {
  expect_merged(reverted(R"({"tokens": "optional"})", R"({"tokens": "required"})",
                         R"({"tokens": "required"})"),
                R"({"tokens": "optional"})");
}

TEST(Revert, KeepsWhatAPersonChangedElsewhere) {
  expect_merged(
      reverted(R"({"tokens": "optional", "hops": 1})", R"({"tokens": "required", "hops": 1})",
               R"({"tokens": "required", "hops": 2, "tags": {"owner": "ann"}})"),
      R"({"tokens": "optional", "hops": 2, "tags": {"owner": "ann"}})");
}

TEST(Revert, RemovesWhatTheStepAdded) {
  expect_merged(reverted(R"({})", R"({"logging": {"bucket": "b"}})",
                         R"({"logging": {"bucket": "b"}, "other": 1})"),
                R"({"other": 1})");
}

TEST(Revert, RestoresWhatTheStepRemoved) {
  expect_merged(reverted(R"({"a": {"x": 1}, "b": 2})", R"({"b": 2})", R"({"b": 3})"),
                R"({"b": 3, "a": {"x": 1}})");
}

TEST(Revert, LeavesWhatIsAlreadyTakenBack) {
  expect_merged(reverted(R"({"a": 1})", R"({"a": 2})", R"({"a": 1, "b": 5})"),
                R"({"a": 1, "b": 5})");
}

TEST(Revert, KeepsNowAndSaysSoWhereAllThreeDiffer) {
  expect_conflict(reverted(R"({"a": {"x": 1, "y": 1}})", R"({"a": {"x": 2, "y": 2}})",
                           R"({"a": {"x": 3, "y": 2}})"),
                  R"({"a": {"x": 3, "y": 1}})", {"/a/x"});
}

TEST(Revert, TakesDeletionOfAChangedMemberForAConflict) {
  expect_conflict(reverted(R"({"a": 1})", R"({"a": 2})", R"({})"), R"({})", {"/a"});
}

TEST(Revert, TakesANewValueInPlaceOfARemovedOneForAConflict) {
  expect_conflict(reverted(R"({"policy": {"v": 1}})", R"({})", R"({"policy": {"w": 2}})"),
                  R"({"policy": {"w": 2}})", {"/policy"});
}

TEST(Revert, KeepsAPersonsPartOfAnObjectThatTheStepCreated) {
  expect_merged(reverted(R"({})", R"({"block": {"acls": true, "policy": true}})",
                         R"({"block": {"acls": true, "policy": true, "extra": 1}})"),
                R"({"block": {"extra": 1}})");
  expect_conflict(reverted(R"({})", R"({"block": {"acls": true, "policy": true}})",
                           R"({"block": {"acls": true, "policy": false}})"),
                  R"({"block": {"policy": false}})", {"/block/policy"});
}

TEST(Revert, DropsACreatedObjectThatAPersonOnlyTrimmed) {
  expect_merged(
      reverted(R"({})", R"({"block": {"a": {"x": 1}, "b": 2}})", R"({"block": {"b": 2}})"),
      R"({})");
}

TEST(Revert, EscapesPointers) {
  expect_conflict(reverted(R"({"a/b": 1})", R"({"a/b": 2})", R"({"a/b": 3})"), R"({"a/b": 3})",
                  {"/a~1b"});
}

TEST(Revert, WorksOnBareValues) {
  expect_merged(reverted("1", "2", "2"), "1");
  expect_conflict(reverted("1", "2", "3"), "3", {""});
  expect_merged(reverted("null", R"({"a": 1})", R"({"a": 1})"), "null");
}

// Ingress rules have no name of their own: they are a set.
TEST(Revert, MergesIngressRulesAsASet) {
  const char* before =
      R"({"rules": [{"port": 22, "cidr": "0.0.0.0/0"}, {"port": 443, "cidr": "0.0.0.0/0"}]})";
  const char* applied = R"({"rules": [{"port": 443, "cidr": "0.0.0.0/0"}]})";
  const char* now =
      R"({"rules": [{"port": 443, "cidr": "0.0.0.0/0"}, {"port": 80, "cidr": "10.0.0.0/8"}]})";
  expect_merged(reverted(before, applied, now),
                R"({"rules": [{"port": 22, "cidr": "0.0.0.0/0"}, {"port": 443, "cidr": "0.0.0.0/0"},
                              {"port": 80, "cidr": "10.0.0.0/8"}]})");
}

TEST(Revert, RemovesFromASetOnlyWhatTheStepAdded) {
  expect_merged(reverted(R"(["a"])", R"(["a", "s"])", R"(["p", "a", "s", "q"])"),
                R"(["p", "a", "q"])");
}

TEST(Revert, LeavesAnElementThatAPersonRemoved) {
  expect_merged(reverted(R"(["a", "b"])", R"(["b"])", R"([])"), R"(["a"])");
  expect_merged(reverted(R"(["a"])", R"(["a", "s"])", R"([])"), R"([])");
}

TEST(Revert, DoesNotRepeatAnElementThatAPersonBroughtBack) {
  expect_merged(reverted(R"(["a", "b"])", R"(["b"])", R"(["b", "c", "a"])"), R"(["b", "c", "a"])");
}

TEST(Revert, PutsElementsBackBehindTheirOldNeighbours) {
  expect_merged(reverted(R"([1, 2, 3, 4])", R"([1, 4])", R"([0, 1, 4, 5])"),
                R"([0, 1, 2, 3, 4, 5])");
  expect_merged(reverted(R"([1, 2])", R"([2])", R"([0, 2])"), R"([1, 0, 2])");
}

TEST(Revert, AcceptsASetThatCameBackInAnotherOrder) {
  expect_merged(reverted(R"([1, 2, 3])", R"([2, 3])", R"([3, 2])"), R"([1, 3, 2])");
}

TEST(Revert, TakesAnOrderThatTheStepChangedForOneValue) {
  expect_conflict(reverted("[1, 2, 3]", "[3, 2, 1]", "[3, 2, 1, 4]"), "[3, 2, 1, 4]", {""});
  expect_merged(reverted("[1, 2, 3]", "[3, 2, 1]", "[3, 2, 1]"), "[1, 2, 3]");
}

TEST(Revert, TakesAnArrayWithDuplicatesForOneValue) {
  expect_conflict(reverted("[1, 1]", "[1]", "[1, 2]"), "[1, 2]", {""});
  expect_conflict(reverted("[1]", "[1, 2]", "[1, 2, 3, 3]"), "[1, 2, 3, 3]", {""});
}

// Bringing the open rule back beside a person's own replacement would widen access behind their
// back.
TEST(Revert, WillNotPutTheOldElementBesideAPersonsReplacement) {
  expect_conflict(reverted(R"(["0.0.0.0/0"])", R"(["10.0.0.0/8"])", R"(["10.1.0.0/16"])"),
                  R"(["10.1.0.0/16"])", {""});
}

TEST(Revert, MergesPolicyStatementsBySid) {
  const char* before = R"([{"Sid": "A", "Principal": "*"}, {"Sid": "B", "Effect": "Deny"}])";
  const char* applied = R"([{"Sid": "A", "Principal": "111"}, {"Sid": "B", "Effect": "Deny"}])";
  const char* now =
      R"([{"Sid": "A", "Principal": "111", "Condition": {}}, {"Sid": "B", "Effect": "Deny"},
                        {"Sid": "C", "Effect": "Allow"}])";
  expect_merged(reverted(before, applied, now),
                R"([{"Sid": "A", "Principal": "*", "Condition": {}}, {"Sid": "B", "Effect": "Deny"},
                    {"Sid": "C", "Effect": "Allow"}])");
}

TEST(Revert, NamesTheStatementOfAConflict) {
  expect_conflict(reverted(R"({"Statement": [{"Sid": "B", "P": 0}, {"Sid": "A", "P": "*"}]})",
                           R"({"Statement": [{"Sid": "B", "P": 0}, {"Sid": "A", "P": "111"}]})",
                           R"({"Statement": [{"Sid": "B", "P": 0}, {"Sid": "A", "P": "222"}]})"),
                  R"({"Statement": [{"Sid": "B", "P": 0}, {"Sid": "A", "P": "222"}]})",
                  {"/Statement/1/P"});
}

TEST(Revert, MergesStatementsWithoutSidsAsASet) {
  const char* before = R"([{"Effect": "Allow", "Principal": "*"}])";
  const char* applied =
      R"([{"Effect": "Deny", "Principal": "*"}, {"Effect": "Allow", "Principal": "*"}])";
  const char* now = R"([{"Effect": "Deny", "Principal": "*"}, {"Effect": "Allow", "Principal": "*"},
                        {"Effect": "Allow", "Principal": "111"}])";
  expect_merged(
      reverted(before, applied, now),
      R"([{"Effect": "Allow", "Principal": "*"}, {"Effect": "Allow", "Principal": "111"}])");
}

TEST(Revert, MergesTagsByKey) {
  expect_merged(reverted(R"([{"Key": "env", "Value": "dev"}])",
                         R"([{"Key": "env", "Value": "prod"}, {"Key": "by", "Value": "aright"}])",
                         R"([{"Key": "owner", "Value": "ann"}, {"Key": "env", "Value": "prod"},
                             {"Key": "by", "Value": "aright"}])"),
                R"([{"Key": "owner", "Value": "ann"}, {"Key": "env", "Value": "dev"}])");
}

TEST(Revert, TakesARemovedStatementThatTheStepHadChangedForAConflict) {
  expect_conflict(reverted(R"([{"Sid": "A", "P": 1}])", R"([{"Sid": "A", "P": 2}])", R"([])"), "[]",
                  {"/-"});
}

namespace {

// Small documents over few names and values, so that collisions are frequent.
Value random_document(std::mt19937& random, int depth) {
  auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  switch (depth == 0 ? 0 : pick(3)) {
    case 1: {
      Object object;
      for (int i = pick(4); i > 0; --i)
        object[std::string(1, static_cast<char>('a' + pick(4)))] =
            random_document(random, depth - 1);
      return object;
    }
    case 2: {
      Array array;
      for (int i = pick(4); i > 0; --i)
        array.push_back(random_document(random, depth - 1));
      return array;
    }
    default:
      return pick(5);
  }
}

}  // namespace

// The laws of a three-way merge, on random documents.
TEST(Revert, ObeysItsLaws) {
  std::mt19937 random(11);
  for (int i = 0; i < 5'000; ++i) {
    auto a = random_document(random, 3), b = random_document(random, 3),
         c = random_document(random, 3);
    auto untouched = revert(a, b, b);
    ASSERT_TRUE(equal(untouched.merged, a) && untouched.conflicts.empty()) << print(a) << print(b);
    auto nothing_done = revert(a, a, c);
    ASSERT_TRUE(equal(nothing_done.merged, c) && nothing_done.conflicts.empty())
        << print(a) << print(c);
    auto already_back = revert(a, b, a);
    ASSERT_TRUE(equal(already_back.merged, a) && already_back.conflicts.empty())
        << print(a) << print(b);
    auto once = revert(a, b, c);
    for (const auto& pointer : once.conflicts) {
      ASSERT_TRUE(pointer.ends_with("/-") || pointer_get(c, pointer) ||
                  !pointer_get(once.merged, pointer))
          << print(a) << print(b) << print(c) << pointer;
    }
  }
}

}  // namespace aright::json
