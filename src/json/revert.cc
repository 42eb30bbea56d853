#include <algorithm>
#include <array>
#include <unordered_map>

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

// What the elements of an array are told apart by, in the array's order.
class Names {
 public:
  Names() = default;
  explicit Names(std::vector<std::string> list) : list_(std::move(list)) {
    for (std::size_t i = 0; i < list_.size(); ++i)
      index_.emplace(list_[i], i);
  }

  const std::vector<std::string>& list() const { return list_; }
  bool holds(const std::string& name) const { return index_.contains(name); }
  bool has_duplicates() const { return index_.size() != list_.size(); }

  const Value* element(const Array& array, const std::string& name) const {
    auto found = index_.find(name);
    return found == index_.end() ? nullptr : &array[found->second];
  }

  std::optional<std::size_t> index(const std::string& name) const {
    auto found = index_.find(name);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<std::string> list_;
  std::unordered_map<std::string, std::size_t> index_;
};

// The elements that are in both, in the order of the first.
std::vector<std::string> common(const Names& of, const Names& with) {
  std::vector<std::string> out;
  std::ranges::copy_if(of.list(), std::back_inserter(out),
                       [&](const auto& name) { return with.holds(name); });
  return out;
}

std::optional<Names> names_by(std::string_view member, const Array& array) {
  std::vector<std::string> list;
  for (const auto& item : array) {
    const auto& name = at(item, member);
    if (!name.is_string()) return std::nullopt;
    list.push_back(text(name));
  }
  Names names(std::move(list));
  if (names.has_duplicates()) return std::nullopt;
  return names;
}

Names names_by_content(const Array& array) {
  std::vector<std::string> list;
  for (const auto& item : array)
    list.push_back(canonical(item));
  return Names(std::move(list));
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
    const bool duplicates = names.before.has_duplicates() || names.applied.has_duplicates() ||
                            names.now.has_duplicates();
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
    const bool step_removed = std::ranges::any_of(
        names.before.list(), [&](const auto& name) { return !names.applied.holds(name); });
    const bool addition_gone = std::ranges::any_of(names.applied.list(), [&](const auto& name) {
      return !names.before.holds(name) && !names.now.holds(name);
    });
    const bool others_added = std::ranges::any_of(names.now.list(), [&](const auto& name) {
      return !names.before.holds(name) && !names.applied.holds(name);
    });
    return step_removed && addition_gone && others_added;
  }

  Value merge_elements(const Elements& names, const Array& before, const Array& applied,
                       const Array& now, const std::string& pointer) {
    Array out;
    for (const auto& name : merged_order(names)) {
      // The index that an operator sees: of `now`, or "-" for what is not there any more.
      auto index = names.now.index(name);
      auto value = merge(names.before.element(before, name), names.applied.element(applied, name),
                         names.now.element(now, name),
                         pointer + '/' + (index ? std::to_string(*index) : "-"));
      if (value) out.push_back(std::move(*value));
    }
    return out;
  }

  // As `now` has it; each element that only `before` has comes behind its old neighbour.
  static std::vector<std::string> merged_order(const Elements& names) {
    auto order = names.now.list();
    const auto& before = names.before.list();
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (names.now.holds(before[i])) continue;
      auto place = order.begin();
      if (i > 0) place = std::ranges::find(order, before[i - 1]) + 1;
      order.insert(place, before[i]);
    }
    return order;
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
