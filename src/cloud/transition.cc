// Which writes lead from one value to another: transition() and joined() of effect.h.

#include <algorithm>

#include "cloud/computed.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/template.h"

namespace aright::cloud {

namespace {

// Builds the calls of one transition.
class Way {
 public:
  Way(const Aspect& aspect, const ResourceRef& ref, const json::Value& from, const json::Value& to)
      : aspect_(aspect), ref_(ref), from_(from), to_(to) {}

  Result<std::vector<aws::Call>> find() {
    for (auto mode :
         {Mode::clear, Mode::constant, Mode::replace, Mode::add, Mode::patch, Mode::entry,
          Mode::amend})
      if (by(mode)) return calls_;
    if (by_steps()) return calls_;
    if (!speechless_.empty())
      return fail({.code = Errc::unsupported,
                   .message = fmt::format("{} cannot say all that {} of {} was", speechless_, aspect_.name, ref_.id),
                   .number = "AR-0005"});
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
      case Mode::clear:
        return by_clear();
      case Mode::constant:
        return by_constant();
      case Mode::replace:
        return by_replace();
      case Mode::add:
        return by_set();
      case Mode::patch:
        return by_patch();
      case Mode::entry:
        return by_entries();
      case Mode::amend:
        return by_amendments();
      case Mode::drop:
      case Mode::unentry:
        return false;  // go with add and entry
    }
    return false;
  }

  // What only creation can say is no way to change.
  bool usable(const Write& write) const {
    if (write.at.empty() && !write.compute.empty()) return false;
    // What cannot be undone may still be what undoes: removing what was added.
    if (!write.irreversible.empty() && write.mode != Mode::clear) return false;
    return std::ranges::none_of(aspect_.type->creates, [&](const Creation& create) {
      return create.op.name == write.op.name && !create.updates;
    });
  }

  const Write* write_of(Mode mode) const {
    for (const auto& write : aspect_.writes)
      if (write.mode == mode && usable(write)) return &write;
    return nullptr;
  }

  // A patch that always says the same is enough where nothing else is to change.
  bool by_same_members() {
    for (const auto& write : aspect_.writes) {
      if (write.mode != Mode::patch || !write.to.is_object() || !usable(write)) continue;
      auto after = json::members(from_);
      for (const auto& [name, member] : write.to.get_object())
        after[name] = member;
      if (!same(aspect_, after, to_)) continue;
      call(write, {}, nullptr);
      return true;
    }
    return false;
  }

  // One that can say any value, rather than the same members always.
  const Write* patch_with_room() const {
    for (const auto& write : aspect_.writes)
      if (write.mode == Mode::patch && write.to.is_null() && usable(write)) return &write;
    return nullptr;
  }

  void call(const Write& write, const Path& at, json::Value value) {
    auto made = address(*aspect_.type, write.op, ref_);
    json::Value input = std::move(made.input);
    if (!value.is_null()) at.set(input, std::move(value));
    made.input = std::move(input.as_object());
    calls_.push_back(std::move(made));
  }

  // One more member of the last call.
  void say(const Path& at, json::Value value) {
    json::Value input = std::move(calls_.back().input);
    at.set(input, std::move(value));
    calls_.back().input = std::move(input.as_object());
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
      if (!write.from.empty() && std::ranges::find(write.from, from_) == write.from.end()) continue;
      call(write, {}, nullptr);
      return true;
    }
    return false;
  }

  bool by_replace() {
    const auto* write = write_of(Mode::replace);
    if (write == nullptr) return false;
    if (to_.is_null() && (!aspect_.nothing || aspect_.instead_of_absent)) return false;
    auto value = to_.is_null() ? *aspect_.nothing : to_;
    if (!write->form.empty()) {
      value = find_form(write->form)(value, from_);
      if (value.is_null()) return false;
    }
    call(*write, write->at, std::move(value));
    return true;
  }

  // Each of these writes changes a piece, and its form tells the inputs of all calls that it takes.
  bool by_steps() {
    bool known = false;
    for (const auto& write : aspect_.writes) {
      if (write.form.empty() || !write.at.empty()) continue;
      known = true;
      const auto inputs = find_form(write.form)(to_, from_);
      if (!inputs.is_array()) speechless_ = write.op.name;
      for (const auto& input : json::items(inputs)) call_with_members(write, json::members(input));
    }
    return known && speechless_.empty();
  }

  bool by_set() {
    const auto* adds = add_of(false);
    const auto* drops = write_of(Mode::drop);
    if (adds == nullptr) return false;
    if (drops != nullptr && (from_.is_object() || to_.is_object()))
      return by_named_members(*adds, *drops);
    auto lacks = [&](const json::Value& list, const json::Value& item) {
      return std::ranges::find(json::items(list), item) == json::items(list).end();
    };
    json::Array go, come;
    for (const auto& item : json::items(from_))
      if (lacks(to_, item)) go.push_back(drops ? identity_only(*drops, item) : identity(aspect_, item));
    for (const auto& item : json::items(to_))
      if (lacks(from_, item)) come.push_back(item);
    // What is only replaced need not be dropped before: adding an item with its identity replaces
    // it.
    auto comes_back = [&](const json::Value& id) {
      bool named = !aspect_.identity.empty();
      return named && std::ranges::any_of(come, [&](const json::Value& item) {
               return identity(aspect_, item) == identity_in(aspect_, id);
             });
    };
    go.erase(std::remove_if(go.begin(), go.end(), comes_back), go.end());
    if (!go.empty() && drops == nullptr) return false;
    if (drops != nullptr) each_or_all(*drops, json::items(gathered(aspect_, go)));
    add_or_replace(*adds, std::move(come));
    return true;
  }

  const Write* add_of(bool replaces) const {
    for (const auto& write : aspect_.writes)
      if (write.mode == Mode::add && write.replaces == replaces && usable(write)) return &write;
    return nullptr;
  }

  // Items that are there already are replaced, where that has an operation of its own.
  void add_or_replace(const Write& adds, json::Array come) {
    const auto* replaces = add_of(true);
    json::Array fresh, changed;
    for (auto& item : come) {
      bool there = std::ranges::any_of(json::items(from_), [&](const json::Value& other) {
        return identity(aspect_, other) == identity(aspect_, item);
      });
      (there && replaces != nullptr ? changed : fresh).push_back(std::move(item));
    }
    if (replaces != nullptr) each_or_all(*replaces, std::move(changed));
    if (!adds.item.is_null() && adds.members.empty())
      for (auto& item : fresh)
        item = identity(aspect_, item);
    each_or_all(adds, json::items(gathered(aspect_, fresh)));
  }

  // The input lists identities when it has room for nothing else.
  json::Value identity_only(const Write& drops, const json::Value& item) const {
    if (!drops.item.is_null())
      return fill(drops.item, [&](std::string_view name) { return json::at(item, name); });
    return drops.whole ? item : identity(aspect_, item);
  }

  // An operation that takes one item is called once for each.
  void each_or_all(const Write& write, json::Array items) {
    if (items.empty()) return;
    if (write.at.empty() && !write.members.empty()) {
      for (auto& item : items) {
        auto members = json::members(item);
        keep_only(members, write.members);
        call_with_members(write, members);
      }
    } else if (write.at.many()) {
      call(write, write.at, std::move(items));
    } else {
      for (auto& item : items) {
        auto name = identity_in(aspect_, item);
        call(write, write.at, std::move(item));
        if (!write.entry.empty()) say(write.entry, std::move(name));
      }
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
    if (by_same_members()) return true;
    const auto* write = patch_with_room();
    if (write == nullptr || !to_.is_object()) return false;
    json::Object changes;
    for (const auto& [name, member] : json::members(from_))
      if (!write->whole && !to_.as_object().contains(name)) return false;
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
    auto place = json::members(write.at.get(input));
    for (const auto& [name, member] : members)
      place[name] = member;
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
      say(puts->at, member);
    }
    return true;
  }

  bool by_amendments() {
    const auto* write = write_of(Mode::amend);
    if (write == nullptr) return false;
    json::Array ops;
    if (!write->path.ends_with('/'))
      ops.push_back(amendment(write->path, to_));
    else
      amend_members(*write, ops);
    call(*write, write->at, std::move(ops));
    return true;
  }

  static json::Value amendment(const std::string& path, const json::Value& to) {
    if (to.is_null()) return json::Object{{"op", "remove"}, {"path", path}};
    return json::Object{{"op", "replace"}, {"path", path}, {"value", json::scalar_text(to)}};
  }

  void amend_members(const Write& write, json::Array& ops) const {
    for (const auto& [name, member] : json::members(from_))
      if (json::at(to_, name).is_null())
        ops.push_back(amendment(write.path + std::string(name), nullptr));
    for (const auto& [name, member] : json::members(to_)) {
      const auto& was = json::at(from_, name);
      auto path = write.path + std::string(name);
      if (write.leaves.empty() && was != member) ops.push_back(amendment(path, member));
      for (const auto& [leaf, inner] : write.leaves)
        if (json::at(was, inner) != json::at(member, inner))
          ops.push_back(amendment(path + "/" + leaf, json::at(member, inner)));
    }
  }

  const Aspect& aspect_;
  const ResourceRef& ref_;
  const json::Value& from_;
  const json::Value& to_;
  std::vector<aws::Call> calls_;
  std::string speechless_;  // an operation that cannot say what it should
};

// Whether the inputs agree where both say something; lists must be equal.
bool compatible(const json::Value& left, const json::Value& right) {
  if (!left.is_object() || !right.is_object()) return left == right;
  return std::ranges::all_of(left.get_object(), [&](const auto& member) {
    const auto* other = right.get_object().if_contains(member.key());
    return other == nullptr || compatible(member.value(), *other);
  });
}

void merge_members(json::Object& left, const json::Object& right) {
  for (const auto& [name, member] : right) {
    auto* here = left.if_contains(name);
    if (here != nullptr && here->is_object() && member.is_object()) {
      merge_members(here->get_object(), member.get_object());
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
      merge_members(out.back().input, call.input);
    } else {
      out.push_back(std::move(call));
    }
  }
  return out;
}

}  // namespace aright::cloud
