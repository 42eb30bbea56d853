#include "cloud/effect.h"

#include <algorithm>
#include <array>
#include <span>

#include "cloud/computed.h"
#include "cloud/locate.h"
#include "cloud/template.h"

namespace aright::cloud {

namespace {

constexpr std::string_view input_placeholder = "input.";

// A list of identities may be written as bare texts, as items, or as one of either.
json::Value identity_in(const Aspect& aspect, const json::Value& item) {
  return item.is_object() ? identity(aspect, item) : item;
}

json::Array given_items(const Aspect& aspect, const Write& write, const json::Value& input) {
  json::Array out;
  if (write.at.many()) {
    for (const auto* item : write.at.select(input)) out.push_back(*item);
  } else if (const auto& value = write.at.get(input); value.is_array()) {
    out = value.get_array();
  } else if (!value.is_null()) {
    out.push_back(value);
  }
  return aspect.explode.empty() ? out : exploded(aspect, out).as_array();
}

json::Value with_members(json::Value before, const json::Object& members) {
  if (!before.is_object()) before = json::Object();
  for (const auto& [name, member] : members) before.as_object()[name] = member;
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
    for (auto& item : *items) set_default(item, steps.subspan(1), member);
}

json::Value with_defaults(json::Value value, const json::Object& defaults) {
  for (const auto& [place, member] : defaults)
    if (auto path = Path::parse(place)) set_default(value, path->steps(), member);
  return value;
}

// What Mode::patch takes from the input.
json::Object patch_of(const Write& write, const json::Value& input) {
  const auto& all = json::members(write.at.get(input));
  if (write.members.empty()) return all;
  json::Object out;
  for (const auto& name : write.members)
    if (auto found = all.find(name); found != all.end()) out[name] = found->value();
  return out;
}

json::Value item_of(const Write& write, const json::Value& input) {
  return fill(write.item, [&](std::string_view name) { return json::at(input, name); });
}

json::Value add(const Aspect& aspect, const Write& write, const json::Value& input,
                json::Value before) {
  if (const auto* members = write.at.get(input).if_object(); members && !aspect.set)
    return with_members(std::move(before), *members);
  before = before.is_array() ? exploded(aspect, before) : json::Array();
  auto& items = before.as_array();
  for (const auto& given : given_items(aspect, write, input)) {
    auto item = write.item.is_null() ? given : item_of(write, input);
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
    for (const auto& name : given) members->erase(json::text(name));
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

json::Value cleared(const Aspect& aspect) {
  return aspect.initial ? *aspect.initial : json::Value();
}

// A set or map without items is the same as none.
json::Value settled(const Aspect& aspect, json::Value value) {
  bool hollow = (value.is_array() && value.as_array().empty()) ||
                (value.is_object() && value.as_object().empty());
  bool collection = aspect.set || std::ranges::any_of(aspect.writes, [](const Write& write) {
                      return write.mode == Mode::entry || write.mode == Mode::add;
                    });
  if (hollow && collection) return nullptr;
  return aspect.nothing && value == *aspect.nothing ? json::Value() : value;
}

}  // namespace

json::Value identity(const Aspect& aspect, const json::Value& item) {
  if (!aspect.identity.empty()) return json::at(item, aspect.identity);
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

json::Value kept(const Aspect& aspect, json::Value value) {
  if (auto* members = value.if_object())
    for (const auto& name : aspect.without) members->erase(name);
  if (auto* items = value.if_array(); items != nullptr && !aspect.each.empty())
    for (auto& item : *items)
      if (item.is_object()) item = json::Value(json::at(item, aspect.each));
  return value;
}

json::Value normal(const Aspect& aspect, json::Value value) {
  value = settled(aspect, kept(aspect, std::move(value)));
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
    for (const auto& list : aspect.explode) rest.erase(list);
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
    for (const auto& list : aspect.explode) rest.erase(list);
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
    return path ? settled(aspect, path->get(whole)) : json::Value();
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
  if (!write.compute.empty()) return !find_compute(write.compute)(input, nullptr).is_null();
  switch (write.mode) {
    case Mode::constant:
    case Mode::clear:
      return true;
    case Mode::entry:
    case Mode::unentry:
      return !write.entry.get(whole).is_null();
    case Mode::patch:
      return !patch_of(write, whole).empty();
    case Mode::replace:
    case Mode::add:
    case Mode::drop:
      return !write.at.get(whole).is_null();
  }
  return false;
}

json::Value apply(const Aspect& aspect, const Write& write, const json::Object& input,
                  const json::Value& before) {
  if (!engages(write, input)) return before;
  const json::Value whole = input;
  if (!write.compute.empty()) return settled(aspect, find_compute(write.compute)(input, before));
  switch (write.mode) {
    case Mode::replace:
      return settled(aspect, with_defaults(write.at.get(whole), write.defaults));
    case Mode::patch:
      return settled(aspect, with_members(before, patch_of(write, whole)));
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
      if (auto* members = after.if_object())
        members->erase(json::text(write.entry.get(whole)));
      return settled(aspect, std::move(after));
    }
    case Mode::clear:
      return cleared(aspect);
  }
  return before;
}

namespace {

// Builds the calls of one transition.
class Way {
 public:
  Way(const Aspect& aspect, const ResourceRef& ref, const json::Value& from, const json::Value& to)
      : aspect_(aspect), ref_(ref), from_(from), to_(to) {}

  Result<std::vector<aws::Call>> find() {
    for (auto mode : {Mode::clear, Mode::constant, Mode::replace, Mode::add, Mode::patch, Mode::entry})
      if (by(mode)) return calls_;
    if (to_.is_null() && aspect_.instead_of_absent)
      return transition(aspect_, ref_, from_, *aspect_.instead_of_absent);
    return fail({.code = Errc::unsupported,
                 .message = fmt::format("{} of {} cannot be set back to {}", aspect_.name, ref_.id,
                                        to_.is_null() ? "absent" : json::print(to_)),
                 .number = "AR-0005"});
  }

 private:
  bool by(Mode mode) {
    switch (mode) {
      case Mode::clear: return by_clear();
      case Mode::constant: return by_constant();
      case Mode::replace: return by_replace();
      case Mode::add: return by_set();
      case Mode::patch: return by_patch();
      case Mode::entry: return by_entries();
      case Mode::drop:
      case Mode::unentry: return false;  // go with add and entry
    }
    return false;
  }

  // What only creation can say is no way to change.
  bool usable(const Write& write) const {
    if (!write.irreversible.empty() || (write.at.empty() && !write.compute.empty())) return false;
    return std::ranges::none_of(aspect_.type->creates, [&](const Creation& create) {
      return create.op.name == write.op.name && !create.updates;
    });
  }

  const Write* write_of(Mode mode) const {
    for (const auto& write : aspect_.writes)
      if (write.mode == mode && usable(write)) return &write;
    return nullptr;
  }

  void call(const Write& write, const Path& at, json::Value value) {
    auto made = address(*aspect_.type, write.op, ref_);
    json::Value input = std::move(made.input);
    if (!value.is_null()) at.set(input, std::move(value));
    made.input = std::move(input.as_object());
    calls_.push_back(std::move(made));
  }

  bool by_clear() {
    const auto* write = write_of(Mode::clear);
    if (write == nullptr || !same(aspect_, to_, cleared(aspect_))) return false;
    call(*write, {}, nullptr);
    return true;
  }

  bool by_constant() {
    for (const auto& write : aspect_.writes) {
      if (write.mode != Mode::constant || !same(aspect_, write.to, to_) || !usable(write)) continue;
      call(write, {}, nullptr);
      return true;
    }
    return false;
  }

  bool by_replace() {
    const auto* write = write_of(Mode::replace);
    if (write == nullptr) return false;
    if (to_.is_null() && (!aspect_.nothing || aspect_.instead_of_absent)) return false;
    call(*write, write->at, to_.is_null() ? *aspect_.nothing : to_);
    return true;
  }

  bool by_set() {
    const auto* adds = write_of(Mode::add);
    const auto* drops = write_of(Mode::drop);
    if (adds == nullptr || drops == nullptr) return false;
    if (from_.is_object() || to_.is_object()) return by_named_members(*adds, *drops);
    auto lacks = [&](const json::Value& list, const json::Value& item) {
      return std::ranges::find(json::items(list), item) == json::items(list).end();
    };
    json::Array go, come;
    for (const auto& item : json::items(from_))
      if (lacks(to_, item)) go.push_back(identity_only(*drops, item));
    for (const auto& item : json::items(to_))
      if (lacks(from_, item)) come.push_back(item);
    // What is only replaced need not be dropped before: adding an item with its identity replaces it.
    auto comes_back = [&](const json::Value& id) {
      bool named = !aspect_.identity.empty();
      return named && std::ranges::any_of(come, [&](const json::Value& item) {
        return identity(aspect_, item) == identity_in(aspect_, id);
      });
    };
    go.erase(std::remove_if(go.begin(), go.end(), comes_back), go.end());
    if (!adds->item.is_null())
      for (auto& item : come) item = identity(aspect_, item);
    each_or_all(*drops, json::items(gathered(aspect_, go)));
    each_or_all(*adds, json::items(gathered(aspect_, come)));
    return true;
  }

  // The input lists identities when it has room for nothing else.
  json::Value identity_only(const Write& drops, const json::Value& item) const {
    return drops.whole ? item : identity(aspect_, item);
  }

  // An operation that takes one item is called once for each.
  void each_or_all(const Write& write, json::Array items) {
    if (items.empty()) return;
    if (write.at.many()) {
      call(write, write.at, std::move(items));
    } else {
      for (auto& item : items) call(write, write.at, std::move(item));
    }
  }

  bool by_named_members(const Write& adds, const Write& drops) {
    json::Array go;
    json::Object come;
    for (const auto& [name, member] : json::members(from_))
      if (!json::members(to_).contains(name)) go.push_back(json::Value(name));
    for (const auto& [name, member] : json::members(to_))
      if (json::at(from_, name) != member) come[name] = member;
    each_or_all(drops, std::move(go));
    if (!come.empty()) call(adds, adds.at, std::move(come));
    return true;
  }

  bool by_patch() {
    const auto* write = write_of(Mode::patch);
    if (write == nullptr || !to_.is_object()) return false;
    json::Object changes;
    for (const auto& [name, member] : json::members(from_))
      if (!to_.as_object().contains(name)) return false;
    for (const auto& [name, member] : to_.as_object())
      if (write->whole || json::at(from_, name) != member) changes[name] = member;
    if (!write->members.empty())
      for (const auto& [name, member] : changes)
        if (std::ranges::find(write->members, std::string_view(name)) == write->members.end() &&
            json::at(from_, name) != member)
          return false;
    if (!write->members.empty()) keep_only(changes, write->members);
    call_with_members(*write, changes);
    return true;
  }

  static void keep_only(json::Object& members, const std::vector<std::string>& names) {
    json::Object kept;
    for (const auto& name : names)
      if (auto found = members.find(name); found != members.end()) kept[name] = found->value();
    members = std::move(kept);
  }

  void call_with_members(const Write& write, const json::Object& members) {
    auto made = address(*aspect_.type, write.op, ref_);
    json::Value input = std::move(made.input);
    auto place = with_members(write.at.get(input), members);
    write.at.set(input, std::move(place));
    made.input = std::move(input.as_object());
    calls_.push_back(std::move(made));
  }

  bool by_entries() {
    const auto* puts = write_of(Mode::entry);
    const auto* takes = write_of(Mode::unentry);
    if (puts == nullptr) return false;
    for (const auto& [name, member] : json::members(from_)) {
      if (json::members(to_).contains(name)) continue;
      if (takes == nullptr) return false;
      call(*takes, takes->entry, json::Value(name));
    }
    for (const auto& [name, member] : json::members(to_)) {
      if (json::at(from_, name) == member) continue;
      call(*puts, puts->entry, json::Value(name));
      json::Value input = std::move(calls_.back().input);
      puts->at.set(input, member);
      calls_.back().input = std::move(input.as_object());
    }
    return true;
  }

  const Aspect& aspect_;
  const ResourceRef& ref_;
  const json::Value& from_;
  const json::Value& to_;
  std::vector<aws::Call> calls_;
};

// Whether the inputs agree where both say something; lists must be equal.
bool compatible(const json::Value& left, const json::Value& right) {
  if (!left.is_object() || !right.is_object()) return left == right;
  return std::ranges::all_of(left.get_object(), [&](const auto& member) {
    const auto* other = right.get_object().if_contains(member.key());
    return other == nullptr || compatible(member.value(), *other);
  });
}

void merge_into(json::Object& left, const json::Object& right) {
  for (const auto& [name, member] : right) {
    auto* here = left.if_contains(name);
    if (here != nullptr && here->is_object() && member.is_object()) {
      merge_into(here->get_object(), member.get_object());
    } else {
      left[name] = member;
    }
  }
}

}  // namespace

Result<std::vector<aws::Call>> transition(const Aspect& aspect, const ResourceRef& ref,
                                          const json::Value& from, const json::Value& to) {
  auto start = settled(aspect, arrived(aspect, from));
  auto goal = settled(aspect, arrived(aspect, to));
  if (same(aspect, start, goal)) return std::vector<aws::Call>{};
  return Way(aspect, ref, start, goal).find();
}

std::vector<aws::Call> joined(std::vector<aws::Call> calls) {
  std::vector<aws::Call> out;
  for (auto& call : calls) {
    auto fits = [&](const aws::Call& other) {
      return other.service == call.service && other.operation == call.operation &&
             other.region == call.region && other.account == call.account &&
             compatible(other.input, call.input);
    };
    if (!out.empty() && fits(out.back())) {
      merge_into(out.back().input, call.input);
    } else {
      out.push_back(std::move(call));
    }
  }
  return out;
}

}  // namespace aright::cloud
