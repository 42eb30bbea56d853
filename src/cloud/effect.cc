#include "cloud/effect.h"

#include <algorithm>
#include <array>
#include <span>

#include "cloud/cidr.h"
#include "cloud/computed.h"
#include "cloud/locate.h"
#include "cloud/template.h"

namespace aright::cloud {

namespace {

constexpr std::string_view input_placeholder = "input.";

json::Object patch_of(const Write& write, const json::Value& input);

// An item that is made of members of the input.
bool is_flat(const Write& write) {
  return write.at.empty() && !write.members.empty();
}

json::Array given_items(const Aspect& aspect, const Write& write, const json::Value& input) {
  if (is_flat(write)) return {masked(aspect, patch_of(write, input))};
  json::Array out;
  if (write.at.many()) {
    for (const auto* item : write.at.select(input))
      out.push_back(*item);
  } else if (const auto& value = write.at.get(input); value.is_array()) {
    out = value.get_array();
  } else if (!value.is_null()) {
    out.push_back(value);
  }
  if (!aspect.explode.empty()) out = exploded(aspect, out).as_array();
  for (auto& item : out)
    item = masked(aspect, std::move(item));
  return out;
}

json::Value with_members(json::Value before, const json::Object& members) {
  if (!before.is_object()) before = json::Object();
  for (const auto& [name, member] : members)
    before.as_object()[name] = member;
  return before;
}

// Where the parent of the last step is there, and the last step is not.
void set_default(json::Value& value, std::span<const Step> steps, const json::Value& member) {
  auto* members = value.if_object();
  if (members == nullptr || steps.empty()) return;
  const auto& step = steps.front();
  auto* found = members->if_contains(step.member);
  if (steps.size() == 1) {
    if (found == nullptr) (*members)[step.member] = member;
    return;
  }
  if (found == nullptr) return;
  if (!step.each) return set_default(*found, steps.subspan(1), member);
  if (auto* items = found->if_array())
    for (auto& item : *items)
      set_default(item, steps.subspan(1), member);
}

json::Value with_defaults(json::Value value, const json::Object& defaults) {
  for (const auto& [place, member] : defaults)
    if (auto path = Path::parse(place)) set_default(value, path->steps(), member);
  return value;
}

// What Mode::patch takes from the input.
json::Object patch_of(const Write& write, const json::Value& input) {
  if (!write.to.is_null()) return json::members(write.to);
  const auto& all = json::members(write.at.get(input));
  if (write.members.empty()) return all;
  json::Object out;
  for (const auto& name : write.members)
    if (auto found = all.find(name); found != all.end()) out[name] = found->value();
  return out;
}

// What stands after a patch operation's prefix; nothing when the write is not about it.
std::optional<std::string> amended_part(const Write& write, const json::Value& one) {
  auto path = json::text(one, "path", "");
  if (!write.path.ends_with('/'))
    return path == write.path ? std::optional(std::string()) : std::nullopt;
  if (!path.starts_with(write.path) || path.size() == write.path.size()) return std::nullopt;
  auto rest = path.substr(write.path.size());
  bool other = !write.members.empty() &&
               std::ranges::find(write.members, rest) == write.members.end();
  if (other) return std::nullopt;
  if (write.leaves.empty()) return rest;
  bool known = json::text(one, "op", "") == "remove" ||
               std::ranges::any_of(write.leaves, [&](const auto& leaf) {
                 return rest.ends_with("/" + leaf.first);
               });
  return known ? std::optional(rest) : std::nullopt;
}

// The text of a patch operation as the member it stands for.
json::Value amended_value(const Write& write, const json::Value& one) {
  const auto& value = json::at(one, "value");
  auto text = json::text(value);
  if (!write.typed) return value;
  if (text == "true" || text == "false") return json::Value(text == "true");
  auto number = json::parse(text);
  return number && number->is_number() ? *number : value;
}

void amend_entry(const Write& write, const json::Value& one, const std::string& part,
                 json::Object& entries) {
  bool removes = json::text(one, "op", "") == "remove";
  for (const auto& [leaf, member] : write.leaves) {
    if (!part.ends_with("/" + leaf)) continue;
    auto name = part.substr(0, part.size() - leaf.size() - 1);
    auto& entry = entries[name];
    if (!entry.is_object()) entry = json::Object();
    if (removes)
      entry.as_object().erase(member);
    else
      entry.as_object()[member] = amended_value(write, one);
    if (entry.as_object().empty()) entries.erase(name);
    return;
  }
  if (removes) entries.erase(part);
}

json::Value amend(const Write& write, const json::Value& input, json::Value before) {
  for (const auto& one : json::items(write.at.get(input))) {
    auto part = amended_part(write, one);
    if (!part) continue;
    bool removes = json::text(one, "op", "") == "remove";
    if (part->empty()) {
      before = removes ? json::Value() : amended_value(write, one);
      continue;
    }
    if (!before.is_object()) before = json::Object();
    auto& members = before.as_object();
    if (!write.leaves.empty())
      amend_entry(write, one, *part, members);
    else if (removes)
      members.erase(*part);
    else
      members[*part] = amended_value(write, one);
  }
  return before;
}

json::Value item_of(const Write& write, const json::Value& input) {
  auto item = fill(write.item, [&](std::string_view name) { return json::at(input, name); });
  return is_flat(write) ? with_members(patch_of(write, input), json::members(item)) : item;
}

json::Value add(const Aspect& aspect, const Write& write, const json::Value& input,
                json::Value before) {
  if (const auto* members = write.at.get(input).if_object(); members && !aspect.set)
    return with_members(std::move(before), *members);
  before = before.is_array() ? exploded(aspect, before) : json::Array();
  auto& items = before.as_array();
  for (const auto& given : given_items(aspect, write, input)) {
    auto item = write.item.is_null() ? given : masked(aspect, item_of(write, input));
    auto equal = [&](const json::Value& other) {
      return identity(aspect, other) == identity(aspect, item);
    };
    auto found = std::ranges::find_if(items, equal);
    if (found == items.end()) {
      items.push_back(std::move(item));
    } else {
      *found = std::move(item);
    }
  }
  return before;
}

json::Value drop(const Aspect& aspect, const Write& write, const json::Value& input,
                 json::Value before) {
  auto given = given_items(aspect, write, input);
  if (auto* members = before.if_object()) {
    for (const auto& name : given)
      members->erase(json::text(name));
    return before;
  }
  if (!before.is_array()) return before;
  before = exploded(aspect, before);
  json::Array kept;
  for (const auto& item : before.as_array()) {
    auto goes = std::ranges::any_of(given, [&](const json::Value& id) {
      return identity_in(aspect, id) == identity(aspect, item);
    });
    if (!goes) kept.push_back(item);
  }
  return kept;
}

}  // namespace

bool amends(const Write& write, const json::Value& one) {
  return amended_part(write, one).has_value();
}

json::Value identity(const Aspect& aspect, const json::Value& item) {
  if (aspect.identity.size() == 1) return json::at(item, aspect.identity.front());
  if (!aspect.identity.empty()) {
    json::Object names;
    for (const auto& name : aspect.identity)
      if (const auto& member = json::at(item, name); !member.is_null()) names[name] = member;
    return names;
  }
  auto out = item;
  auto* members = out.if_object();
  for (const auto& list : aspect.explode) {
    auto* elements = members != nullptr ? members->if_contains(list) : nullptr;
    if (elements == nullptr || !elements->is_array()) continue;
    for (auto& element : elements->get_array())
      for (const auto& name : aspect.apart_from)
        if (element.is_object()) element.get_object().erase(name);
  }
  return out;
}

namespace {

void mask(json::Value& value, std::span<const Step> steps) {
  if (steps.empty()) {
    if (value.is_string())
      if (auto block = masked_cidr(value.get_string())) value = json::Value(*block);
    return;
  }
  auto* members = value.if_object();
  auto* found = members == nullptr ? nullptr : members->if_contains(steps.front().member);
  if (found == nullptr) return;
  if (!steps.front().each) return mask(*found, steps.subspan(1));
  if (auto* items = found->if_array())
    for (auto& item : *items)
      mask(item, steps.subspan(1));
}

}  // namespace

json::Value masked(const Aspect& aspect, json::Value value) {
  if (aspect.cidrs.empty()) return value;
  if (auto* items = value.if_array()) {
    for (auto& item : *items)
      item = masked(aspect, std::move(item));
    return value;
  }
  for (const auto& place : aspect.cidrs)
    mask(value, place.steps());
  return value;
}

json::Value identity_in(const Aspect& aspect, const json::Value& item) {
  return item.is_object() ? identity(aspect, item) : item;
}

json::Value cleared(const Aspect& aspect) {
  return aspect.initial ? *aspect.initial : json::Value();
}

json::Value settled(const Aspect& aspect, json::Value value) {
  bool hollow = (value.is_array() && value.as_array().empty()) ||
                (value.is_object() && value.as_object().empty());
  bool collection = aspect.set || std::ranges::any_of(aspect.writes, [](const Write& write) {
                      return write.mode == Mode::entry || write.mode == Mode::add ||
                             (write.mode == Mode::amend && write.path.ends_with('/'));
                    });
  if (hollow && collection) return nullptr;
  if (hollow && !aspect.members.empty()) return nullptr;
  return aspect.nothing && value == *aspect.nothing ? json::Value() : value;
}

json::Value kept(const Aspect& aspect, json::Value value) {
  if (auto* members = value.if_object(); members != nullptr && !aspect.members.empty()) {
    json::Object own;
    for (const auto& name : aspect.members)
      if (auto found = members->find(name); found != members->end()) own[name] = found->value();
    *members = std::move(own);
  }
  if (auto* members = value.if_object())
    for (const auto& name : aspect.without)
      members->erase(name);
  if (auto* items = value.if_array())
    for (auto& item : *items) {
      for (const auto& name : aspect.without)
        if (item.is_object()) item.get_object().erase(name);
      if (!aspect.each.empty() && !json::at(item, aspect.each).is_null())
        item = json::Value(json::at(item, aspect.each));
    }
  if (aspect.short_name && value.is_string())
    if (auto text = json::text(value); text.starts_with("arn:"))
      value = json::Value(text.substr(text.rfind('/') + 1));
  if (aspect.text && value.is_number()) value = json::Value(json::scalar_text(value));
  return value;
}

namespace {

json::Value in_order(const Aspect& aspect, const json::Value& text) {
  auto document = text.is_string() ? json::parse(text.get_string()) : Result<json::Value>(text);
  auto* members = document ? document->if_object() : nullptr;
  auto* list = members != nullptr ? members->if_contains(aspect.unordered) : nullptr;
  if (list == nullptr || !list->is_array()) return text;
  std::ranges::sort(list->get_array(), {}, [](const json::Value& item) { return json::canonical(item); });
  return json::Value(json::print(*document));
}

}  // namespace

json::Value normal(const Aspect& aspect, json::Value value) {
  value = settled(aspect, kept(aspect, std::move(value)));
  if (!aspect.unordered.empty()) return in_order(aspect, value);
  if (!aspect.set || !value.is_array()) return value;
  value = exploded(aspect, value);
  auto& items = value.as_array();
  std::ranges::sort(items, {}, [](const json::Value& item) { return json::canonical(item); });
  return value;
}

json::Value exploded(const Aspect& aspect, const json::Value& set) {
  if (aspect.explode.empty() || !set.is_array()) return set;
  json::Array out;
  for (const auto& item : set.get_array()) {
    auto rest = json::members(item);
    for (const auto& list : aspect.explode)
      rest.erase(list);
    for (const auto& list : aspect.explode) {
      for (const auto& element : json::items(json::at(item, list))) {
        auto one = rest;
        one[list] = json::Array{element};
        out.push_back(std::move(one));
      }
    }
  }
  return out;
}

json::Value gathered(const Aspect& aspect, const json::Value& set) {
  if (aspect.explode.empty() || !set.is_array()) return set;
  json::Array out;
  std::map<std::string, std::size_t> places;  // of what has the same members beside the lists
  for (const auto& item : set.get_array()) {
    auto rest = json::members(item);
    for (const auto& list : aspect.explode)
      rest.erase(list);
    auto [place, fresh] = places.try_emplace(json::canonical(rest), out.size());
    if (fresh) out.push_back(std::move(rest));
    auto& whole = out[place->second].as_object();
    for (const auto& list : aspect.explode) {
      for (const auto& element : json::items(json::at(item, list))) {
        if (!whole.contains(list)) whole[list] = json::Array();
        whole[list].as_array().push_back(element);
      }
    }
  }
  return out;
}

bool same(const Aspect& aspect, const json::Value& left, const json::Value& right) {
  if (left == right) return true;
  auto one = normal(aspect, left), other = normal(aspect, right);
  if (!aspect.shape.json_text) return json::equal(one, other);
  return json::equal(opened(one), opened(other));
}

json::Value opened(const json::Value& value) {
  if (value.is_string()) {
    auto document = json::parse(value.get_string());
    return document && (document->is_object() || document->is_array()) ? *document : value;
  }
  auto out = value;
  if (auto* members = out.if_object())
    for (auto& [name, member] : *members)
      if (member.is_string()) member = opened(member);
  return out;
}

json::Value taken(const Creation& create, const Aspect& aspect, const json::Object& input,
                  const Lookup& lookup) {
  auto found = create.takes.find(aspect.name);
  if (found == create.takes.end()) return nullptr;
  const auto& from = found->second;
  const json::Value whole = input;
  if (placeholders(from).empty() && from.is_string()) {
    auto path = Path::parse(from.get_string());
    return path ? settled(aspect, masked(aspect, path->get(whole))) : json::Value();
  }
  bool said = false;
  auto value = fill(from, [&](std::string_view name) -> json::Value {
    if (!name.starts_with(input_placeholder)) return lookup ? lookup(name) : json::Value();
    auto path = Path::parse(name.substr(input_placeholder.size()));
    auto member = path ? path->get(whole) : json::Value();
    said = said || !member.is_null();
    return member;
  });
  return said ? settled(aspect, std::move(value)) : json::Value();
}

const json::Value& arrived(const Aspect& aspect, const json::Value& value) {
  for (const auto& write : aspect.writes)
    if (!write.via.is_null() && write.via == value) return write.to;
  return value;
}

bool engages(const Write& write, const json::Object& input) {
  const json::Value whole = input;
  for (const auto& [name, value] : write.when)
    if (json::at(input, name) != value) return false;
  if (!write.compute.empty()) return !find_compute(write.compute)(input, nullptr).is_null();
  switch (write.mode) {
    case Mode::constant:
    case Mode::clear:
      return write.at.empty() || !write.at.get(whole).is_null();
    case Mode::entry:
    case Mode::unentry:
      return !write.entry.get(whole).is_null();
    case Mode::patch:
      return !patch_of(write, whole).empty();
    case Mode::amend:
      return std::ranges::any_of(json::items(write.at.get(whole)),
                                 [&](const json::Value& one) { return amends(write, one); });
    case Mode::add:
    case Mode::drop:
      if (is_flat(write)) return !patch_of(write, whole).empty();
      [[fallthrough]];
    case Mode::replace:
      return !write.at.get(whole).is_null();
  }
  return false;
}

bool fits(const Aspect& aspect, const Write& write, const json::Object& input,
          const json::Value& before) {
  bool comes = write.mode == Mode::add && !write.replaces;
  auto set = exploded(aspect, before);
  auto given = given_items(aspect, write, json::Value(input));
  return std::ranges::all_of(given, [&](const json::Value& item) {
    auto is_it = [&](const json::Value& other) {
      return identity(aspect, other) == identity_in(aspect, item);
    };
    return std::ranges::any_of(json::items(set), is_it) != comes;
  });
}

bool asks_for(const Read& read, const json::Object& input) {
  return std::ranges::all_of(read.op.with, [&](const auto& along) {
    const auto& said = json::at(input, along.key());
    bool plain = along.value().is_string() && placeholders(along.value()).empty();
    return !plain || !said.is_string() || said == along.value();
  });
}

json::Value apply(const Aspect& aspect, const Write& write, const json::Object& input,
                  const json::Value& before) {
  if (!engages(write, input)) return before;
  const json::Value whole = input;
  if (!write.compute.empty()) return settled(aspect, masked(aspect, find_compute(write.compute)(input, before)));
  switch (write.mode) {
    case Mode::replace:
      return settled(aspect, masked(aspect, with_defaults(write.at.get(whole), write.defaults)));
    case Mode::patch:
      return settled(aspect, with_defaults(with_members(write.whole ? json::Value() : before,
                                                        patch_of(write, whole)),
                                           write.defaults));
    case Mode::constant:
      return write.to;
    case Mode::add:
      return settled(aspect, add(aspect, write, whole, before));
    case Mode::drop:
      return settled(aspect, drop(aspect, write, whole, before));
    case Mode::entry: {
      auto name = json::text(write.entry.get(whole));
      return with_members(before, {{name, write.at.get(whole)}});
    }
    case Mode::unentry: {
      auto after = before;
      if (auto* members = after.if_object()) members->erase(json::text(write.entry.get(whole)));
      return settled(aspect, std::move(after));
    }
    case Mode::clear:
      return cleared(aspect);
    case Mode::amend:
      return settled(aspect, amend(write, whole, before));
  }
  return before;
}

}  // namespace aright::cloud
