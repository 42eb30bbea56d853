#pragma once
// For tests: values that fit a shape, different with every seed, such as each place on the wire can
// carry them.

#include <algorithm>

#include "aws/wire_value.h"
#include "base/digest.h"
#include "base/random.h"
#include "model/model.h"

namespace aright::aws {

inline bool is_streamed(const model::Shape& shape) {
  return shape && std::ranges::any_of(shape.members(), [](const model::Member& member) {
           return member.shape().event_stream();
         });
}

struct RandomOptions {
  bool empty = true;      // structures without members
  bool fractions = true;  // of a second
  bool awkward = true;    // carriage returns in texts, commas and quotes in headers
};

class RandomValue {
 public:
  RandomValue(Random& random, RandomOptions options) : random_(random), options_(options) {}

  json::Object message(const model::Shape& shape) {
    json::Object object;
    if (!shape) return object;
    for (const model::Member& member : shape.members()) {
      if (!wanted(member, 0)) continue;
      bool is_payload = shape.payload() == member.name();
      bool is_text = is_payload && member.shape().type() == model::Type::string;
      auto value = is_text ? text("aZ <&\n", 1) : at(member);
      if (!value.is_null()) object[member.name()] = std::move(value);
    }
    return object;
  }

 private:
  static constexpr int depth_usual = 4, deepest = 20, items_max = 3;

  bool wanted(const model::Member& member, int depth) {
    // A token that is missing would be made up; a payload that is missing may come back empty.
    bool always = member.required() || member.idempotency_token() || member.streaming() ||
                  member.location() == model::Location::status_code;
    return always || (depth < depth_usual && random_.below(2) == 0);
  }

  json::Value at(const model::Member& member) {
    using model::Location, model::TimestampFormat;
    auto shape = member.shape();
    switch (member.location()) {
      case Location::status_code:
        return 200 + static_cast<int>(random_.below(100));
      case Location::uri:
        if (member.host_label()) return text("abz019-", 1);
        return outside_body(member, shape, "aZ0 /+%&?=:.é~*", TimestampFormat::iso8601);
      case Location::querystring:
        return outside_body(member, shape, "aZ0 /+%&?=:.é~*", TimestampFormat::iso8601);
      case Location::header:
        if (member.location_name() == "x-amz-sdk-checksum-algorithm") return "SHA256";
        if (member.host_label()) return text("abz019-", 1);
        if (is_header_json(member)) return json::Object{{"a", 1}, {"b", "u"}};
        return outside_body(member, shape,
                            options_.awkward ? "aZ0/+%,\"=" : "aZ0/+%=", TimestampFormat::rfc822);
      case Location::headers:
        return json::Object{{"some-" + word("abc", 1), text("aZ0/+%", 1)}};
      case Location::body:
        break;
    }
    if (member.host_label()) return text("abz019-", 1);
    return any(shape, time_format(member, TimestampFormat::by_protocol), 1);
  }

  json::Value outside_body(const model::Member& member, const model::Shape& shape,
                           std::string_view letters, model::TimestampFormat otherwise) {
    using model::Type;
    if (shape.type() == Type::list) {
      json::Array items;
      for (int left = count(); left > 0; --left)
        items.push_back(outside_body(member, shape.element(), letters, otherwise));
      return items;
    }
    if (shape.type() == Type::map) {
      auto item = outside_body(member, shape.element(), letters, otherwise);
      return json::Object{{"zz" + word("abc", 1), std::move(item)}};
    }
    if (shape.type() == Type::string) return text(letters, 1);
    if (shape.type() == Type::timestamp) return instant(time_format(member, otherwise));
    return any(shape, otherwise, 1);
  }

  json::Value any(const model::Shape& shape, model::TimestampFormat format, int depth) {
    using model::Type;
    switch (shape.type()) {
      case Type::structure:
        return depth > deepest ? json::Value() : structure(shape, depth);
      case Type::list: {
        json::Array items;
        auto item_format = time_format(shape.element(), model::TimestampFormat::by_protocol);
        for (int left = count(); left > 0; --left) {
          auto item = depth > 3 * depth_usual ? json::Value()
                                              : any(shape.element(), item_format, depth + 1);
          if (!item.is_null()) items.push_back(std::move(item));
        }
        return items.empty() ? json::Value() : json::Value(std::move(items));
      }
      case Type::map:
        return map(shape, depth);
      case Type::string:
        return text(
            options_.awkward ? "aZ09 .<>&'\"\\/\n\r\t=+%;:é日" : "aZ09 .<>&'\"\\/\n\t=+%;:é日", 0);
      case Type::blob:
        return json::Value(
            json::String(to_base64(word(std::string_view("\0\x01\xff\xc3z", 5), 1))));
      case Type::integer:
        return static_cast<std::int64_t>(random_.below(1u << 30)) - (1 << 29);
      case Type::floating:
        return static_cast<double>(random_.below(1u << 20)) / 1024 + 0.5;
      case Type::boolean:
        return random_.below(2) == 0;
      case Type::timestamp:
        return instant(format);
    }
    return nullptr;
  }

  json::Value structure(const model::Shape& shape, int depth) {
    json::Object object;
    if (shape.document()) return json::Object{{"any", json::Array{1, "x", nullptr}}};
    for (const model::Member& member : shape.members()) {
      bool recursing = depth > 3 * depth_usual;
      bool filling = !options_.empty && object.empty();
      if (!filling && (recursing || !wanted(member, depth))) continue;
      auto format = time_format(member, model::TimestampFormat::by_protocol);
      auto value = any(member.shape(), format, depth + 1);
      if (!value.is_null()) object[member.name()] = std::move(value);
    }
    return object;
  }

  json::Value map(const model::Shape& shape, int depth) {
    json::Object object;
    auto format = time_format(shape.element(), model::TimestampFormat::by_protocol);
    for (int left = count(); left > 0; --left) {
      auto value =
          depth > 3 * depth_usual ? json::Value() : any(shape.element(), format, depth + 1);
      if (!value.is_null()) object[word("aZ0. <&é/", 1)] = std::move(value);
    }
    return object.empty() ? json::Value() : json::Value(std::move(object));
  }

  json::Value instant(model::TimestampFormat format) {
    Timestamp time{static_cast<std::int64_t>(random_.below(4'000'000'000)) * 1000};
    bool whole = !options_.fractions || format == model::TimestampFormat::rfc822;
    if (!whole) time.ms += random_.below(2) * 125;
    return json::Value(json::String(iso_text(time)));
  }

  json::Value text(std::string_view letters, std::size_t shortest) {
    return json::Value(json::String(word(letters, shortest)));
  }

  // Whole characters only: a cut UTF-8 sequence is no text.
  std::string word(std::string_view letters, std::size_t shortest) {
    std::vector<std::string> characters;
    for (unsigned char c : letters) {
      bool continues = (c & 0xc0) == 0x80 && !characters.empty() && letters.front() != '\0';
      if (!continues) characters.emplace_back();
      characters.back() += static_cast<char>(c);
    }
    std::string out;
    for (auto left = shortest + random_.below(6); left > 0; --left)
      out += characters[random_.below(characters.size())];
    return out;
  }

  int count() { return 1 + static_cast<int>(random_.below(items_max)); }

  Random& random_;
  const RandomOptions options_;
};

}  // namespace aright::aws
