#include "aws/rest_binding.h"

#include <algorithm>

#include "aws/uri_template.h"
#include "aws/wire_value.h"
#include "base/digest.h"
#include "base/text.h"
#include "net/url.h"

namespace aright::aws {

using model::Location;
using model::TimestampFormat;
using model::Type;

namespace {

// "a, b" as one header; an item with a comma or a quote of its own is quoted. Not so dates, which
// all have a comma.
std::string join_items(const std::vector<std::string>& items, bool dates) {
  std::string joined;
  for (const std::string& item : items) {
    if (!joined.empty()) joined += ", ";
    bool quoted = !dates && item.find_first_of(",\"") != item.npos;
    joined +=
        quoted ? "\"" + replace_all(replace_all(item, "\\", "\\\\"), "\"", "\\\"") + "\"" : item;
  }
  return joined;
}

std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  bool quoted = false, escaped = false;
  for (char c : text) {
    if (escaped) {
      item += c;
      escaped = false;
    } else if (quoted && c == '\\') {
      escaped = true;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      items.emplace_back(trim(item));
      item.clear();
    } else {
      item += c;
    }
  }
  items.emplace_back(trim(item));
  return items;
}

// "Mon, 16 Dec 2019 23:48:18 GMT" is two items to whoever splits at commas.
std::vector<std::string> join_dates(const std::vector<std::string>& parts) {
  std::vector<std::string> dates;
  for (const std::string& part : parts) {
    bool weekday_only = !dates.empty() && dates.back().find(' ') == std::string::npos;
    if (weekday_only && part.ends_with("GMT")) {
      dates.back() += ", " + part;
    } else {
      dates.push_back(part);
    }
  }
  return dates;
}

std::string header_text(const model::Member& member, const json::Value& value) {
  if (is_header_json(member)) return to_base64(json::print(value));
  auto shape = member.shape();
  if (shape.type() != Type::list) {
    return to_wire(shape, time_format(member, TimestampFormat::rfc822), value);
  }
  std::vector<std::string> items;
  auto format = time_format(shape.element(), TimestampFormat::rfc822);
  for (const json::Value& item : json::items(value))
    items.push_back(to_wire(shape.element(), format, item));
  return join_items(items, shape.element().type() == Type::timestamp);
}

json::Value header_value(const model::Member& member, const std::string& text) {
  if (is_header_json(member)) {
    auto bytes = from_base64(text);
    auto parsed = json::parse(bytes ? *bytes : text);
    return parsed ? *parsed : json::Value(json::String(text));
  }
  auto shape = member.shape();
  if (shape.type() != Type::list) return from_wire(shape, text);
  auto parts = split_items(text);
  if (shape.element().type() == Type::timestamp) parts = join_dates(parts);
  json::Array items;
  for (const std::string& item : parts)
    items.push_back(from_wire(shape.element(), item));
  return items;
}

Result<> add_header(net::Headers& headers, std::string_view member, std::string name,
                    std::string value) {
  auto breaks = [](unsigned char c) { return c < ' ' && c != '\t'; };
  if (std::ranges::any_of(name + value, breaks)) {
    return fail(Errc::invalid, "{} goes into a header and may have no line breaks", member);
  }
  headers.set(name, std::move(value));
  return {};
}

void add_query_map(net::Query& query, const json::Object& map) {
  net::Query added;
  for (const auto& [key, entry] : map) {
    std::string name(key);
    // A member of its own says it already.
    if (std::ranges::any_of(query, [&](const auto& item) { return item.first == name; })) continue;
    if (!entry.is_array()) added.emplace_back(name, json::scalar_text(entry));
    for (const json::Value& item : json::items(entry))
      added.emplace_back(name, json::scalar_text(item));
  }
  query.insert(query.end(), added.begin(), added.end());
}

void add_query_member(net::Query& query, const model::Member& member, const json::Value& value) {
  std::string name(member.location_name());
  auto shape = member.shape();
  if (shape.type() == Type::map) return add_query_map(query, json::members(value));
  if (shape.type() != Type::list) {
    auto format = time_format(member, TimestampFormat::iso8601);
    query.emplace_back(name, to_wire(shape, format, value));
    return;
  }
  auto format = time_format(shape.element(), TimestampFormat::iso8601);
  for (const json::Value& item : json::items(value))
    query.emplace_back(name, to_wire(shape.element(), format, item));
}

bool names_member(const model::Shape& shape, std::string_view parameter) {
  return std::ranges::any_of(shape.members(), [&](const model::Member& member) {
    return member.location() == Location::querystring && member.shape().type() != Type::map &&
           member.location_name() == parameter;
  });
}

// Every parameter that is no other member's.
json::Value query_map(const model::Shape& shape, const model::Shape& map, const net::Query& query) {
  json::Object entries;
  for (const auto& [name, value] : query) {
    if (names_member(shape, name)) continue;
    if (map.element().type() == Type::list) {
      json::Value& list = entries[name];
      if (!list.is_array()) list = json::Array();
      list.get_array().push_back(json::Value(json::String(value)));
    } else {
      entries[name] = json::String(value);
    }
  }
  return entries.empty() ? json::Value() : json::Value(std::move(entries));
}

json::Value query_value(const model::Shape& shape, const model::Member& member,
                        const net::Query& query) {
  auto type = member.shape().type();
  if (type == Type::map) return query_map(shape, member.shape(), query);
  json::Array items;
  auto scalar = type == Type::list ? member.shape().element() : member.shape();
  for (const auto& [name, value] : query) {
    if (name == member.location_name()) items.push_back(from_wire(scalar, value));
  }
  if (items.empty()) return nullptr;
  return type == Type::list ? json::Value(std::move(items)) : std::move(items.front());
}

}  // namespace

Result<std::string> write_target(const model::Operation& operation, const json::Object& input) {
  auto uri = parse_template(operation.uri());
  auto shape = operation.input();
  auto target = TRY(expand(uri, shape, input));
  if (!shape) return target;
  net::Query query;
  for (bool maps : {false, true}) {
    for (const model::Member& member : shape.members()) {
      const json::Value& value = json::at(input, member.name());
      bool travels = member.location() == Location::querystring && !value.is_null();
      bool turn = maps == (member.shape().type() == Type::map);
      if (travels && turn) add_query_member(query, member, value);
    }
  }
  if (query.empty()) return target;
  return target + (uri.query.empty() ? "?" : "&") + net::build_query(query);
}

void read_query_members(const model::Operation& operation, std::string_view text,
                        json::Object& into) {
  auto shape = operation.input();
  auto query = net::parse_query(text);
  auto literals = net::parse_query(parse_template(operation.uri()).query);
  std::erase_if(query, [&](const auto& item) { return std::ranges::count(literals, item) > 0; });
  for (const model::Member& member : shape.members()) {
    if (member.location() != Location::querystring) continue;
    auto value = query_value(shape, member, query);
    if (!value.is_null()) into[member.name()] = std::move(value);
  }
}

Result<> write_headers(const model::Shape& shape, const json::Object& values,
                       net::Headers& headers) {
  Result<> outcome;
  auto add = [&](const model::Member& member, const std::string& name, std::string value) {
    auto added = add_header(headers, member.name(), name, std::move(value));
    if (!added && outcome) outcome = std::move(added);
  };
  for (const model::Member& member : shape.members()) {
    const json::Value& value = json::at(values, member.name());
    if (value.is_null()) continue;
    std::string name(member.location_name());
    if (member.location() == Location::header) add(member, name, header_text(member, value));
    if (member.location() != Location::headers) continue;
    for (const auto& [key, item] : json::members(value))
      add(member, name + std::string(key), json::scalar_text(item));
  }
  return outcome;
}

void read_headers(const model::Shape& shape, const net::Headers& headers, json::Object& into) {
  for (const model::Member& member : shape.members()) {
    auto wanted = lower(member.location_name());
    if (member.location() == Location::header) {
      const std::string* text = headers.find(wanted);
      if (text) into[member.name()] = header_value(member, *text);
    } else if (member.location() == Location::headers) {
      json::Object found;
      for (const auto& [name, value] : headers) {
        if (lower(name).starts_with(wanted)) found[name.substr(wanted.size())] = value;
      }
      if (!found.empty()) into[member.name()] = std::move(found);
    }
  }
}

void read_status(const model::Shape& shape, int status, json::Object& into) {
  for (const model::Member& member : shape.members()) {
    if (member.location() == Location::status_code) into[member.name()] = status;
  }
}

int written_status(const model::Operation& operation, const json::Object& output) {
  int status = operation.success_status();
  if (!operation.output()) return status;
  for (const model::Member& member : operation.output().members()) {
    if (member.location() != Location::status_code) continue;
    auto said = json::integer(json::at(output, member.name()), status);
    if (said >= 200 && said < 600) status = static_cast<int>(said);
  }
  return status;
}

}  // namespace aright::aws
