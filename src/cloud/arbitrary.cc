#include "cloud/arbitrary.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "cloud/description_check.h"
#include "cloud/effect.h"

namespace aright::cloud {

namespace {

constexpr int depth_max = 6;
constexpr std::uint64_t items_max = 3;
constexpr std::uint64_t number_max = 1000;

}  // namespace

std::string Arbitrary::word() {
  std::string out(4 + random_.below(5), ' ');
  for (char& c : out)
    c = static_cast<char>('a' + random_.below(26));
  return out;
}

json::Value Arbitrary::value(const model::Shape& shape) {
  return value(shape, 0);
}

json::Value Arbitrary::value(const model::Shape& shape, int depth) {
  switch (shape.type()) {
    case model::Type::structure: {
      json::Object out;
      for (const auto& member : shape.members())
        if (member.required() || (depth < depth_max && random_.below(3) > 0))
          out[member.name()] = value(member.shape(), depth + 1);
      return out;
    }
    case model::Type::list: {
      json::Array out;
      auto count = depth < depth_max ? 1 + random_.below(items_max) : 1;
      for (std::uint64_t i = 0; i < count; ++i)
        out.push_back(value(shape.element(), depth + 1));
      return out;
    }
    case model::Type::map: {
      json::Object out;
      for (std::uint64_t i = 0, count = 1 + random_.below(items_max); i < count; ++i)
        out[word()] = value(shape.element(), depth + 1);
      return out;
    }
    case model::Type::string:
      return json::Value(word());
    case model::Type::integer:
      return json::Value(static_cast<std::int64_t>(random_.below(number_max)));
    case model::Type::floating:
      return json::Value(static_cast<double>(random_.below(number_max)) / 4);
    case model::Type::boolean:
      return json::Value(random_.below(2) == 1);
    case model::Type::timestamp:
      return json::Value("2024-05-01T10:00:00Z");
    case model::Type::blob:
      return json::Value(to_base64(word()));
  }
  return nullptr;
}

json::Value Arbitrary::amendments(const Write& write) {
  json::Object one{{"op", "replace"}, {"path", write.path}, {"value", word()}};
  if (write.typed) one["value"] = std::to_string(random_.below(number_max));
  if (write.path.ends_with('/')) {
    auto part = write.members.empty() ? word() : write.members.front();
    if (!write.leaves.empty()) part += "/" + write.leaves.begin()->first;
    one["path"] = write.path + part;
  }
  return json::Array{std::move(one)};
}

namespace {

json::Array with_different_identities(const Aspect& aspect, const json::Array& items) {
  json::Array out;
  std::set<std::string> seen;
  for (const auto& item : items)
    if (seen.insert(json::canonical(identity(aspect, item))).second) out.push_back(item);
  return out;
}

// A set that nothing is dropped from has the same items always.
bool is_fixed(const Aspect& aspect) {
  return aspect.set && aspect.initial && !json::items(*aspect.initial).empty() &&
         std::ranges::none_of(aspect.writes, [](const Write& write) {
           return write.mode == Mode::drop || write.mode == Mode::replace;
         });
}

}  // namespace

// Without its identity an item could not be told from the others.
json::Value Arbitrary::identified(const Aspect& aspect, const model::Shape& shape) {
  auto item = value(shape);
  if (!item.is_object()) return item;
  for (const auto& name : aspect.identity)
    if (!item.get_object().contains(name) && shape.member(name)) item.get_object()[name] = word();
  return item;
}

json::Value Arbitrary::written(const Aspect& aspect, const Write& write,
                               const model::Models& models) {
  if (write.mode == Mode::amend) return amendments(write);
  auto service = models.service(aspect.type->service);
  auto operation = service ? service->operation(write.op.name) : std::nullopt;
  auto shape =
      operation && operation->input() ? shape_at(operation->input(), write.at) : std::nullopt;
  if (!shape) return nullptr;
  json::Value out;
  if (write.at.many()) {
    json::Array items;
    for (std::uint64_t i = 0, count = 1 + random_.below(items_max); i < count; ++i)
      items.push_back(identified(aspect, *shape));
    out = std::move(items);
  } else {
    out = value(*shape);
  }
  if (!write.members.empty() && out.is_object()) {
    json::Object kept;
    for (const auto& name : write.members)
      if (const auto* member = out.as_object().if_contains(name)) kept[name] = *member;
    out = std::move(kept);
  }
  if (aspect.shape.json_text && out.is_string())
    out = json::Value(json::print(
        json::Object{{"Version", "2012-10-17"}, {"Id", word()}, {"Statement", json::Array()}}));
  // What identifies an item is there, whether the model demands it or not.
  if (auto* items = out.if_array(); items != nullptr && write.at.many())
    for (auto& item : *items)
      for (const auto& name : aspect.identity)
        if (auto member = item.is_object() ? shape->member(name) : std::nullopt;
            member && !item.get_object().contains(name))
          item.get_object()[name] = value(member->shape());
  if (auto* items = out.if_array(); items != nullptr && is_fixed(aspect)) {
    const auto& known = json::items(*aspect.initial);
    for (auto& item : *items)
      for (const auto& name : aspect.identity)
        item.as_object()[name] = json::at(known[random_.below(known.size())], name);
  }
  if (auto* item = out.if_object(); item != nullptr && write.mode == Mode::add && is_fixed(aspect)) {
    const auto& known = json::items(*aspect.initial);
    for (const auto& name : aspect.identity)
      (*item)[name] = json::at(known[random_.below(known.size())], name);
  }
  if (aspect.set && out.is_array()) out = with_different_identities(aspect, out.as_array());
  return out;
}

}  // namespace aright::cloud
