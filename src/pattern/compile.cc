#include "pattern/compile.h"

#include <algorithm>

#include "json/diff.h"
#include "pattern/operators.h"
#include "pattern/pattern.h"

namespace aright::pattern {

namespace {

constexpr std::string_view or_key = "$or";

// Fields that name the same path in a sub-rule ($or beside it, or dotted keys) become one: any
// condition is enough.
void merge(const Field& field, SubRule& into) {
  auto same = std::ranges::find(into.fields, field.path, &Field::path);
  if (same == into.fields.end()) {
    into.fields.push_back(field);
    return;
  }
  same->conditions.insert(same->conditions.end(), field.conditions.begin(), field.conditions.end());
  same->may_be_absent |= field.may_be_absent;
}

// Every rule of the left with every rule of the right.
Result<std::vector<SubRule>> product(const std::vector<SubRule>& left,
                                     const std::vector<SubRule>& right, const std::string& place) {
  if (left.size() * right.size() > sub_rules_max) {
    return fault(place, fmt::format("$or makes more than {} combinations", sub_rules_max));
  }
  std::vector<SubRule> out;
  for (const auto& one : left) {
    for (const auto& other : right) {
      SubRule both = one;
      for (const auto& field : other.fields)
        merge(field, both);
      if (both.fields.size() > fields_max)
        return fault(place, fmt::format("more than {} fields", fields_max));
      out.push_back(std::move(both));
    }
  }
  return out;
}

Result<std::vector<SubRule>> compile_object(const json::Object& object, const std::string& path,
                                            const std::string& place);

Result<std::vector<SubRule>> compile_leaf(const json::Array& array, const std::string& path,
                                          const std::string& place) {
  if (array.empty()) return fault(place, "an empty array matches nothing");
  Field field{.path = path};
  for (std::size_t i = 0; i < array.size(); ++i) {
    CHECK_OK(add_condition(array[i], place + '/' + std::to_string(i), field));
  }
  return std::vector{SubRule{{std::move(field)}}};
}

Result<std::vector<SubRule>> compile_or(const json::Value& branches, const std::string& path,
                                        const std::string& place) {
  if (!branches.is_array()) return fault(place, "$or takes an array of objects");
  const auto& array = branches.get_array();
  if (array.size() < 2) return fault(place, "$or needs at least two objects");
  std::vector<SubRule> out;
  for (std::size_t i = 0; i < array.size(); ++i) {
    auto branch_place = place + '/' + std::to_string(i);
    if (!array[i].is_object()) return fault(branch_place, "only objects may stand in $or");
    for (const auto& member : array[i].get_object()) {
      if (is_operator(member.key()))
        return fault(branch_place, "operators may not stand directly in $or");
    }
    auto branch = TRY(compile_object(array[i].get_object(), path, branch_place));
    std::ranges::move(branch, std::back_inserter(out));
    if (out.size() > sub_rules_max) {
      return fault(place, fmt::format("$or makes more than {} combinations", sub_rules_max));
    }
  }
  return out;
}

// A field may be called $or as well: then its array holds values, not objects.
bool is_or(std::string_view key, const json::Value& value) {
  if (key != or_key) return false;
  return !value.is_array() || std::ranges::any_of(value.get_array(), &json::Value::is_object);
}

Result<std::vector<SubRule>> compile_object(const json::Object& object, const std::string& path,
                                            const std::string& place) {
  if (object.empty()) return fault(place, "an empty object matches nothing");
  std::vector<SubRule> out = {SubRule{}};
  for (const auto& member : object) {
    const std::string key = member.key();
    const auto& value = member.value();
    auto member_place = place + '/' + json::pointer_escape(key);
    auto member_path = path.empty() ? key : path + '.' + key;
    Result<std::vector<SubRule>> rules;
    if (is_or(key, value)) {
      rules = compile_or(value, path, member_place);
    } else if (value.is_object()) {
      rules = compile_object(value.get_object(), member_path, member_place);
    } else if (value.is_array()) {
      rules = compile_leaf(value.get_array(), member_path, member_place);
    } else {
      return fault(member_place, "an object, or an array of the values to match, is expected");
    }
    auto expanded = TRY(std::move(rules));
    out = TRY(product(out, expanded, member_place));
  }
  return out;
}

}  // namespace

std::unexpected<Error> fault(const std::string& place, std::string_view what) {
  return fail(Errc::invalid, "{}: {}", place.empty() ? "the pattern" : place, what);
}

Result<std::vector<SubRule>> compile_pattern(const json::Value& pattern) {
  if (!pattern.is_object()) return fault("", "an object is expected");
  return compile_object(pattern.get_object(), "", "");
}

}  // namespace aright::pattern
