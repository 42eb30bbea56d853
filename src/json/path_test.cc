#include "json/path.h"

#include <gtest/gtest.h>

namespace aright::json {

namespace {

const Value& document() {
  static const Value value = parse(R"({
    "Reservations": [
      {"Instances": [{"InstanceId": "i-1", "State": {"Name": "running"}, "Cores": 2},
                     {"InstanceId": "i-2", "State": {"Name": "stopped"}, "Cores": 4}]},
      {"Instances": [{"InstanceId": "i-3", "State": {"Name": "running"}, "Cores": 8, "Public": null}]}
    ],
    "detail-type": "x", "a b": 1, "numbers": [0, 1, 2, 3, 4], "limit": 3, "aws:tag/x": "t", "O'Neil": 5
  })")
                                 .value();
  return value;
}

std::string get(std::string_view text) {
  auto path = Path::parse(text);
  if (!path) return path.error().text();
  auto found = path->get(document());
  if (!found) return found.error().text();
  return *found ? print(**found) : "nothing";
}

std::string fault(std::string_view text) {
  auto path = Path::parse(text);
  return path ? "parsed" : path.error().message;
}

}  // namespace

TEST(Path, FindsMembersAndItems) {
  EXPECT_EQ(get("$.Reservations[0].Instances[1].InstanceId"), "\"i-2\"");
  EXPECT_EQ(get("Reservations[0].Instances[0].State.Name"), "\"running\"");
  EXPECT_EQ(get("$['detail-type']"), "\"x\"");
  EXPECT_EQ(get("$.'detail-type'"), "\"x\"");
  EXPECT_EQ(get("$.detail-type"), "\"x\"");
  EXPECT_EQ(get("$[\"a b\"]"), "1");
  EXPECT_EQ(get("$.aws:tag/x"), "\"t\"");
  EXPECT_EQ(get("$['O\\'Neil']"), "5");
  EXPECT_EQ(get("$.numbers[-1]"), "4");
  EXPECT_EQ(get("$.Reservations.[1].Instances[0].Cores"), "8");
  EXPECT_EQ(get("$"), print(document()));
}

TEST(Path, GivesNothingForWhatIsAbsent) {
  for (const char* path : {"$.nothing", "$.numbers[5]", "$.numbers[-6]", "$.limit.x", "$.limit[0]",
                           "$.Reservations.Instances", "$['numbers']['0']"}) {
    EXPECT_EQ(get(path), "nothing") << path;
  }
}

TEST(Path, TellsNullFromAbsent) {
  EXPECT_EQ(get("$.Reservations[1].Instances[0].Public"), "null");
}

TEST(Path, CollectsWithWildcardsInDocumentOrder) {
  EXPECT_EQ(get("$.Reservations[*].Instances[*].InstanceId"), R"(["i-1","i-2","i-3"])");
  EXPECT_EQ(get("$.Reservations.*.Instances.*.Cores"), "[2,4,8]");
  EXPECT_EQ(get("$.nothing[*]"), "[]");
}

TEST(Path, ScansDeeply) {
  EXPECT_EQ(get("$..InstanceId"), R"(["i-1","i-2","i-3"])");
  EXPECT_EQ(get("$..Instances[0].Cores"), "[2,8]");
  EXPECT_EQ(get("$.numbers..*"), "[0,1,2,3,4]");
  EXPECT_EQ(get("$..['Cores']"), "[2,4,8]");
}

TEST(Path, CountsWhatALengthIsAskedOf) {
  EXPECT_EQ(get("$.numbers.length()"), "5");
  EXPECT_EQ(get("$.Reservations[0].Instances.length()"), "2");
  EXPECT_EQ(get("$.detail-type.length()"), "1");
  EXPECT_EQ(get("$.Reservations[0].Instances[0].length()"), "3");
  EXPECT_EQ(get("$.nothing.length()"), "nothing");
  EXPECT_EQ(get("$.Reservations[?(@.Instances.length() > 1)].Instances[0].InstanceId"), R"(["i-1"])");
  EXPECT_EQ(fault("$.numbers.size()"),
            "JSONPath \"$.numbers.size()\", offset 16: length() is the one function that there is");
  EXPECT_FALSE(Path::parse("$.numbers.length()")->select(document()));
}

TEST(Path, AsksWhetherAValueIsAmongOthersOrLooksLikeAPattern) {
  EXPECT_EQ(get("$..Instances[?(@.State.Name in ['stopped', 'pending'])].InstanceId"), R"(["i-2"])");
  EXPECT_EQ(get("$..Instances[?(@.State.Name nin ['stopped'])].InstanceId"), R"(["i-1","i-3"])");
  EXPECT_EQ(get("$..Instances[?(@.Cores in [2, 8])].InstanceId"), R"(["i-1","i-3"])");
  EXPECT_EQ(get("$..Instances[?(@.Cores in $.numbers)].InstanceId"), R"(["i-1","i-2"])");
  EXPECT_EQ(get("$..Instances[?(@.InstanceId =~ /i-[12]/)].InstanceId"), R"(["i-1","i-2"])");
  EXPECT_EQ(get("$..Instances[?(@.State.Name =~ /RUN.*/i && @.Cores > 2)].InstanceId"), R"(["i-3"])");
  EXPECT_EQ(get("$..Instances[?(@.InstanceId =~ /i/)].InstanceId"), "[]") << "the whole text";
  EXPECT_NE(fault("$[?(@.a =~ /[/)]"), "parsed");
  EXPECT_NE(fault("$[?(@.a =~ /x)]"), "parsed");
  EXPECT_NE(fault("$[?(@.a in [1, ])]"), "parsed");
}

// RFC 9535, section 2.3.4.3.
TEST(Path, SlicesAsTheRfcSays) {
  EXPECT_EQ(get("$.numbers[1:3]"), "[1,2]");
  EXPECT_EQ(get("$.numbers[3:]"), "[3,4]");
  EXPECT_EQ(get("$.numbers[:-3]"), "[0,1]");
  EXPECT_EQ(get("$.numbers[-2:]"), "[3,4]");
  EXPECT_EQ(get("$.numbers[1:5:2]"), "[1,3]");
  EXPECT_EQ(get("$.numbers[4:1:-2]"), "[4,2]");
  EXPECT_EQ(get("$.numbers[::-1]"), "[4,3,2,1,0]");
  EXPECT_EQ(get("$.numbers[-9:99]"), "[0,1,2,3,4]");
  EXPECT_EQ(get("$.numbers[ 1 : 2 ]"), "[1]");
  EXPECT_EQ(get("$.numbers[::9223372036854775807]"), "[0]");
  EXPECT_EQ(get("$.numbers[::-9223372036854775808]"), "[4]");
  EXPECT_EQ(get("$.numbers[-9223372036854775808:9223372036854775807]"), "[0,1,2,3,4]");
}

TEST(Path, JoinsUnions) {
  EXPECT_EQ(get("$.numbers[0, 2]"), "[0,2]");
  EXPECT_EQ(get("$['limit','a b']"), "[3,1]");
  EXPECT_EQ(get("$.numbers[4,0:2]"), "[4,0,1]");
}

TEST(Path, Filters) {
  EXPECT_EQ(get("$..Instances[?(@.State.Name == 'running')].InstanceId"), R"(["i-1","i-3"])");
  EXPECT_EQ(get("$..Instances[?(@.Cores > 2 && @.Cores <= 8)].Cores"), "[4,8]");
  EXPECT_EQ(get("$..Instances[?(@.Cores < 3 || @.Cores >= 8)].Cores"), "[2,8]");
  EXPECT_EQ(get("$..Instances[?(@.Public)].InstanceId"), R"(["i-3"])");
  EXPECT_EQ(get("$..Instances[?(!@.Public)].InstanceId"), R"(["i-1","i-2"])");
  EXPECT_EQ(get("$..Instances[?(@.Public == null)].InstanceId"), R"(["i-3"])");
  EXPECT_EQ(get("$..Instances[?(@['InstanceId'] != \"i-1\")].Cores"), "[4,8]");
  EXPECT_EQ(get("$.numbers[?(@ > 1.5)]"), "[2,3,4]");
  EXPECT_EQ(get("$.numbers[?@ >= $.limit]"), "[3,4]");
  EXPECT_EQ(get("$.numbers[?(2 > @)]"), "[0,1]");
  EXPECT_EQ(get("$.numbers[?((@==1||@==2)&&!(@==2))]"), "[1]");
  EXPECT_EQ(get("$.Reservations[?(@.Instances[?(@.Cores == 8)])].Instances[0].InstanceId"),
            R"(["i-3"])");
}

TEST(Path, OrdersOnlyNumbersAndStrings) {
  EXPECT_EQ(get("$.numbers[?(@ < 'a')]"), "[]");
  EXPECT_EQ(get("$.numbers[?(@ <= null)]"), "[]");
  EXPECT_EQ(get("$.numbers[?(@.x < 1)]"), "[]");
  EXPECT_EQ(get("$..Instances[?(@.InstanceId > 'i-1')].InstanceId"), R"(["i-2","i-3"])");
}

TEST(Path, ComparesAbsentWithAbsentAsEqual) {
  EXPECT_EQ(get("$.numbers[?(@.x == @.y)]"), "[0,1,2,3,4]");
}

TEST(Path, IsDefiniteWhenItMatchesOnceAtMost) {
  for (const char* path : {"$", "$.a.b[0]", "a['b'][-1]"}) {
    EXPECT_TRUE(Path::parse(path).value().definite()) << path;
  }
  for (const char* path : {"$..a", "$.a[*]", "$.a.*", "$.a[0:1]", "$.a[0,1]", "$.a[?(@)]"}) {
    EXPECT_FALSE(Path::parse(path).value().definite()) << path;
  }
}

TEST(Path, SelectsPointersIntoTheRoot) {
  auto found = Path::parse("$.numbers[2]").value().select(document());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front(), &at(document(), "numbers").get_array()[2]);
}

TEST(Path, SaysWhereTheFaultIs) {
  EXPECT_EQ(
      fault("$.a["),
      R"(JSONPath "$.a[", offset 4: an index, a slice, a quoted name, '*' or a filter was expected)");
  EXPECT_EQ(fault("$.a b"), R"(JSONPath "$.a b", offset 4: a path step was expected)");
}

TEST(Path, RefusesWhatItDoesNotUnderstand) {
  for (const char* path :
       {"", "$.", "$..", "$a", "$[", "$[]", "$['a]", "$[1", "$[1:2:0]", "$[?]", "$[?(@.a]",
        "$[?(@.a == )]", "$[?('x')]", "$[?(@.a[*] == 1)]", "$[?(@.a = 1)]", "$.a.()", "$[0,]",
        "$[99999999999999999999]", "$[?(@.a == nope)]"}) {
    auto parsed = Path::parse(path);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

TEST(Path, BoundsNestingAndLength) {
  auto nested = [](int depth) {
    return "$[?" + std::string(static_cast<std::size_t>(depth), '(') + "@.a" +
           std::string(static_cast<std::size_t>(depth), ')') + "]";
  };
  EXPECT_TRUE(Path::parse(nested(path_depth_max - 1)));
  EXPECT_FALSE(Path::parse(nested(path_depth_max)));
  EXPECT_FALSE(Path::parse("$[?" + std::string(5'000, '!') + "@.a]"));
  EXPECT_FALSE(Path::parse("$." + std::string(path_bytes_max, 'a')));
}

TEST(Path, BoundsItsWork) {
  Array wide(500);
  Value root = Array(500, Value(wide));
  auto found = Path::parse("$[*][?(@ == $[*])]");
  EXPECT_FALSE(found);  // only single values can be compared
  auto quadratic = Path::parse("$[*][?($[*][*])]").value().select(root);
  ASSERT_FALSE(quadratic);
  EXPECT_EQ(quadratic.error().code, Errc::invalid);
  EXPECT_FALSE(Path::parse("$..*..*..*").value().select(root));
}

}  // namespace aright::json
