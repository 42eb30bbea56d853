#include "json/yaml.h"

#include <gtest/gtest.h>

namespace aright::json {

namespace {

std::string read(std::string_view text, YamlOptions options = {}) {
  auto document = parse_yaml(text, options);
  return document ? print(document->value) : document.error().message;
}

std::string read_template(std::string_view text) {
  return read(text, {.cloudformation_tags = true});
}

}  // namespace

TEST(Yaml, TypesPlainScalarsByTheCoreSchema) {
  EXPECT_EQ(read("[1, -2, +3, 0, 0x1F, 0o17]"), "[1,-2,3,0,31,15]");
  EXPECT_EQ(read("[1.5, -.5, 1e3, 2., 0.0]"), "[1.5,-0.5,1000.0,2.0,0.0]");
  EXPECT_EQ(read("[true, True, FALSE, false]"), "[true,true,false,false]");
  EXPECT_EQ(read("[null, ~, Null, ]"), "[null,null,null]");
  EXPECT_EQ(read("{a: , b: ~}"), R"({"a":null,"b":null})");
  EXPECT_EQ(read("18446744073709551615"), "18446744073709551615");
}

TEST(Yaml, LeavesToTextWhatNumbersWouldLose) {
  EXPECT_EQ(
      read("[012345678901, 00, -012, 2012-10-17, 2012-10-17T00:00:00Z, 1_000, 12:30:00]"),
      R"(["012345678901","00","-012","2012-10-17","2012-10-17T00:00:00Z","1_000","12:30:00"])");
  EXPECT_EQ(read("[1e999, 99999999999999999999, 1234e567, .inf, .nan, 0x, 0xZZ]"),
            R"(["1e999","99999999999999999999","1234e567",".inf",".nan","0x","0xZZ"])");
  EXPECT_EQ(read("[yes, no, on, off, y, N, tRUE]"), R"(["yes","no","on","off","y","N","tRUE"])");
}

TEST(Yaml, RefusesANul) {
  using namespace std::string_literals;
  auto refused = parse_yaml("a: b\n\0\0\0\1c"s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "line 2: not YAML or JSON: it holds a NUL");
}

TEST(Yaml, RefusesBytesThatAreNotUtf8) {
  auto refused = parse_yaml("good: \xC3\xA9\nbad: \x99\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "line 2: not YAML or JSON: the text is not UTF-8");
}

TEST(Yaml, ReadsEscapesOfOneLetterAsCharacters) {
  auto read = parse_yaml(R"("next\Nline\_space\u00e9")");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value, "next\xC2\x85line\xC2\xA0space\xC3\xA9");
}

TEST(Yaml, KeepsQuotedScalarsAsText) {
  EXPECT_EQ(read("schemaVersion: \"0.3\""), R"({"schemaVersion":"0.3"})");
  EXPECT_EQ(read("['true', \"1\", '', '~', \"null\"]"), R"(["true","1","","~","null"])");
}

TEST(Yaml, KeepsBlockScalarsExactly) {
  EXPECT_EQ(read("script: |\n  def f():\n    return 1\n\n  # end\nnext: 1\n"),
            R"({"script":"def f():\n  return 1\n\n# end\n","next":1})");
  EXPECT_EQ(read("a: |-\n  x\n\nb: |+\n  y\n\nc: >\n  one\n  two\n\n  three\n"),
            R"({"a":"x","b":"y\n\n","c":"one two\nthree\n"})");
  EXPECT_EQ(read("a: |2\n    indented\n"), R"({"a":"  indented\n"})");
  EXPECT_EQ(read("a: |\n  tab\there \n"), R"({"a":"tab\there \n"})");
}

TEST(Yaml, ReadsWindowsLineEnds) {
  EXPECT_EQ(read("a: 1\r\nb:\r\n  - x\r\nc: |\r\n  p\r\n  q\r\n"),
            R"({"a":1,"b":["x"],"c":"p\nq\n"})");
}

TEST(Yaml, TakesKeysAsText) {
  EXPECT_EQ(read("200: ok\ntrue: yes\n1.0: x\n"), R"({"200":"ok","true":"yes","1.0":"x"})");
}

TEST(Yaml, RefusesDuplicateKeys) {
  EXPECT_EQ(read("a: 1\nb:\n  c: 1\n  c: 2\n"), "line 4, column 3: the key \"c\" appears twice");
  EXPECT_EQ(read("{\"a\": 1,\n \"a\": 2}"), "line 2, column 2: the key \"a\" appears twice");
  EXPECT_EQ(read(R"({"a/b": 1, "a\u002fb": 2})"),
            "line 1, column 12: the key \"a/b\" appears twice");
}

TEST(Yaml, SaysWhereTheFaultIs) {
  EXPECT_TRUE(read("a: 1\nb: [1, 2\nc: 3").starts_with("line 3, column 2: not YAML or JSON:"))
      << read("a: 1\nb: [1, 2\nc: 3");
  EXPECT_TRUE(read("a: *nowhere").starts_with("line 1, column 4: not YAML or JSON:"))
      << read("a: *nowhere");
  EXPECT_EQ(read("? [a, b]\n: 1"), "line 1, column 3: a key must be a scalar");
}

TEST(Yaml, AllowsOneDocumentOnly) {
  EXPECT_EQ(read("---\na: 1\n...\n"), R"({"a":1})");
  EXPECT_EQ(read(""), "null");
  EXPECT_EQ(read("# nothing\n"), "null");
  EXPECT_TRUE(read("a: 1\n---\nb: 2\n").contains("only one document")) << read("a: 1\n---\nb: 2\n");
}

TEST(Yaml, ResolvesAnchorsAndMergeKeys) {
  EXPECT_EQ(read("base: &b {x: 1, y: 2}\ncopy: *b\nlist: [&s text, *s]"),
            R"({"base":{"x":1,"y":2},"copy":{"x":1,"y":2},"list":["text","text"]})");
  EXPECT_EQ(read("b: &b {x: 1, y: 2}\nm:\n  <<: *b\n  y: 3\n"),
            R"({"b":{"x":1,"y":2},"m":{"y":3,"x":1}})");
  EXPECT_EQ(read("m:\n  y: 3\n  <<: [{x: 1}, {x: 2, y: 4}]\n"), R"({"m":{"y":3,"x":1}})");
  EXPECT_EQ(read("m:\n  \"<<\": text\n"), R"({"m":{"<<":"text"}})");
  EXPECT_EQ(read("m:\n  <<: 1\n"), "line 2, column 7: << takes a mapping or a list of mappings");
}

TEST(Yaml, RefusesAnAliasInsideWhatItStandsFor) {
  EXPECT_TRUE(read("a: &a [*a]").contains("an alias inside what it stands for"));
}

TEST(Yaml, StopsABillionLaughs) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    laughs += fmt::format(
        "a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  EXPECT_TRUE(read(laughs).contains("aliases expanded")) << read(laughs);
}

TEST(Yaml, BoundsTheDepth) {
  auto nested = [](std::size_t depth) {
    return "x: " + std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_yaml(nested(depth_max - 1)));
  EXPECT_TRUE(read(nested(depth_max)).contains("nested deeper than"));
  EXPECT_FALSE(parse_yaml(nested(50'000)));
  // By way of an alias, too.
  auto half = std::string(depth_max / 2, '[') + '1' + std::string(depth_max / 2, ']');
  auto other = std::string(depth_max / 2, '[') + "*a" + std::string(depth_max / 2, ']');
  EXPECT_TRUE(read("a: &a " + half + "\nb: " + other).contains("nested deeper than"));
}

TEST(Yaml, LocatesKeysAndItems) {
  auto document =
      parse_yaml("name: x\nmainSteps:\n  - action: aws:sleep\n    inputs: {a/b: 1}\n  - y\n")
          .value();
  EXPECT_EQ(document.locate("/name"), (Location{1, 1}));
  EXPECT_EQ(document.locate("/mainSteps/0"), (Location{3, 5}));
  EXPECT_EQ(document.locate("/mainSteps/0/action"), (Location{3, 5}));
  EXPECT_EQ(document.locate("/mainSteps/0/inputs/a~1b"), (Location{4, 14}));
  EXPECT_EQ(document.locate("/mainSteps/1"), (Location{5, 5}));
  EXPECT_EQ(document.locate("/mainSteps/1/onFailure/x"), (Location{5, 5}));  // nearest known parent
  EXPECT_EQ(document.locate("/nothing"), (Location{1, 1}));
  EXPECT_EQ(Document().locate("/nothing"), (Location{0, 0}));
}

TEST(Yaml, CanDoWithoutLocations) {
  EXPECT_TRUE(parse_yaml("a: [1]", {.locations = false}).value().locations.empty());
  EXPECT_TRUE(parse_yaml("{\"a\": [1]}", {.locations = false}).value().locations.empty());
}

TEST(Yaml, ReadsJsonWithTabsAndSurrogates) {
  auto document =
      parse_yaml("{\n\t\"a\": [1,\t\"\\ud83d\\ude00\"],\n\t\"b\": {\"c]\\\"\": true}\n}\n");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(print(document->value), R"({"a":[1,"😀"],"b":{"c]\"":true}})");
  EXPECT_EQ(document->locate("/a"), (Location{2, 2}));
  EXPECT_EQ(document->locate("/a/1"), (Location{2, 11}));
  EXPECT_EQ(document->locate("/b/c]\""), (Location{3, 8}));
}

TEST(Yaml, ReadsFlowStyleThatIsNotJson) {
  EXPECT_EQ(read("{a: 1, b: [x, 'y']}"), R"({"a":1,"b":["x","y"]})");
}

TEST(Yaml, FollowsCoreTags) {
  EXPECT_EQ(read("[!!str 12, !!int 3, !!float 3, !!bool true, !!null ~, !!seq [], !!map {}]"),
            R"(["12",3,3.0,true,null,[],{}])");
  EXPECT_EQ(read("a: !!int x"), "line 1, column 4: \"x\" does not fit the tag !!int");
  EXPECT_EQ(read("a: !!set {}"),
            "line 1, column 4: the tag tag:yaml.org,2002:set is not known here");
}

TEST(Yaml, RefusesOtherTags) {
  EXPECT_EQ(read("a: !Ref b"), "line 1, column 4: the tag !Ref is not known here");
  EXPECT_EQ(read_template("a: !Nope b"), "line 1, column 4: the tag !Nope is not known here");
}

TEST(Yaml, ExpandsCloudFormationShortForms) {
  EXPECT_EQ(read_template("a: !Ref Bucket"), R"({"a":{"Ref":"Bucket"}})");
  EXPECT_EQ(read_template("a: !Condition C"), R"({"a":{"Condition":"C"}})");
  EXPECT_EQ(read_template("a: !GetAtt Bucket.Outputs.Arn"),
            R"({"a":{"Fn::GetAtt":["Bucket","Outputs.Arn"]}})");
  EXPECT_EQ(read_template("a: !GetAtt [Bucket, Arn]"), R"({"a":{"Fn::GetAtt":["Bucket","Arn"]}})");
  EXPECT_EQ(read_template("a: !Sub '${X}-012'"), R"({"a":{"Fn::Sub":"${X}-012"}})");
  EXPECT_EQ(read_template("a: !If [Prod, !Ref X, 2]"),
            R"({"a":{"Fn::If":["Prod",{"Ref":"X"},2]}})");
  EXPECT_EQ(read_template("a: !Transform {Name: x}"), R"({"a":{"Fn::Transform":{"Name":"x"}}})");
  EXPECT_EQ(read_template("- !Base64\n  Fn::Sub: x"), R"([{"Fn::Base64":{"Fn::Sub":"x"}}])");
  EXPECT_EQ(read_template("a: !GetAZs"), R"({"a":{"Fn::GetAZs":""}})");
}

TEST(Yaml, LocatesInsideShortForms) {
  auto document = parse_yaml("a: !Join\n  - ','\n  - [x]\n", {.cloudformation_tags = true}).value();
  EXPECT_EQ(document.locate("/a/Fn::Join/1/0"), (Location{3, 6}));
}

TEST(Yaml, ReadsARunbookAsItStandsInTheDocumentation) {
  auto text = read(R"(description: Stop it
schemaVersion: '0.3'
assumeRole: "{{ AutomationAssumeRole }}"
parameters:
  InstanceId:
    type: StringList
    default: []
mainSteps:
- name: stop   # a comment
  action: aws:executeAwsApi
  inputs:
    Service: ec2
    Api: StopInstances
    InstanceIds: "{{ InstanceId }}"
  isEnd: true
)");
  EXPECT_EQ(
      text,
      R"({"description":"Stop it","schemaVersion":"0.3","assumeRole":"{{ AutomationAssumeRole }}",)"
      R"("parameters":{"InstanceId":{"type":"StringList","default":[]}},)"
      R"("mainSteps":[{"name":"stop","action":"aws:executeAwsApi","inputs":{"Service":"ec2",)"
      R"("Api":"StopInstances","InstanceIds":"{{ InstanceId }}"},"isEnd":true}]})");
}

}  // namespace aright::json
