#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "aws/jmespath_node.h"

namespace aright::aws::jmespath {

namespace {

using Arguments = std::span<const Argument>;

// What an argument must be.
enum class Want { any, number, string, array, object, numbers, strings, comparable, reference };

std::string_view type_name(const json::Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "boolean";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  return value.is_object() ? "object" : "number";
}

bool all(const json::Value& value, bool (*test)(const json::Value&)) {
  return value.is_array() && std::ranges::all_of(value.get_array(), test);
}

bool is_number(const json::Value& value) {
  return value.is_number();
}

bool is_string(const json::Value& value) {
  return value.is_string();
}

bool fits(Want want, const Argument& argument) {
  const json::Value& value = argument.value;
  if ((want == Want::reference) != (argument.reference != nullptr)) return false;
  switch (want) {
    case Want::any:
    case Want::reference:
      return true;
    case Want::number:
      return value.is_number();
    case Want::string:
      return value.is_string();
    case Want::array:
      return value.is_array();
    case Want::object:
      return value.is_object();
    case Want::numbers:
      return all(value, is_number);
    case Want::strings:
      return all(value, is_string);
    case Want::comparable:
      return all(value, is_number) || all(value, is_string);
  }
  return false;
}

double number(const json::Value& value) {
  return value.to_number<double>();
}

// Whole numbers stay whole.
json::Value number_value(double value) {
  constexpr double exact_max = 0x1p53;
  bool whole = std::nearbyint(value) == value && std::abs(value) <= exact_max;
  return whole ? json::Value(static_cast<std::int64_t>(value)) : json::Value(value);
}

// The order of sort, max and min, among numbers or among texts.
bool less(const json::Value& left, const json::Value& right) {
  if (left.is_string() && right.is_string()) return left.get_string() < right.get_string();
  return number(left) < number(right);
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> out;
  for (unsigned char c : text) {
    if ((c & 0xc0) != 0x80 || out.empty()) out.emplace_back();
    out.back() += static_cast<char>(c);
  }
  return out;
}

json::Value length(const json::Value& value) {
  if (value.is_array()) return value.get_array().size();
  if (value.is_object()) return value.get_object().size();
  return characters(value.get_string()).size();
}

json::Value reverse(const json::Value& value) {
  if (value.is_array()) {
    const json::Array& items = value.get_array();
    return json::Array(items.rbegin(), items.rend());
  }
  std::string out;
  auto all = characters(value.get_string());
  for (auto at = all.rbegin(); at != all.rend(); ++at)
    out += *at;
  return json::Value(json::String(out));
}

json::Value contains(const json::Value& where, const json::Value& what) {
  if (where.is_string()) {
    return what.is_string() && where.get_string().find(what.get_string()) != std::string::npos;
  }
  return std::ranges::any_of(where.get_array(),
                             [&](const json::Value& item) { return is_equal(item, what); });
}

json::Value to_number(const json::Value& value) {
  if (value.is_number()) return value;
  if (!value.is_string()) return nullptr;
  auto parsed = json::parse(value.get_string());
  return parsed && parsed->is_number() ? *parsed : json::Value();
}

json::Value join(const json::Value& glue, const json::Array& parts) {
  std::string out;
  for (bool first = true; const json::Value& part : parts) {
    if (!std::exchange(first, false)) out += glue.get_string();
    out += part.get_string();
  }
  return json::Value(json::String(out));
}

double sum(const json::Array& items) {
  double total = 0;
  for (const json::Value& item : items)
    total += number(item);
  return total;
}

// The items with what the reference finds in each: all numbers or all texts.
struct Keyed {
  json::Value key, item;
};
Result<std::vector<Keyed>> keyed(const std::string& name, Arguments arguments) {
  std::vector<Keyed> out;
  for (const json::Value& item : arguments[0].value.get_array()) {
    auto key = TRY(evaluate(*arguments[1].reference, item));
    bool like_first = out.empty() || type_name(key) == type_name(out.front().key);
    if (!(key.is_number() || key.is_string()) || !like_first) {
      return fail(Errc::invalid, "{}() compares numbers or strings, not {}", name, type_name(key));
    }
    out.push_back({std::move(key), item});
  }
  return out;
}

bool keys_less(const Keyed& left, const Keyed& right) {
  return less(left.key, right.key);
}

Result<json::Value> sort_by(const std::string& name, Arguments arguments) {
  auto items = TRY(keyed(name, arguments));
  std::ranges::stable_sort(items, keys_less);
  json::Array out;
  for (Keyed& one : items)
    out.push_back(std::move(one.item));
  return json::Value(std::move(out));
}

Result<json::Value> extreme_by(const std::string& name, Arguments arguments) {
  auto items = TRY(keyed(name, arguments));
  if (items.empty()) return json::Value();
  auto found = name == "max_by" ? std::ranges::max_element(items, keys_less)
                                : std::ranges::min_element(items, keys_less);
  return found->item;
}

Result<json::Value> map_each(const std::string&, Arguments arguments) {
  json::Array out;
  for (const json::Value& item : arguments[1].value.get_array()) {
    auto value = TRY(evaluate(*arguments[0].reference, item));
    out.push_back(std::move(value));
  }
  return json::Value(std::move(out));
}

json::Value extreme(const std::string& name, const json::Array& items) {
  if (items.empty()) return nullptr;
  return name == "max" ? *std::ranges::max_element(items, less)
                       : *std::ranges::min_element(items, less);
}

json::Value sorted(const json::Array& items) {
  json::Array out = items;
  std::stable_sort(out.begin(), out.end(), less);
  return out;
}

json::Value merge(Arguments arguments) {
  json::Object out;
  for (const Argument& argument : arguments) {
    for (const auto& [key, value] : argument.value.get_object())
      out[key] = value;
  }
  return out;
}

json::Value first_not_null(Arguments arguments) {
  for (const Argument& argument : arguments) {
    if (!argument.value.is_null()) return argument.value;
  }
  return nullptr;
}

json::Value keys_or_values(const json::Object& object, bool keys) {
  json::Array out;
  for (const auto& [key, value] : object)
    out.push_back(keys ? json::Value(json::String(key)) : value);
  return out;
}

struct Function {
  std::vector<Want> wants;
  bool variadic = false;  // the last may repeat
  Result<json::Value> (*run)(const std::string& name, Arguments arguments);
};

#define VALUE(expression)                                           \
  [](const std::string& name, Arguments a) -> Result<json::Value> { \
    (void)name, (void)a;                                            \
    return expression;                                              \
  }

const std::map<std::string, Function, std::less<>>& functions() {
  static const std::map<std::string, Function, std::less<>> all = {
      {"abs", {{Want::number}, false, VALUE(number_value(std::abs(number(a[0].value))))}},
      {"avg",
       {{Want::numbers},
        false,
        VALUE(a[0].value.get_array().empty()
                  ? json::Value()
                  : number_value(sum(a[0].value.get_array()) /
                                 static_cast<double>(a[0].value.get_array().size())))}},
      {"ceil", {{Want::number}, false, VALUE(number_value(std::ceil(number(a[0].value))))}},
      {"contains", {{Want::any, Want::any}, false, VALUE(contains(a[0].value, a[1].value))}},
      {"ends_with",
       {{Want::string, Want::string},
        false,
        VALUE(json::Value(a[0].value.get_string().ends_with(a[1].value.get_string())))}},
      {"floor", {{Want::number}, false, VALUE(number_value(std::floor(number(a[0].value))))}},
      {"join",
       {{Want::string, Want::strings}, false, VALUE(join(a[0].value, a[1].value.get_array()))}},
      {"keys", {{Want::object}, false, VALUE(keys_or_values(a[0].value.get_object(), true))}},
      {"length", {{Want::any}, false, VALUE(length(a[0].value))}},
      {"map", {{Want::reference, Want::array}, false, map_each}},
      {"max", {{Want::comparable}, false, VALUE(extreme(name, a[0].value.get_array()))}},
      {"max_by", {{Want::array, Want::reference}, false, extreme_by}},
      {"merge", {{Want::object}, true, VALUE(merge(a))}},
      {"min", {{Want::comparable}, false, VALUE(extreme(name, a[0].value.get_array()))}},
      {"min_by", {{Want::array, Want::reference}, false, extreme_by}},
      {"not_null", {{Want::any}, true, VALUE(first_not_null(a))}},
      {"reverse", {{Want::any}, false, VALUE(reverse(a[0].value))}},
      {"sort", {{Want::comparable}, false, VALUE(sorted(a[0].value.get_array()))}},
      {"sort_by", {{Want::array, Want::reference}, false, sort_by}},
      {"starts_with",
       {{Want::string, Want::string},
        false,
        VALUE(json::Value(a[0].value.get_string().starts_with(a[1].value.get_string())))}},
      {"sum", {{Want::numbers}, false, VALUE(number_value(sum(a[0].value.get_array())))}},
      {"to_array",
       {{Want::any},
        false,
        VALUE(a[0].value.is_array() ? a[0].value : json::Value(json::Array{a[0].value}))}},
      {"to_number", {{Want::any}, false, VALUE(to_number(a[0].value))}},
      {"to_string",
       {{Want::any},
        false,
        VALUE(a[0].value.is_string() ? a[0].value
                                     : json::Value(json::String(json::print(a[0].value))))}},
      {"type", {{Want::any}, false, VALUE(json::Value(json::String(type_name(a[0].value))))}},
      {"values", {{Want::object}, false, VALUE(keys_or_values(a[0].value.get_object(), false))}},
  };
  return all;
}

#undef VALUE

// What the functions of more than one type take, where Want::any is too much.
bool fits_besides(const std::string& name, Arguments arguments) {
  const json::Value& value = arguments[0].value;
  if (name == "length") return value.is_string() || value.is_array() || value.is_object();
  if (name == "contains" || name == "reverse") return value.is_string() || value.is_array();
  return true;
}

}  // namespace

Result<json::Value> call(const std::string& name, std::span<const Argument> arguments) {
  auto found = functions().find(name);
  if (found == functions().end()) return fail(Errc::invalid, "there is no function {}()", name);
  const Function& function = found->second;
  auto count = function.wants.size();
  if (function.variadic ? arguments.size() < count : arguments.size() != count) {
    return fail(Errc::invalid, "{}() takes {}{} arguments, not {}", name,
                function.variadic ? "at least " : "", count, arguments.size());
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto want = function.wants[std::min(i, count - 1)];
    if (fits(want, arguments[i]) && (i > 0 || fits_besides(name, arguments))) continue;
    auto given = arguments[i].reference ? "an expression" : type_name(arguments[i].value);
    return fail(Errc::invalid, "{}() cannot take {} as its argument {}", name, given, i + 1);
  }
  return function.run(name, arguments);
}

}  // namespace aright::aws::jmespath
