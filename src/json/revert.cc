#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "json/diff.h"

namespace aright::json {

namespace {

// Members by which AWS tells the elements of an array apart, in the order they are tried.
constexpr std::array<std::string_view, 8> identity_members = {"Sid", "Id",     "ID",   "Key",
                                                              "key", "TagKey", "Name", "name"};

bool same(const Value* left, const Value* right) {
  if (!left || !right) return left == right;
  return equal(*left, *right);
}

using Names = std::vector<std::string>;  // of an array's elements, in its order

bool has_duplicates(const Names& names) {
  return std::set<std::string_view>(names.begin(), names.end()).size() != names.size();
}

bool holds(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// The elements that are in both, in the order of the first.
Names common(const Names& of, const Names& with) {
  std::set<std::string_view> kept(with.begin(), with.end());
  Names out;
  std::ranges::copy_if(of, std::back_inserter(out),
                       [&](auto& name) { return kept.contains(name); });
  return out;
}

std::optional<Names> names_by(std::string_view member, const Array& array) {
  Names names;
  for (const auto& item : array) {
    const auto& name = at(item, member);
    if (!name.is_string()) return std::nullopt;
    names.push_back(text(name));
  }
  if (has_duplicates(names)) return std::nullopt;
  return names;
}

Names names_by_content(const Array& array) {
  Names names;
  for (const auto& item : array)
    names.push_back(canonical(item));
  return names;
}

struct Elements {
  Names before, applied, now;
};

class Reverter {
 public:
  // Null pointers stand for absent.
  std::optional<Value> merge(const Value* before, const Value* applied, const Value* now,
                             const std::string& pointer) {
    if (same(before, applied) || same(now, before)) return copy(now);
    if (same(now, applied)) return copy(before);
    if (applied && now && applied->is_object() && now->is_object() &&
        (!before || before->is_object())) {
      return merge_objects(before, applied->get_object(), now->get_object(), pointer);
    }
    if (before && applied && now && before->is_array() && applied->is_array() && now->is_array()) {
      return merge_arrays(before->get_array(), applied->get_array(), now->get_array(), pointer);
    }
    conflicts_.push_back(pointer);
    return copy(now);
  }

  std::vector<std::string> take_conflicts() {
    std::ranges::sort(conflicts_);
    return std::move(conflicts_);
  }

 private:
  static std::optional<Value> copy(const Value* value) {
    return value ? std::optional<Value>(*value) : std::nullopt;
  }

  std::optional<Value> merge_objects(const Value* before, const Object& applied, const Object& now,
                                     const std::string& pointer) {
    const Object& old = before ? before->get_object() : members(Value());
    Object out;
    auto merge_member = [&](std::string_view key) {
      auto value = merge(old.if_contains(key), applied.if_contains(key), now.if_contains(key),
                         pointer + '/' + pointer_escape(key));
      if (value) out[key] = std::move(*value);
    };
    for (const auto& member : now)
      merge_member(member.key());
    for (const auto& member : old) {
      if (!now.contains(member.key())) merge_member(member.key());
    }
    for (const auto& member : applied) {
      if (!now.contains(member.key()) && !old.contains(member.key())) merge_member(member.key());
    }
    if (!before && out.empty()) return std::nullopt;
    return out;
  }

  Value merge_arrays(const Array& before, const Array& applied, const Array& now,
                     const std::string& pointer) {
    for (auto member : identity_members) {
      auto before_names = names_by(member, before);
      auto applied_names = names_by(member, applied);
      auto now_names = names_by(member, now);
      if (!before_names || !applied_names || !now_names) continue;
      Elements names{.before = *before_names, .applied = *applied_names, .now = *now_names};
      if (!reordered(names)) return merge_elements(names, before, applied, now, pointer);
    }
    Elements names{.before = names_by_content(before),
                   .applied = names_by_content(applied),
                   .now = names_by_content(now)};
    bool duplicates =
        has_duplicates(names.before) || has_duplicates(names.applied) || has_duplicates(names.now);
    if (!duplicates && !reordered(names) && !replaced_again(names)) {
      return merge_elements(names, before, applied, now, pointer);
    }
    conflicts_.push_back(pointer);
    return now;
  }

  // The order was what the step changed, so the array is no set.
  static bool reordered(const Elements& names) {
    return common(names.before, names.applied) != common(names.applied, names.before);
  }

  // The step put new elements in the place of old ones, and somebody put others in the place of
  // those. Without names nobody can tell which belongs to which, and bringing the old ones back
  // beside the newest could undo a repair.
  static bool replaced_again(const Elements& names) {
    auto not_in = [](const Names& where) {
      return [&where](const std::string& name) { return !holds(where, name); };
    };
    bool step_removed = std::ranges::any_of(names.before, not_in(names.applied));
    bool addition_gone = std::ranges::any_of(names.applied, [&](const auto& name) {
      return !holds(names.before, name) && !holds(names.now, name);
    });
    bool others_added = std::ranges::any_of(names.now, [&](const auto& name) {
      return !holds(names.before, name) && !holds(names.applied, name);
    });
    return step_removed && addition_gone && others_added;
  }

  Value merge_elements(const Elements& names, const Array& before, const Array& applied,
                       const Array& now, const std::string& pointer) {
    Names order = names.now;
    for (std::size_t i = 0; i < names.before.size(); ++i) {
      if (!holds(order, names.before[i]))
        order.insert(place_of(names.before, i, order), names.before[i]);
    }
    auto element = [](const Array& array, const Names& all, const std::string& name) {
      auto found = std::ranges::find(all, name);
      return found == all.end() ? nullptr : &array[static_cast<std::size_t>(found - all.begin())];
    };
    Array out;
    for (const auto& name : order) {
      // The index that an operator sees: of `now`, or "-" for what is not there any more.
      auto index = std::ranges::find(names.now, name) - names.now.begin();
      auto token = element(now, names.now, name) ? std::to_string(index) : "-";
      auto value = merge(element(before, names.before, name), element(applied, names.applied, name),
                         element(now, names.now, name), pointer + '/' + token);
      if (value) out.push_back(std::move(*value));
    }
    return out;
  }

  // Behind its nearest predecessor that is still there, else in front.
  static Names::iterator place_of(const Names& before, std::size_t index, Names& order) {
    while (index-- > 0) {
      auto found = std::ranges::find(order, before[index]);
      if (found != order.end()) return found + 1;
    }
    return order.begin();
  }

  std::vector<std::string> conflicts_;
};

}  // namespace

Merge revert(const Value& before, const Value& applied, const Value& now) {
  Reverter reverter;
  auto merged = reverter.merge(&before, &applied, &now, "");
  return {.merged = merged.value_or(Value()), .conflicts = reverter.take_conflicts()};
}

}  // namespace aright::json
