#pragma once
// The compiled form, byte by byte (README.md describes it; tools/modelc/layout.py writes it).
// Everything is little endian, records have no padding, and nothing is aligned for us: records are
// copied out, never pointed at. Internal to this module.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/error.h"

namespace aright::model::form {

static_assert(std::endian::native == std::endian::little, "the compiled form is little endian");

inline constexpr std::string_view magic = "ARMODELS";
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint32_t none = 0xffffffff;  // no such shape, no such record

using Text = std::uint32_t;  // where a string begins in the last part

enum class Part : std::uint32_t {
  services,
  lookup_names,  // sorted by name
  signers,       // sorted by name
  operations,    // per service, sorted by name
  snakes,        // per service beside its operations, sorted by snake_case name
  shapes,
  shape_details,  // sorted by shape
  members,
  member_details,  // sorted by member
  paginations,
  waiters,  // per service, sorted by name
  acceptors,
  texts,
  strings,
};
inline constexpr std::uint32_t parts = 14;

struct Header {
  char magic[8];
  std::uint32_t version, size;
};
struct Extent {  // of a part: where it begins, how many records (of strings: bytes)
  std::uint32_t offset, count;
};
struct Service {
  Text name, api_version, service_id, endpoint_prefix, signing_name, signature_version,
      target_prefix, json_version, xml_namespace, global_endpoint;
  std::uint32_t protocol, first_operation, operations, first_waiter, waiters;
  static constexpr Part part = Part::services;
};
struct LookupName {
  Text name;
  std::uint32_t service;
  static constexpr Part part = Part::lookup_names;
};
struct Signer {
  Text name;
  std::uint32_t service;
  static constexpr Part part = Part::signers;
};
struct Operation {
  Text name, method, uri;
  std::uint32_t input, output;  // shapes, or none
  Text input_wrapper, input_xml_namespace, result_wrapper, host_prefix, auth_type;
  std::uint32_t pagination;  // or none
  std::uint16_t success_status, flags;
  static constexpr Part part = Part::operations;
};
struct Snake {
  Text name;
  std::uint32_t operation;
  static constexpr Part part = Part::snakes;
};
struct Shape {
  std::uint8_t type, flags, timestamp_format, unused;
  std::uint32_t first_member, members;  // a list has one member, its item; a map two, key and value
  static constexpr Part part = Part::shapes;
};
struct ShapeDetail {
  std::uint32_t owner;
  Text payload, xml_name, xml_namespace, xml_prefix;
  static constexpr Part part = Part::shape_details;
};
struct Member {
  Text name, location_name;
  std::uint32_t shape;
  std::uint8_t location, timestamp_format;
  std::uint16_t flags;
  static constexpr Part part = Part::members;
};
struct MemberDetail {
  std::uint32_t owner;
  Text query_name, xml_namespace, xml_prefix;
  static constexpr Part part = Part::member_details;
};
struct TextList {
  std::uint32_t first, count;
};
struct Pagination {
  TextList input_tokens, output_tokens, result_keys;
  Text limit_key, more_results;
  static constexpr Part part = Part::paginations;
};
struct Waiter {
  Text name, snake, operation;
  std::uint32_t delay_s, attempts_max, first_acceptor, acceptors;
  static constexpr Part part = Part::waiters;
};
struct Acceptor {
  Text matcher, argument, expected, state;
  static constexpr Part part = Part::acceptors;
};
struct ListedText {
  Text text;
  static constexpr Part part = Part::texts;
};

enum ShapeFlag : std::uint16_t {
  shape_flattened = 1,
  shape_sensitive = 2,
  shape_streaming = 4,
  shape_event_stream = 8,
  shape_document = 16,
  shape_has_detail = 128,
};
enum MemberFlag : std::uint16_t {
  member_required = 1,
  member_idempotency_token = 2,
  member_xml_attribute = 4,
  member_flattened = 8,
  member_streaming = 16,
  member_host_label = 32,
  member_json_value = 64,
  member_has_detail = 128,
};
enum OperationFlag : std::uint16_t { operation_checksum_required = 1 };

// Copies a T from where the form says it is. The bytes are trusted: check() has seen them, or the
// build made them.
template <typename T>
T copy_at(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

inline Extent extent(std::string_view bytes, Part part) {
  return copy_at<Extent>(bytes, sizeof(Header) + static_cast<std::size_t>(part) * sizeof(Extent));
}

template <typename Record>
Record read(std::string_view bytes, std::uint32_t index) {
  return copy_at<Record>(bytes,
                         extent(bytes, Record::part).offset + std::size_t{index} * sizeof(Record));
}

inline std::string_view text(std::string_view bytes, Text place) {
  const std::size_t offset = extent(bytes, Part::strings).offset + std::size_t{place};
  return bytes.substr(offset + sizeof(std::uint16_t), copy_at<std::uint16_t>(bytes, offset));
}

// Whether every index in the bytes leads to a record and every text lies within them, so that no
// reader can be led outside. One pass over all records, a few milliseconds. Fails with
// Errc::corrupt.
Result<> check(std::string_view bytes);

}  // namespace aright::model::form
