#include "cloud/config_query.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"

namespace aright::cloud {

namespace {

using Field = ConfigQuery::Field;

// What a property stands for in an item: through lists, all that there is.
void values_at(const json::Value& value, std::string_view property, std::vector<const json::Value*>& out) {
  if (value.is_array()) {
    for (const auto& item : value.get_array()) values_at(item, property, out);
    return;
  }
  if (property.empty()) {
    if (!value.is_null()) out.push_back(&value);
    return;
  }
  if (!value.is_object()) return;
  // A member may have dots in its name itself: a tag's.
  for (auto dot = property.find('.');; dot = property.find('.', dot + 1)) {
    auto name = property.substr(0, dot);
    if (name.ends_with("[]")) name.remove_suffix(2);
    if (auto found = value.get_object().find(name); found != value.get_object().end())
      values_at(found->value(), dot == std::string_view::npos ? "" : property.substr(dot + 1), out);
    if (dot == std::string_view::npos) return;
  }
}

std::vector<const json::Value*> values_at(const json::Value& item, std::string_view property) {
  std::vector<const json::Value*> out;
  values_at(item, property, out);
  return out;
}

std::optional<double> number_in(const json::Value& value) {
  if (value.is_int64() || value.is_uint64() || value.is_double()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  std::string text = json::text(value);
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  return text.empty() || *end != '\0' ? std::nullopt : std::optional(number);
}

int compared(const json::Value& left, const json::Value& right) {
  auto a = number_in(left), b = number_in(right);
  if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
  auto order = json::scalar_text(left).compare(json::scalar_text(right));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// % stands for any text, _ for one character.
bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

bool meets(const ConfigQuery::Condition& condition, const json::Value& value) {
  using enum ConfigQuery::Condition::Kind;
  const auto& wanted = condition.values;
  switch (condition.kind) {
    case equal:
    case unequal: return compared(value, wanted[0]) == 0;
    case less: return compared(value, wanted[0]) < 0;
    case at_most: return compared(value, wanted[0]) <= 0;
    case greater: return compared(value, wanted[0]) > 0;
    case at_least: return compared(value, wanted[0]) >= 0;
    case like: return is_like(json::scalar_text(value), json::text(wanted[0]));
    case in: return std::ranges::any_of(wanted, [&](const auto& one) { return compared(value, one) == 0; });
    case between: return compared(value, wanted[0]) >= 0 && compared(value, wanted[1]) <= 0;
    case all:
    case any:
    case negation: break;
  }
  return false;
}

// Of a list of objects, each with what is left of it.
json::Value narrowed(const json::Value& value, std::string_view property) {
  if (property.empty()) return value;
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array())
      if (auto part = narrowed(item, property); !part.is_null()) out.push_back(std::move(part));
    return out;
  }
  if (!value.is_object()) return nullptr;
  auto dot = property.find('.');
  auto name = property.substr(0, dot);
  const auto& member = json::at(value, name);
  auto part = narrowed(member, dot == std::string_view::npos ? "" : property.substr(dot + 1));
  if (part.is_null()) return nullptr;
  return json::Object{{name, std::move(part)}};
}

void merge(json::Value& into, const json::Value& more) {
  if (into.is_object() && more.is_object()) {
    for (const auto& [name, member] : more.get_object()) merge(into.as_object()[name], member);
  } else if (into.is_array() && more.is_array() && into.get_array().size() == more.get_array().size()) {
    for (std::size_t i = 0; i < more.get_array().size(); ++i) merge(into.as_array()[i], more.get_array()[i]);
  } else {
    into = more;
  }
}

json::Value figure(double number) {
  if (std::floor(number) == number && std::abs(number) < 1e15) return static_cast<std::int64_t>(number);
  return number;
}

// Over all items of a group.
json::Value folded(const Field& field, const std::vector<const json::Value*>& items) {
  if (field.kind == Field::Kind::count && field.property.empty()) return static_cast<std::int64_t>(items.size());
  std::vector<const json::Value*> values;
  for (const auto* item : items) values_at(*item, field.property, values);
  if (field.kind == Field::Kind::count) return static_cast<std::int64_t>(values.size());
  double sum = 0;
  std::optional<double> least, most;
  std::int64_t count = 0;
  for (const auto* value : values) {
    auto number = number_in(*value);
    if (!number) continue;
    sum += *number;
    ++count;
    least = std::min(least.value_or(*number), *number);
    most = std::max(most.value_or(*number), *number);
  }
  if (count == 0) return nullptr;
  switch (field.kind) {
    case Field::Kind::sum: return figure(sum);
    case Field::Kind::avg: return figure(sum / static_cast<double>(count));
    case Field::Kind::min: return figure(*least);
    case Field::Kind::max: return figure(*most);
    case Field::Kind::count:
    case Field::Kind::property: break;
  }
  return nullptr;
}

json::Value first_at(const json::Value& item, const Field& field) {
  if (field.kind != Field::Kind::property) return json::at(item, field.name());
  auto found = values_at(item, field.property);
  return found.empty() ? json::Value(nullptr) : *found.front();
}

}  // namespace

std::string ConfigQuery::Field::name() const {
  switch (kind) {
    case Kind::property: return property;
    case Kind::count: return fmt::format("COUNT({})", property.empty() ? "*" : property);
    case Kind::sum: return fmt::format("SUM({})", property);
    case Kind::avg: return fmt::format("AVG({})", property);
    case Kind::min: return fmt::format("MIN({})", property);
    case Kind::max: return fmt::format("MAX({})", property);
  }
  return property;
}

bool ConfigQuery::Condition::holds(const json::Value& item) const {
  auto part_holds = [&](const Condition& part) { return part.holds(item); };
  switch (kind) {
    case Kind::all: return std::ranges::all_of(parts, part_holds);
    case Kind::any: return std::ranges::any_of(parts, part_holds);
    case Kind::negation: return !parts[0].holds(item);
    default: break;
  }
  auto found = values_at(item, property);
  bool one = std::ranges::any_of(found, [&](const json::Value* value) { return meets(*this, *value); });
  return kind == Kind::unequal ? !found.empty() && !one : one;
}

std::vector<std::string> ConfigQuery::fields() const {
  std::vector<std::string> out;
  for (const auto& field : fields_) out.push_back(field.name());
  if (out.empty()) out.push_back("*");
  return out;
}

json::Value ConfigQuery::shown(const json::Value& item) const {
  if (fields_.empty()) return item;
  json::Value out = json::Object();
  for (const auto& field : fields_)
    if (auto part = narrowed(item, field.property); !part.is_null()) merge(out, part);
  return out;
}

std::vector<json::Value> ConfigQuery::grouped(const std::vector<const json::Value*>& items) const {
  std::map<std::string, std::vector<const json::Value*>> groups;
  for (const auto* item : items) {
    json::Array key;
    for (const auto& property : group_by_) key.push_back(first_at(*item, {.property = property}));
    groups[json::canonical(key)].push_back(item);
  }
  if (group_by_.empty()) groups.try_emplace("[]");
  std::vector<json::Value> out;
  for (const auto& [key, members] : groups) {
    json::Value row = json::Object();
    for (const auto& field : fields_) {
      if (field.kind != Field::Kind::property) row.as_object()[field.name()] = folded(field, members);
      else if (auto part = narrowed(*members.front(), field.property); !part.is_null()) merge(row, part);
    }
    for (const auto& order : order_by_)
      if (order.by.kind != Field::Kind::property && !row.as_object().contains(order.by.name()))
        row.as_object()[order.by.name()] = folded(order.by, members);
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<json::Value> ConfigQuery::run(const std::vector<json::Value>& items) const {
  std::vector<const json::Value*> chosen;
  for (const auto& item : items)
    if (!where_ || where_->holds(item)) chosen.push_back(&item);
  bool folds = !group_by_.empty() ||
               std::ranges::any_of(fields_, [](const auto& field) { return field.kind != Field::Kind::property; });
  auto earlier = [&](const json::Value& left, const json::Value& right) {
    for (const auto& order : order_by_) {
      auto compare = compared(first_at(left, order.by), first_at(right, order.by));
      if (compare != 0) return order.descending ? compare > 0 : compare < 0;
    }
    return false;
  };
  std::vector<json::Value> out;
  if (folds) {
    out = grouped(chosen);
    std::ranges::stable_sort(out, earlier);
  } else {
    std::ranges::stable_sort(chosen, [&](const auto* left, const auto* right) { return earlier(*left, *right); });
    for (const auto* item : chosen) out.push_back(shown(*item));
  }
  if (limit_ && std::cmp_less(*limit_, out.size())) out.resize(static_cast<std::size_t>(*limit_));
  return out;
}

json::Value queried(json::Object item) {
  if (auto parsed = json::parse(json::text(json::at(item, "configuration"))))
    item["configuration"] = std::move(*parsed);
  auto beside = json::members(json::at(item, "supplementaryConfiguration"));
  for (auto& [name, text] : beside)
    if (auto parsed = json::parse(json::text(text))) text = std::move(*parsed);
  item["supplementaryConfiguration"] = std::move(beside);
  json::Array tags;
  for (const auto& [key, value] : json::members(json::at(item, "tags")))
    tags.push_back(json::Object{{"key", key}, {"value", value},
                                {"tag", fmt::format("{}={}", std::string_view(key), json::text(value))}});
  item["tags"] = std::move(tags);
  return item;
}

}  // namespace aright::cloud
