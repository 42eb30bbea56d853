#include "aws/rest_body.h"

#include <algorithm>

#include "aws/json_body.h"
#include "aws/xml_body.h"
#include "base/digest.h"
#include "base/text.h"

namespace aright::aws {

using model::Type;

namespace {

constexpr std::string_view json_type = "application/json", xml_type = "application/xml";

bool has_body_members(const model::Shape& shape) {
  return std::ranges::any_of(shape.members(), [](const model::Member& member) {
    return member.location() == model::Location::body;
  });
}

bool has_body_values(const model::Shape& shape, const json::Object& values) {
  return std::ranges::any_of(shape.members(), [&](const model::Member& member) {
    return member.location() == model::Location::body && !json::at(values, member.name()).is_null();
  });
}

bool says_content_type(const model::Shape& shape) {
  return std::ranges::any_of(shape.members(), [](const model::Member& member) {
    return equal_ignore_case(member.location_name(), "Content-Type");
  });
}

bool is_raw(const model::Shape& shape) {
  return shape.type() == Type::blob || shape.type() == Type::string;
}

Body xml_document(const model::Shape& shape, const json::Object& values, const Root& root) {
  pugi::xml_document document;
  auto element = document.append_child(root.name.c_str());
  set_namespace(element, root.xml_namespace);
  write_xml(element, shape, values);
  return {.bytes = print_xml(document), .content_type = std::string(xml_type)};
}

Body write_payload(model::Protocol protocol, const model::Member& member, const json::Value& value,
                   const Root& root, bool guessed) {
  auto shape = member.shape();
  if (value.is_null()) {
    // A structure that is the whole JSON body and not there is sent as an empty one.
    bool object = protocol == model::Protocol::rest_json && shape.type() == Type::structure;
    return object && root.asked ? Body{.bytes = "{}", .content_type = std::string(json_type)}
                                : Body{};
  }
  if (shape.type() == Type::blob) {
    auto bytes = from_base64(json::text(value));
    // Nobody knows what a stream holds.
    auto type = guessed && !member.streaming() ? "application/octet-stream" : "";
    return {.bytes = bytes ? *bytes : "", .content_type = type};
  }
  if (shape.type() == Type::string) {
    return {.bytes = json::text(value), .content_type = guessed ? "text/plain" : ""};
  }
  if (protocol == model::Protocol::rest_xml) {
    Root own{.name = std::string(member.location_name()),
             .xml_namespace = std::string(member.xml_namespace())};
    return xml_document(shape, json::members(value), own);
  }
  bool structure = shape.type() == Type::structure && !shape.document();
  auto body =
      structure ? json::Value(to_json_body(shape, json::members(value), Part::whole)) : value;
  return {.bytes = json::print(body), .content_type = std::string(json_type)};
}

Result<> read_payload(model::Protocol protocol, const model::Member& member, std::string_view bytes,
                      json::Object& into) {
  auto shape = member.shape();
  if (is_raw(shape)) {
    if (bytes.empty() && !member.streaming() && !member.required()) return {};
    into[member.name()] = shape.type() == Type::blob ? to_base64(bytes) : std::string(bytes);
    return {};
  }
  if (bytes.empty()) return {};
  if (protocol == model::Protocol::rest_xml) {
    pugi::xml_document document;
    CHECK_OK(parse_xml(document, bytes));
    into[member.name()] = read_xml(document.document_element(), shape);
    return {};
  }
  auto parsed = TRY(json::parse(bytes));
  bool structure = shape.type() == Type::structure && !shape.document();
  if (structure && parsed.is_object()) {
    parsed = from_json_body(shape, parsed.get_object(), Part::whole);
  }
  if (!parsed.is_null()) into[member.name()] = std::move(parsed);
  return {};
}

Result<> read_document(model::Protocol protocol, const model::Shape& shape, std::string_view bytes,
                       json::Object& into) {
  json::Object found;
  if (protocol == model::Protocol::rest_xml) {
    pugi::xml_document document;
    CHECK_OK(parse_xml(document, bytes));
    found = read_xml(document.document_element(), shape);
  } else {
    auto parsed = TRY(json::parse(bytes));
    if (!parsed.is_object()) return fail(Errc::corrupt, "the body is no JSON object");
    found = from_json_body(shape, parsed.get_object(), Part::body_only);
  }
  for (auto& [name, value] : found)
    into[name] = std::move(value);
  return {};
}

}  // namespace

Body write_body(model::Protocol protocol, const model::Shape& shape, const json::Object& values,
                const Root& root) {
  if (!shape) return {};
  if (auto payload = shape.member(shape.payload()); !shape.payload().empty() && payload) {
    // Where a member says what the body is, silence is an answer too.
    bool guessed = root.asked && !says_content_type(shape);
    return write_payload(protocol, *payload, json::at(values, payload->name()), root, guessed);
  }
  if (!has_body_members(shape)) return {};
  if (protocol == model::Protocol::rest_xml) {
    bool wanted = !root.asked || has_body_values(shape, values);
    return wanted ? xml_document(shape, values, root) : Body{};
  }
  auto body = to_json_body(shape, values, Part::body_only);
  return {.bytes = json::print(body), .content_type = std::string(json_type)};
}

Result<> read_body(model::Protocol protocol, const model::Shape& shape, std::string_view bytes,
                   json::Object& into) {
  if (!shape) return {};
  if (auto payload = shape.member(shape.payload()); !shape.payload().empty() && payload) {
    return read_payload(protocol, *payload, bytes, into);
  }
  if (bytes.empty() || !has_body_members(shape)) return {};
  return read_document(protocol, shape, bytes, into);
}

}  // namespace aright::aws
