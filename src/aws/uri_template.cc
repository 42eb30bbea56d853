#include "aws/uri_template.h"

#include "aws/wire_value.h"
#include "base/text.h"

namespace aright::aws {

namespace {

std::vector<std::string> parts_of(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

std::optional<model::Member> label_member(const model::Shape& input, std::string_view label) {
  for (const model::Member& member : input.members()) {
    if (member.location() == model::Location::uri && member.location_name() == label) {
      return member;
    }
  }
  return std::nullopt;
}

Result<std::string> label_text(const Segment& segment, const model::Shape& input,
                               const json::Object& values) {
  auto member = label_member(input, segment.text);
  if (!member) return fail(Errc::internal, "the path's label {} is no member", segment.text);
  const json::Value& value = json::at(values, member->name());
  auto format = time_format(*member, model::TimestampFormat::iso8601);
  auto text = to_wire(member->shape(), format, value);
  if (text.empty()) {
    return fail(Errc::invalid, "{} goes into the path and may not be empty", member->name());
  }
  return percent_encode(text, segment.greedy);
}

}  // namespace

UriTemplate parse_template(std::string_view uri) {
  UriTemplate parsed;
  auto mark = uri.find('?');
  if (mark != uri.npos) parsed.query = uri.substr(mark + 1);
  auto path = uri.substr(0, mark);
  parsed.slash_last = path.size() > 1 && path.ends_with('/');
  if (parsed.slash_last) path.remove_suffix(1);
  for (const std::string& part : parts_of(path)) {
    Segment segment{.text = part};
    if (part.starts_with('{') && part.ends_with('}')) {
      segment = {.text = part.substr(1, part.size() - 2), .label = true};
      segment.greedy = segment.text.ends_with('+');
      if (segment.greedy) segment.text.pop_back();
    }
    parsed.segments.push_back(std::move(segment));
  }
  return parsed;
}

Result<std::string> expand(const UriTemplate& uri, const model::Shape& input,
                           const json::Object& values) {
  std::string target;
  for (const Segment& segment : uri.segments) {
    target += '/';
    if (segment.label) {
      target += TRY(label_text(segment, input, values));
    } else {
      target += segment.text;
    }
  }
  if (target.empty() || uri.slash_last) target += '/';
  if (!uri.query.empty()) target += "?" + uri.query;
  return target;
}

std::optional<net::Query> match_path(const UriTemplate& uri, std::string_view path) {
  net::Query labels;
  auto parts = parts_of(path);
  const auto& segments = uri.segments;
  bool greedy_last = !segments.empty() && segments.back().greedy;
  if (!greedy_last && !parts.empty() && parts.back().empty()) parts.pop_back();
  std::size_t at = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    std::size_t after = segments.size() - i - 1;
    if (at + after >= parts.size()) return std::nullopt;
    std::string part = parts[at++];
    while (segment.greedy && at + after < parts.size())
      part += "/" + parts[at++];
    if (!segment.label) {
      if (percent_decode(part) != segment.text) return std::nullopt;
      continue;
    }
    if (part.empty()) return std::nullopt;
    labels.emplace_back(segment.text, percent_decode(part));
  }
  if (at != parts.size()) return std::nullopt;
  return labels;
}

}  // namespace aright::aws
