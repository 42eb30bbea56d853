#include "pattern/operators.h"

#include <algorithm>
#include <array>

#include "pattern/fold.h"

namespace aright::pattern {

namespace {

// The only member of an operator object.
struct Operator {
  std::string_view name;
  const json::Value& operand;
  std::string place;
};

Result<Operator> only_member(const json::Object& object, const std::string& place) {
  if (object.size() != 1) return fault(place, "an operator object has exactly one member");
  const auto& member = *object.begin();
  return Operator{.name = member.key(),
                  .operand = member.value(),
                  .place = place + '/' + std::string(member.key())};
}

Result<std::string> text_operand(const Operator& op) {
  if (!op.operand.is_string()) return fault(op.place, "a string is expected");
  return json::text(op.operand);
}

ExactText exact_text(std::string text) {
  auto address = parse_address(text);
  return {.text = std::move(text), .address = address};
}

// A number, boolean or null.
Condition exact_value(const json::Value& value) {
  std::string digits;
  auto scalar = scalar_of(value, digits);
  if (scalar.kind != Kind::number) return {ExactLiteral{scalar.kind}};
  return {ExactNumber{.value = scalar.number, .exact = scalar.exact, .text = std::string(scalar.text)}};
}

Result<Wildcard> wildcard(const Operator& op) {
  auto text = TRY(text_operand(op));
  Wildcard out{.parts = {""}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (i + 1 == text.size() || (text[i + 1] != '*' && text[i + 1] != '\\')) {
        return fault(op.place,
                     fmt::format("offset {}: a backslash stands only before * or another one", i));
      }
      out.parts.back() += text[++i];
    } else if (text[i] != '*') {
      out.parts.back() += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '*') {
      return fault(op.place, fmt::format("offset {}: one * is enough", i + 1));
    } else {
      out.parts.emplace_back();
    }
  }
  return out;
}

// {"prefix": "x"} or {"prefix": {"equals-ignore-case": "x"}}; the same for suffix.
template <typename Affix>
Result<Condition> affix(const Operator& op) {
  if (!op.operand.is_object()) {
    auto text = TRY(text_operand(op));
    return Condition{Affix{.text = std::move(text)}};
  }
  auto inner = TRY(only_member(op.operand.get_object(), op.place));
  if (inner.name != "equals-ignore-case")
    return fault(inner.place, "only equals-ignore-case may stand here");
  auto text = TRY(text_operand(inner));
  return Condition{Affix{.text = fold(text), .any_case = true}};
}

Result<double> number_at(const json::Array& terms, std::size_t index, const std::string& place) {
  if (index >= terms.size() || !terms[index].is_number())
    return fault(place, "a number must follow each comparison");
  std::string digits;
  auto number = scalar_of(terms[index], digits);
  if (!number.exact)
    return fault(place, fmt::format("{} cannot be compared exactly", json::print(terms[index])));
  return number.number;
}

// ["=", 5], [">", 0], ["<=", 5], [">", 0, "<=", 5]
Result<Condition> numeric(const Operator& op) {
  if (!op.operand.is_array() || op.operand.get_array().empty()) {
    return fault(op.place, "an array such as [\">\", 0, \"<=\", 5] is expected");
  }
  const auto& terms = op.operand.get_array();
  Range range;
  std::size_t used = 0;
  auto comparison = [&] { return used < terms.size() ? json::text(terms[used]) : std::string(); };
  if (comparison() == "=") {
    auto number = TRY(number_at(terms, used + 1, op.place));
    range = {.lower = Bound{number, true}, .upper = Bound{number, true}};
    used += 2;
  } else {
    if (comparison() == ">" || comparison() == ">=") {
      auto number = TRY(number_at(terms, used + 1, op.place));
      range.lower = Bound{number, comparison() == ">="};
      used += 2;
    }
    if (comparison() == "<" || comparison() == "<=") {
      auto number = TRY(number_at(terms, used + 1, op.place));
      range.upper = Bound{number, comparison() == "<="};
      used += 2;
    }
    if (range.lower && range.upper && range.lower->value >= range.upper->value) {
      return fault(op.place, "the lower bound must be less than the upper one");
    }
  }
  if (used < terms.size()) {
    return fault(
        op.place,
        fmt::format("{} is not expected here: one =, one bound, or a lower and then an upper one",
                    json::print(terms[used])));
  }
  return Condition{range};
}

// One string or a non-empty list of them.
Result<std::vector<std::string>> texts_operand(const Operator& op) {
  if (!op.operand.is_array()) {
    auto text = TRY(text_operand(op));
    return std::vector{std::move(text)};
  }
  std::vector<std::string> texts;
  for (const auto& item : op.operand.get_array()) {
    if (!item.is_string()) return fault(op.place, "only strings may stand here");
    texts.push_back(json::text(item));
  }
  if (texts.empty()) return fault(op.place, "the list is empty");
  return texts;
}

// {"anything-but": {"prefix": "x"}} and its siblings, each with one string or a list.
Result<Condition> anything_but_operator(const Operator& op) {
  AnythingBut out;
  auto texts = TRY(texts_operand(op));
  for (auto& text : texts) {
    if (op.name == "prefix" || op.name == "suffix") {
      if (text.empty()) return fault(op.place, "an empty text would exclude every string");
      if (op.name == "prefix") {
        out.excluded.push_back({Prefix{.text = std::move(text)}});
      } else {
        out.excluded.push_back({Suffix{.text = std::move(text)}});
      }
    } else if (op.name == "equals-ignore-case") {
      out.excluded.push_back({EqualAnyCase{fold(text)}});
    } else if (op.name == "wildcard") {
      const json::Value operand(text);
      auto one = TRY(wildcard({.name = op.name, .operand = operand, .place = op.place}));
      out.excluded.push_back({std::move(one)});
    } else {
      return fault(op.place, "anything-but knows prefix, suffix, equals-ignore-case and wildcard");
    }
  }
  return Condition{std::move(out)};
}

Result<Condition> anything_but(const Operator& op) {
  if (op.operand.is_object()) {
    auto inner = TRY(only_member(op.operand.get_object(), op.place));
    return anything_but_operator(inner);
  }
  const json::Array single{op.operand};
  const auto& list = op.operand.is_array() ? op.operand.get_array() : single;
  if (list.empty()) return fault(op.place, "the list is empty");
  const bool texts = list.front().is_string();
  AnythingBut out;
  for (const auto& item : list) {
    if (!item.is_string() && !item.is_number())
      return fault(op.place, "only strings or numbers may stand here");
    if (item.is_string() != texts) return fault(op.place, "strings and numbers may not be mixed");
    if (texts) {
      out.excluded.push_back({ExactText{.text = json::text(item)}});
    } else {
      out.excluded.push_back(exact_value(item));
    }
  }
  return Condition{std::move(out)};
}

Result<> add_exists(const Operator& op, Field& field) {
  if (!op.operand.is_bool()) return fault(op.place, "true or false is expected");
  if (op.operand.get_bool()) {
    field.conditions.push_back({Present{}});
  } else {
    field.may_be_absent = true;
  }
  return {};
}

Result<Condition> equals_ignore_case(const Operator& op) {
  auto text = TRY(text_operand(op));
  return Condition{EqualAnyCase{fold(text)}};
}

Result<Condition> exactly(const Operator& op) {
  auto text = TRY(text_operand(op));
  return Condition{exact_text(std::move(text))};
}

Result<Condition> cidr(const Operator& op) {
  auto text = TRY(text_operand(op));
  auto range = parse_range(text);
  if (!range) return fault(op.place, range.error().message);
  return Condition{InAddressRange{*range}};
}

Result<Condition> any_wildcard(const Operator& op) {
  auto out = TRY(wildcard(op));
  return Condition{std::move(out)};
}

struct Builder {
  std::string_view name;
  Result<Condition> (*build)(const Operator&);
};
constexpr std::array<Builder, 8> builders = {{{"prefix", affix<Prefix>},
                                              {"suffix", affix<Suffix>},
                                              {"equals-ignore-case", equals_ignore_case},
                                              {"wildcard", any_wildcard},
                                              {"numeric", numeric},
                                              {"cidr", cidr},
                                              {"anything-but", anything_but},
                                              {"exactly", exactly}}};

}  // namespace

bool is_operator(std::string_view name) {
  return name == "exists" || std::ranges::find(builders, name, &Builder::name) != builders.end();
}

Result<> add_condition(const json::Value& element, const std::string& place, Field& field) {
  if (element.is_array()) return fault(place, "an array may not stand in an array");
  if (element.is_string()) {
    field.conditions.push_back({exact_text(json::text(element))});
    return {};
  }
  if (!element.is_object()) {
    field.conditions.push_back(exact_value(element));
    return {};
  }
  auto op = TRY(only_member(element.get_object(), place));
  if (op.name == "exists") return add_exists(op, field);
  auto builder = std::ranges::find(builders, op.name, &Builder::name);
  if (builder == builders.end()) return fault(op.place, "there is no such operator");
  auto condition = TRY(builder->build(op));
  field.conditions.push_back(std::move(condition));
  return {};
}

}  // namespace aright::pattern
