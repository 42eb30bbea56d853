#include "cloud/merge.h"

#include "cloud/effect.h"

namespace aright::cloud {

namespace {

std::string item_name(const Aspect& aspect, const json::Value& item) {
  auto id = identity(aspect, item);
  return id.is_string() ? std::string(id.get_string()) : json::canonical(id);
}

// {identity: item}
json::Value keyed(const Aspect& aspect, const json::Value& set) {
  if (!set.is_array()) return set;
  json::Object out;
  for (const auto& item : set.get_array())
    out[item_name(aspect, item)] = item;
  return out;
}

json::Value unkeyed(const json::Value& items) {
  if (!items.is_object()) return items;
  json::Array out;
  for (const auto& [name, item] : items.get_object())
    out.push_back(item);
  return out;
}

// Documents go back into texts. Where one says what a text in `forms` says, that very text is
// taken.
json::Value closed(const json::Value& document, std::initializer_list<const json::Value*> forms) {
  for (const auto* form : forms)
    if (form->is_string() && json::equal(opened(*form), document)) return *form;
  return document.is_object() || document.is_array() ? json::Value(json::print(document))
                                                     : document;
}

bool holds_text(const json::Value& value) {
  return value.is_string();
}

json::Merge revert_documents(const json::Value& before, const json::Value& applied,
                             const json::Value& now) {
  auto merge = json::revert(opened(before), opened(applied), opened(now));
  if (holds_text(before) || holds_text(applied) || holds_text(now)) {
    merge.merged = closed(merge.merged, {&now, &before});
  } else if (auto* entries = merge.merged.if_object()) {
    for (auto& [name, document] : *entries)
      document = closed(document, {&json::at(now, name), &json::at(before, name)});
  }
  return merge;
}

}  // namespace

json::Value comparable(const Aspect& aspect, const json::Value& value) {
  if (aspect.set) return keyed(aspect, value);
  return aspect.shape.json_text ? opened(value) : value;
}

std::vector<json::Change> pieces(const Aspect& aspect, const json::Value& before,
                                 const json::Value& applied) {
  auto object_or_none = [&](const json::Value& value, const json::Value& other) {
    auto out = comparable(aspect, value);
    bool other_has_pieces = comparable(aspect, other).is_object();
    return out.is_null() && other_has_pieces ? json::Value(json::Object()) : out;
  };
  return json::diff(object_or_none(before, applied), object_or_none(applied, before));
}

json::Merge revert(const Aspect& aspect, const json::Value& before, const json::Value& applied,
                   const json::Value& now) {
  const auto &from = arrived(aspect, before), &is = arrived(aspect, now);
  if (same(aspect, is, applied)) return {.merged = from, .conflicts = {}};
  if (same(aspect, is, from)) return {.merged = is, .conflicts = {}};
  if (aspect.shape.json_text) return revert_documents(from, applied, is);
  if (!aspect.set) return json::revert(from, applied, is);
  // Absent and empty are the same set.
  auto items = [&](const json::Value& value) {
    return value.is_null() ? json::Value(json::Array()) : value;
  };
  if (aspect.identity.empty()) {
    auto merge = json::revert(items(from), items(applied), items(is));
    merge.merged = normal(aspect, std::move(merge.merged));
    return merge;
  }
  auto merge = json::revert(keyed(aspect, items(from)), keyed(aspect, items(applied)),
                            keyed(aspect, items(is)));
  merge.merged = normal(aspect, unkeyed(merge.merged));
  return merge;
}

}  // namespace aright::cloud
