#pragma once
// YAML 1.1 as AWS's documents use it, into JSON values: scalars get the core schema's types unless
// quoted, duplicate keys are errors, anchors and merge keys (<<) are resolved within bounds. Also
// reads JSON, being a superset. Pure functions: any thread may call them.
//
// Where the schema would lose what the author wrote, the text stays a string: dates, yes/no/on/off,
// numbers with a leading zero (account ids), and numbers that no 64-bit integer or finite double
// holds.

#include <map>
#include <string>
#include <string_view>

#include "json/value.h"

namespace aright::json {

inline constexpr std::size_t yaml_nodes_max =
    1'000'000;  // after alias expansion: stops "billion laughs"

struct Location {
  int line = 0, column = 0;  // from 1, in bytes; 0: unknown
  bool operator==(const Location&) const = default;
};

struct Document {
  Value value;
  std::map<std::string, Location> locations;  // by RFC 6901 pointer, of keys and of items
  // Of the pointer, or of its nearest known parent.
  Location locate(std::string_view pointer) const;
};

struct YamlOptions {
  bool locations = true;
  // CloudFormation short forms: !Ref x becomes {"Ref": x}, !Sub, !GetAtt … become {"Fn::…": …}.
  // Else a tag is an error.
  bool cloudformation_tags = false;
};
// Fails with invalid, naming line and column. Several documents in one text are an error; an empty
// one is null.
Result<Document> parse_yaml(std::string_view text, YamlOptions options = {});
// Block style, multi-line text as literal blocks. parse_yaml gives the same value back.
std::string print_yaml(const Value& value);

}  // namespace aright::json
