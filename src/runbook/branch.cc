#include "runbook/branch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "runbook/names.h"

namespace aright::runbook {

namespace {

using Compare = bool (*)(const json::Value& variable, const json::Value& operand);

std::optional<double> number(const json::Value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  auto text = trim(value.get_string());
  double parsed = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return parsed;
}

template <typename Order>
bool numeric(const json::Value& variable, const json::Value& operand, Order order) {
  auto left = number(variable), right = number(operand);
  return left && right && order(*left, *right);
}

std::optional<bool> boolean(const json::Value& value) {
  auto text = lower(json::scalar_text(value));
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

// A list contains an item; a text contains a text.
bool contains(const json::Value& variable, const json::Value& operand) {
  auto wanted = json::scalar_text(operand);
  if (!variable.is_array()) return json::scalar_text(variable).contains(wanted);
  return std::ranges::any_of(variable.get_array(), [&](const json::Value& item) {
    return json::scalar_text(item) == wanted;
  });
}

struct Operator {
  std::string_view name;
  Compare compare;
};

using V = json::Value;
constexpr std::array<Operator, 11> operators = {{
    {"StringEquals",
     [](const V& v, const V& o) { return json::scalar_text(v) == json::scalar_text(o); }},
    {"EqualsIgnoreCase",
     [](const V& v, const V& o) {
       return equal_ignore_case(json::scalar_text(v), json::scalar_text(o));
     }},
    {"StartsWith",
     [](const V& v, const V& o) { return json::scalar_text(v).starts_with(json::scalar_text(o)); }},
    {"EndsWith",
     [](const V& v, const V& o) { return json::scalar_text(v).ends_with(json::scalar_text(o)); }},
    {"Contains", contains},
    {"NumericEquals", [](const V& v, const V& o) { return numeric(v, o, std::equal_to<>()); }},
    {"NumericGreater", [](const V& v, const V& o) { return numeric(v, o, std::greater<>()); }},
    {"NumericLesser", [](const V& v, const V& o) { return numeric(v, o, std::less<>()); }},
    {"NumericGreaterOrEquals",
     [](const V& v, const V& o) { return numeric(v, o, std::greater_equal<>()); }},
    {"NumericLesserOrEquals",
     [](const V& v, const V& o) { return numeric(v, o, std::less_equal<>()); }},
    {"BooleanEquals",
     [](const V& v, const V& o) {
       auto left = boolean(v), right = boolean(o);
       return left && right && *left == *right;
     }},
}};

const Operator* operator_of(const json::Object& condition) {
  for (const auto& [key, value] : condition) {
    auto found = std::ranges::find(operators, std::string_view(key), &Operator::name);
    if (found != operators.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names = {"And", "Or", "Not", "Variable"};
  for (const auto& known : operators)
    names.emplace_back(known.name);
  return names;
}

constexpr const char* condition_example = "write Variable: \"{{ Step.Output }}\" and StringEquals: value";

// Members that stand beside a condition without being part of it.
bool is_neighbour(std::string_view key) {
  return key == "NextStep" || key == "MaxIterations";
}

void check_part(const json::Value& condition, const std::string& pointer, int depth,
                const ReportFault& report) {
  if (!condition.is_object()) return report(pointer, "a condition is a map", condition_example);
  if (depth > condition_depth_max) {
    return report(pointer, fmt::format("conditions nest at most {} deep", condition_depth_max),
                  "split it over several branch steps");
  }
  int forms = 0, comparisons = 0;
  for (const auto& [name, value] : condition.get_object()) {
    std::string key(name);
    auto inner = pointer + "/" + key;
    if (is_neighbour(key)) continue;
    if (key == "And" || key == "Or") {
      ++forms;
      if (json::items(value).empty())
        report(inner, key + " takes a list of conditions",
               fmt::format("write {}: [{{…}}, {{…}}]", key));
      std::size_t index = 0;
      for (const auto& part : json::items(value))
        check_part(part, fmt::format("{}/{}", inner, index++), depth + 1, report);
    } else if (key == "Not") {
      ++forms;
      check_part(value, inner, depth + 1, report);
    } else if (key == "Variable") {
      ++forms;
    } else if (is_operator(key)) {
      ++comparisons;
    } else {
      report(inner, key + " is no operator", did_you_mean(key, operator_names(), one_of(operator_names())));
    }
  }
  const bool compares = condition.get_object().contains("Variable");
  if (forms != 1 || comparisons != (compares ? 1 : 0)) {
    report(pointer, "a condition has a Variable and one operator, or one of And, Or, Not", condition_example);
  }
}

Result<bool> evaluate(const json::Value& condition, int depth) {
  if (!condition.is_object() || depth > condition_depth_max) {
    return fail(Errc::invalid, "a condition is a map, nested at most {} deep", condition_depth_max);
  }
  const auto& object = condition.get_object();
  for (std::string_view all : {"And", "Or"}) {
    if (!object.contains(all)) continue;
    const bool stops_at = all == "Or";
    for (const auto& part : json::items(json::at(object, all))) {
      bool holds = TRY(evaluate(part, depth + 1));
      if (holds == stops_at) return stops_at;
    }
    return !stops_at;
  }
  if (object.contains("Not")) {
    bool inner = TRY(evaluate(json::at(object, "Not"), depth + 1));
    return !inner;
  }
  const auto* known = operator_of(object);
  if (!known || !object.contains("Variable")) {
    return fail(Errc::invalid, "a condition needs a Variable and an operator");
  }
  const auto& variable = json::at(object, "Variable");
  if (variable.is_null()) return false;
  return known->compare(variable, json::at(object, known->name));
}

}  // namespace

bool is_operator(std::string_view name) {
  return std::ranges::find(operators, name, &Operator::name) != operators.end();
}

void check_condition(const json::Value& condition, const ReportFault& report) {
  check_part(condition, "", 0, report);
}

Result<bool> holds(const json::Value& condition) {
  return evaluate(condition, 0);
}

Result<std::optional<std::string>> choose(const json::Array& choices) {
  for (const auto& choice : choices) {
    bool chosen = TRY(evaluate(choice, 0));
    if (chosen) return json::text(json::members(choice), "NextStep");
  }
  return std::nullopt;
}

}  // namespace aright::runbook
