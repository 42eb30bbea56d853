#include "aws/wire_value.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace aright::aws {

using model::TimestampFormat;
using model::Type;

namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  auto end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<Timestamp> from_unix(double seconds) {
  // The years 1 to 9999; outside of them a timestamp has no text.
  constexpr double first = -62'135'596'800, last = 253'402'300'799;
  if (!(seconds >= first && seconds <= last)) return std::nullopt;
  return Timestamp{std::llround(seconds * 1000)};
}

json::Value text_value(std::string_view text) {
  return json::Value(json::String(text));
}

}  // namespace

std::string to_text(Timestamp time, TimestampFormat format) {
  switch (format) {
    case TimestampFormat::rfc822:
      return time.format("%a, %d %b %Y %H:%M:%S GMT");
    case TimestampFormat::unix_timestamp:
      return json::print(unix_time(time));
    case TimestampFormat::by_protocol:
    case TimestampFormat::iso8601:
      break;
  }
  return iso_text(time);
}

bool is_flat(const model::Member& member) {
  return member.flattened() || member.shape().flattened();
}

std::string_view wire_name(const model::Member& member) {
  bool own_name = member.location_name() != member.name();
  bool flat_list = is_flat(member) && member.shape().type() == Type::list;
  bool by_items = flat_list && !own_name && !member.shape().element_name().empty();
  return by_items ? member.shape().element_name() : member.location_name();
}

bool is_header_json(const model::Member& member) {
  return member.json_value() && member.location() == model::Location::header;
}

TimestampFormat time_format(const model::Shape& shape, TimestampFormat otherwise) {
  auto said = shape.timestamp_format();
  return said == TimestampFormat::by_protocol ? otherwise : said;
}

TimestampFormat time_format(const model::Member& member, TimestampFormat otherwise) {
  auto said = member.timestamp_format();
  return said == TimestampFormat::by_protocol ? time_format(member.shape(), otherwise) : said;
}

std::string iso_text(Timestamp time) {
  return time.ms % 1000 == 0 ? time.iso_seconds() : time.iso();
}

json::Value unix_time(Timestamp time) {
  if (time.ms % 1000 == 0) return time.ms / 1000;
  return static_cast<double>(time.ms) / 1000;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto words = split(text, ' ');
  if (words.size() != 6 || words[2].size() != 3 || words[1].size() != 2) return std::nullopt;
  auto month = months.find(words[2]);
  if (month == months.npos || month % 3 != 0) return std::nullopt;
  auto iso = fmt::format("{}-{:02}-{}T{}Z", words[3], month / 3 + 1, words[1], words[4]);
  auto time = parse_timestamp(iso);
  return time ? std::optional(*time) : std::nullopt;
}

std::optional<Timestamp> read_time(const json::Value& value) {
  if (value.is_double()) return from_unix(value.get_double());
  if (value.is_int64()) return from_unix(static_cast<double>(value.get_int64()));
  if (!value.is_string()) return std::nullopt;
  std::string_view text = value.get_string();
  if (auto time = parse_timestamp(text)) return *time;
  if (auto seconds = parse_number<double>(text)) return from_unix(*seconds);
  return parse_http_date(text);
}

std::string to_wire(const model::Shape& shape, TimestampFormat format, const json::Value& value) {
  if (shape.type() == Type::timestamp) {
    auto time = read_time(value);
    return time ? to_text(*time, format) : json::scalar_text(value);
  }
  return json::scalar_text(value);
}

json::Value from_wire(const model::Shape& shape, std::string_view text) {
  switch (shape.type()) {
    case Type::timestamp: {
      auto time = read_time(text_value(text));
      return text_value(time ? iso_text(*time) : std::string(text));
    }
    case Type::boolean:
      if (equal_ignore_case(text, "true")) return true;
      if (equal_ignore_case(text, "false")) return false;
      return text_value(text);
    case Type::integer: {
      auto number = parse_number<std::int64_t>(text);
      return number ? json::Value(*number) : text_value(text);
    }
    case Type::floating: {
      auto number = parse_number<double>(text);
      // NaN and the infinities have no JSON number: they stay words.
      return number && std::isfinite(*number) ? json::Value(*number) : text_value(text);
    }
    case Type::string:
    case Type::blob:
    case Type::structure:
    case Type::list:
    case Type::map:
      break;
  }
  return text_value(text);
}

}  // namespace aright::aws
