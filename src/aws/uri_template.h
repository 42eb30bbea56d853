#pragma once
// The models' URI templates: /{Bucket}/{Key+}?uploads. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "model/model.h"
#include "net/url.h"

namespace aright::aws {

struct Segment {
  std::string text;  // a label's name, or the literal
  bool label = false;
  bool greedy = false;  // takes all that the segments after it leave, slashes too
};

struct UriTemplate {
  std::vector<Segment> segments;  // between slashes, without the empty first one
  std::string query;              // the literal part after '?', as it stands
  bool slash_last = false;        // "/2013-04-01/hostedzone/"
};
UriTemplate parse_template(std::string_view uri);

// The path with the labels filled from `input` by the members' names on the wire, and the literal
// query. Fails with invalid, naming the member, when a label would be empty.
Result<std::string> expand(const UriTemplate& uri, const model::Shape& input,
                           const json::Object& values);

// The labels' texts, decoded, by name on the wire; none when the path is another. A slash at the
// end makes no difference.
std::optional<net::Query> match_path(const UriTemplate& uri, std::string_view path);

}  // namespace aright::aws
