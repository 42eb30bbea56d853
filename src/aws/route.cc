#include <algorithm>

#include "aws/query_body.h"
#include "aws/quirks.h"
#include "aws/uri_template.h"
#include "aws/wire.h"
#include "base/text.h"

namespace aright::aws {

using model::Location;
using model::Protocol;

namespace {

std::string parameter(const net::Query& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

bool has_parameter(const net::Query& query, std::string_view name) {
  return std::ranges::any_of(query, [&](const auto& item) { return item.first == name; });
}

// A candidate for a REST request and how well it fits. Counted are required members that are
// missing and that are there, and the literals of the template's query and path.
struct Candidate {
  Routed routed;
  int missing = 0, present = 0, query_literals = 0, path_literals = 0;

  bool better_than(const Candidate& other) const {
    if (missing != other.missing) return missing < other.missing;
    if (query_literals != other.query_literals) return query_literals > other.query_literals;
    if (present != other.present) return present > other.present;
    return path_literals > other.path_literals;
  }
};

bool literals_present(const net::Query& literals, const net::Query& query) {
  return std::ranges::all_of(literals, [&](const auto& literal) {
    return std::ranges::any_of(query, [&](const auto& item) {
      return item.first == literal.first && (literal.second.empty() || item == literal);
    });
  });
}

// Required members tell operations apart that share a path: only UploadPart has a partNumber.
void weigh_members(Candidate& candidate, const net::Request& request, const net::Query& query) {
  auto input = candidate.routed.operation.input();
  if (!input) return;
  for (const model::Member& member : input.members()) {
    bool there = false;
    if (member.location() == Location::querystring) {
      there = has_parameter(query, member.location_name());
    } else if (member.location() == Location::header) {
      there = request.headers.find(member.location_name()) != nullptr;
    } else {
      continue;
    }
    if (member.required()) ++(there ? candidate.present : candidate.missing);
  }
}

bool is_known_parameter(const Candidate& candidate, const net::Query& literals,
                        std::string_view name) {
  if (has_parameter(literals, name) || name == "x-id") return true;
  auto input = candidate.routed.operation.input();
  return input && std::ranges::any_of(input.members(), [&](const model::Member& member) {
           return member.location() == Location::querystring && member.location_name() == name;
         });
}

// "?metadataTable" names a subresource. An operation that knows nothing of it is another one.
bool knows_subresources(const Candidate& candidate, const net::Query& literals,
                        const std::string& query) {
  if (query.empty()) return true;
  return std::ranges::all_of(split(query, '&'), [&](const std::string& part) {
    bool bare = !part.empty() && (part.find('=') == part.npos || part.ends_with('='));
    auto name = percent_decode(part.substr(0, part.find('=')));
    return !bare || is_known_parameter(candidate, literals, name);
  });
}

std::optional<Candidate> candidate_for(const model::Service& service,
                                       const model::Operation& operation,
                                       const net::Request& request, const std::string& path,
                                       const net::Query& query) {
  if (operation.method() != request.method || is_overshadowed(service, operation)) {
    return std::nullopt;
  }
  auto uri = parse_template(operation.uri());
  auto labels = match_path(uri, path);
  if (!labels) return std::nullopt;
  auto literals = net::parse_query(uri.query);
  if (!literals_present(literals, query)) return std::nullopt;
  Candidate candidate{.routed = {.operation = operation, .protocol = service.protocol()}};
  bool strict = service.name() == "s3";
  if (strict && !knows_subresources(candidate, literals, request.query())) return std::nullopt;
  for (const Segment& segment : uri.segments)
    candidate.path_literals += segment.label ? (segment.greedy ? -1 : 0) : 1;
  candidate.query_literals = static_cast<int>(literals.size());
  for (auto& [name, text] : *labels)
    candidate.routed.uri_members[name] = std::move(text);
  weigh_members(candidate, request, query);
  return candidate;
}

std::optional<Routed> route_rest(const model::Service& service, const net::Request& request,
                                 std::string_view host_bucket) {
  auto path = request.path();
  if (!host_bucket.empty()) path = "/" + std::string(host_bucket) + path;
  auto query = net::parse_query(request.query());
  std::optional<Candidate> best;
  for (const model::Operation& operation : service.operations()) {
    auto candidate = candidate_for(service, operation, request, path, query);
    if (candidate && (!best || candidate->better_than(*best))) best = std::move(candidate);
  }
  if (!best) return std::nullopt;
  return std::move(best->routed);
}

std::optional<Routed> route_target(const model::Service& service, const net::Request& request) {
  auto target = request.headers.get("X-Amz-Target");
  auto dot = target.rfind('.');
  if (dot == target.npos) return std::nullopt;
  const std::string_view prefix = service.target_prefix(), said = std::string_view(target).substr(0, dot);
  bool last_part = prefix.ends_with(fmt::format(".{}", said));  // CloudTrail's newer clients say no more
  if (!prefix.empty() && said != prefix && !last_part) return std::nullopt;
  auto operation = service.operation(target.substr(dot + 1));
  if (!operation) return std::nullopt;
  return Routed{.operation = *operation, .protocol = Protocol::json};
}

}  // namespace

Protocol request_protocol(const model::Service& service, const net::Request& request) {
  auto own = service.protocol();
  if (own == Protocol::query && request.headers.find("X-Amz-Target")) return Protocol::json;
  if (own == Protocol::json && !request.headers.find("X-Amz-Target") &&
      has_parameter(form_of(request), "Action")) {
    return Protocol::query;
  }
  return own;
}

std::optional<Routed> route_request(const model::Service& service, const net::Request& request,
                                    std::string_view host_bucket) {
  auto protocol = request_protocol(service, request);
  switch (protocol) {
    case Protocol::query:
    case Protocol::ec2: {
      auto operation = service.operation(parameter(form_of(request), "Action"));
      if (!operation) return std::nullopt;
      return Routed{.operation = *operation, .protocol = protocol};
    }
    case Protocol::json:
      return route_target(service, request);
    case Protocol::rest_json:
    case Protocol::rest_xml:
      break;
  }
  return route_rest(service, request, host_bucket);
}

}  // namespace aright::aws
