#include "sandbox/dynamodb_expression.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t expression_tokens_max = 1000;

bool word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '#' || c == ':' ||
         c == '-';
}

Result<std::vector<std::string>> tokens_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      ++at;
      continue;
    }
    std::size_t length = 1;
    if (word_char(text[at])) {
      while (at + length < text.size() && word_char(text[at + length]))
        ++length;
    } else if (std::string_view two = text.substr(at, 2);
               two == "<>" || two == "<=" || two == ">=") {
      length = 2;
    }
    out.emplace_back(text.substr(at, length));
    at += length;
    if (out.size() > expression_tokens_max) return fail(Errc::invalid, "The expression is too long");
  }
  return out;
}

std::string type_of(const json::Value& value) {
  const auto& members = json::members(value);
  return members.empty() ? "" : std::string(members.begin()->key());
}
const json::Value& inner(const json::Value& value) {
  const auto& members = json::members(value);
  static const json::Value none;
  return members.empty() ? none : members.begin()->value();
}
json::Value number_text(long double number) {
  auto text = fmt::format("{:.15Lg}", number);
  return json::Object{{"N", text}};
}
long double number(const json::Value& value) {
  return std::strtold(json::text(inner(value)).c_str(), nullptr);
}

// A place in an item: names and list indices.
struct PathPlace {
  struct Step {
    std::string name;
    std::size_t index = 0;
    bool is_index = false;
  };
  std::vector<Step> steps;

  json::Value get(const json::Object& item) const {
    const json::Value* here = nullptr;
    for (const auto& step : steps) {
      if (step.is_index) {
        const auto& list = json::items(json::at(*here, "L"));
        if (step.index >= list.size()) return nullptr;
        here = &list[step.index];
      } else {
        here = here == nullptr ? &json::at(item, step.name)
                               : &json::at(json::at(*here, "M"), step.name);
      }
      if (here->is_null()) return nullptr;
    }
    return here == nullptr ? json::Value() : *here;
  }

  // False where there is nothing to hold it. A null value removes.
  bool set(json::Object& item, json::Value value) const {
    json::Object* map = &item;
    json::Array* list = nullptr;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& step = steps[i];
      bool last = i + 1 == steps.size();
      if (last) return put(map, list, step, std::move(value));
      json::Value* next =
          step.is_index
              ? (list != nullptr && step.index < list->size() ? &(*list)[step.index] : nullptr)
              : (map != nullptr ? map->if_contains(step.name) : nullptr);
      if (next == nullptr || !next->is_object()) return false;
      auto* inner_map = next->as_object().if_contains("M");
      auto* inner_list = next->as_object().if_contains("L");
      map = inner_map != nullptr ? inner_map->if_object() : nullptr;
      list = inner_list != nullptr ? inner_list->if_array() : nullptr;
    }
    return false;
  }

 private:
  static bool put(json::Object* map, json::Array* list, const Step& step, json::Value value) {
    if (step.is_index) {
      if (list == nullptr) return false;
      if (value.is_null()) {
        if (step.index < list->size())
          list->erase(list->begin() + static_cast<std::ptrdiff_t>(step.index));
      } else if (step.index < list->size()) {
        (*list)[step.index] = std::move(value);
      } else {
        list->push_back(std::move(value));
      }
      return true;
    }
    if (map == nullptr) return false;
    if (value.is_null())
      map->erase(step.name);
    else
      (*map)[step.name] = std::move(value);
    return true;
  }
};

// Reads an expression once, from left to right, and says what it means for one item.
class Reader {
 public:
  Reader(const Expression& expression, const json::Object& item, std::vector<std::string> tokens)
      : expression_(expression), item_(item), tokens_(std::move(tokens)) {}

  Result<bool> condition() {
    auto held = TRY(either());
    if (!done()) return fail(syntax());
    return held;
  }

  Result<json::Object> update() {
    json::Object after = item_;
    while (!done()) {
      auto clause = lower(take());
      if (clause != "set" && clause != "remove" && clause != "add" && clause != "delete")
        return fail(syntax());
      do {
        CHECK_OK(change(clause, after));
      } while (accept(","));
    }
    return after;
  }

  Result<json::Object> projection() {
    json::Object out;
    do {
      auto place = TRY(this->place());
      auto value = place.get(item_);
      if (value.is_null()) continue;
      hold(out, place, std::move(value));
    } while (accept(","));
    if (!done()) return fail(syntax());
    return out;
  }

 private:
  bool done() const { return at_ >= tokens_.size(); }
  const std::string& peek() const {
    static const std::string end;
    return done() ? end : tokens_[at_];
  }
  std::string take() { return done() ? std::string() : tokens_[at_++]; }
  bool accept(std::string_view token) {
    if (lower(peek()) != token) return false;
    ++at_;
    return true;
  }
  Result<> expect(std::string_view token) { return accept(token) ? Result<>() : fail(syntax()); }
  Error syntax() const {
    return {.code = Errc::invalid,
            .message = fmt::format("Invalid expression: Syntax error; token: \"{}\"",
                                   done() ? "<EOF>" : peek())};
  }

  Result<bool> either() {
    auto held = TRY(both());
    while (accept("or")) {
      auto other = TRY(both());
      held = held || other;
    }
    return held;
  }
  Result<bool> both() {
    auto held = TRY(one());
    while (accept("and")) {
      auto other = TRY(one());
      held = held && other;
    }
    return held;
  }
  Result<bool> one() {
    if (accept("not")) {
      auto held = TRY(one());
      return !held;
    }
    if (accept("(")) {
      auto held = TRY(either());
      CHECK_OK(expect(")"));
      return held;
    }
    auto word = lower(peek());
    bool call = at_ + 1 < tokens_.size() && tokens_[at_ + 1] == "(" && word != "size";
    return call ? function(word) : comparison();
  }

  Result<bool> function(const std::string& name) {
    at_ += 2;
    auto first = TRY(operand());
    json::Value second;
    if (accept(",")) second = TRY(operand());
    CHECK_OK(expect(")"));
    if (name == "attribute_exists") return !first.is_null();
    if (name == "attribute_not_exists") return first.is_null();
    if (name == "attribute_type") return type_of(first) == json::text(inner(second));
    if (name == "begins_with")
      return !first.is_null() && json::text(inner(first)).starts_with(json::text(inner(second)));
    if (name == "contains") return contains(first, second);
    return fail(Errc::invalid, "Invalid function name; function: {}", name);
  }

  static bool contains(const json::Value& whole, const json::Value& part) {
    if (type_of(whole) == "S")
      return json::text(inner(whole)).find(json::text(inner(part))) != std::string::npos;
    const auto& wanted = type_of(whole) == "L" ? part : inner(part);
    const auto& list = json::items(inner(whole));
    return std::ranges::find(list, wanted) != list.end();
  }

  Result<bool> comparison() {
    auto left = TRY(operand());
    if (accept("between")) {
      auto low = TRY(operand());
      CHECK_OK(expect("and"));
      auto high = TRY(operand());
      return comparable(left, low) && comparable(left, high) &&
             compare_attributes(left, low) >= 0 && compare_attributes(left, high) <= 0;
    }
    if (accept("in")) {
      CHECK_OK(expect("("));
      bool found = false;
      do {
        auto item = TRY(operand());
        found = found || (!left.is_null() && left == item);
      } while (accept(","));
      CHECK_OK(expect(")"));
      return found;
    }
    auto sign = take();
    auto right = TRY(operand());
    if (sign == "=") return !left.is_null() && equal(left, right);
    if (sign == "<>") return left.is_null() || !equal(left, right);
    if (!comparable(left, right)) return false;
    auto order = compare_attributes(left, right);
    if (sign == "<") return order < 0;
    if (sign == "<=") return order <= 0;
    if (sign == ">") return order > 0;
    if (sign == ">=") return order >= 0;
    return fail(syntax());
  }
  static bool comparable(const json::Value& left, const json::Value& right) {
    return !left.is_null() && !right.is_null() && type_of(left) == type_of(right);
  }
  static bool equal(const json::Value& left, const json::Value& right) {
    return type_of(left) == "N" && type_of(right) == "N" ? number(left) == number(right)
                                                         : left == right;
  }

  // A value, a place, size(place), if_not_exists(place, value), list_append(list, list).
  Result<json::Value> operand() {
    auto word = lower(peek());
    if (peek().starts_with(':')) return placeholder(take());
    bool call = at_ + 1 < tokens_.size() && tokens_[at_ + 1] == "(";
    if (!call) {
      auto place = TRY(this->place());
      return place.get(item_);
    }
    at_ += 2;
    auto first = TRY(operand());
    if (word == "size") {
      CHECK_OK(expect(")"));
      const auto& held = inner(first);
      auto size = held.is_array()    ? held.get_array().size()
                  : held.is_object() ? held.get_object().size()
                                     : json::text(held).size();
      return json::Value(json::Object{{"N", std::to_string(size)}});
    }
    CHECK_OK(expect(","));
    auto second = TRY(operand());
    CHECK_OK(expect(")"));
    if (word == "if_not_exists") return first.is_null() ? second : first;
    if (word != "list_append")
      return fail(Errc::invalid, "Invalid function name; function: {}", word);
    json::Array list = json::items(json::at(first, "L"));
    for (const auto& item : json::items(json::at(second, "L")))
      list.push_back(item);
    return json::Value(json::Object{{"L", std::move(list)}});
  }

  Result<json::Value> placeholder(const std::string& name) {
    const auto& value = json::at(expression_.values, name);
    if (value.is_null())
      return fail(
          Errc::invalid,
          "An expression attribute value used in expression is not defined; attribute value: {}",
          name);
    return value;
  }

  Result<PathPlace> place() {
    PathPlace place;
    do {
      auto name = take();
      if (name.empty() || !word_char(name.front())) return fail(syntax());
      if (name.starts_with('#')) {
        auto meant = json::text(expression_.names, name, "");
        if (meant.empty())
          return fail(Errc::invalid,
                      "An expression attribute name used in the document path is not defined; "
                      "attribute name: {}",
                      name);
        name = meant;
      }
      place.steps.push_back({.name = name});
      while (accept("[")) {
        auto index = json::integer(json::Value(take()), -1);
        if (index < 0) return fail(syntax());
        place.steps.push_back({.index = static_cast<std::size_t>(index), .is_index = true});
        CHECK_OK(expect("]"));
      }
    } while (accept("."));
    return place;
  }

  Result<> change(const std::string& clause, json::Object& after) {
    auto place = TRY(this->place());
    if (clause == "remove") {
      place.set(after, nullptr);
      return {};
    }
    json::Value value;
    if (clause == "set") {
      CHECK_OK(expect("="));
      value = TRY(sum());
      if (value.is_null())
        return fail(
            Errc::invalid,
            "The provided expression refers to an attribute that does not exist in the item");
    } else {
      auto operand = TRY(this->operand());
      value = clause == "add" ? added(place.get(item_), operand)
                              : subtracted(place.get(item_), operand);
      if (value.is_null() && clause == "delete") {
        place.set(after, nullptr);
        return {};
      }
    }
    if (!place.set(after, std::move(value)))
      return fail(Errc::invalid,
                  "The document path provided in the update expression is invalid for update");
    return {};
  }

  Result<json::Value> sum() {
    auto value = TRY(operand());
    while (peek() == "+" || peek() == "-") {
      bool plus = take() == "+";
      auto other = TRY(operand());
      if (type_of(value) != "N" || type_of(other) != "N")
        return fail(Errc::invalid, "Incorrect operand type for operator or function; operator: {}",
                    plus ? "+" : "-");
      value = number_text(number(value) + (plus ? number(other) : -number(other)));
    }
    return value;
  }

  static json::Value added(const json::Value& before, const json::Value& more) {
    if (before.is_null()) return more;
    if (type_of(more) == "N") return number_text(number(before) + number(more));
    auto list = json::items(inner(before));
    for (const auto& item : json::items(inner(more)))
      if (std::ranges::find(list, item) == list.end()) list.push_back(item);
    return json::Object{{type_of(more), std::move(list)}};
  }
  static json::Value subtracted(const json::Value& before, const json::Value& less) {
    json::Array list;
    for (const auto& item : json::items(inner(before)))
      if (std::ranges::find(json::items(inner(less)), item) == json::items(inner(less)).end())
        list.push_back(item);
    return list.empty() ? json::Value()
                        : json::Value(json::Object{{type_of(less), std::move(list)}});
  }

  // Makes the maps and lists on the way.
  static void hold(json::Object& out, const PathPlace& place, json::Value value) {
    json::Value wrapped = std::move(value);
    for (std::size_t i = place.steps.size(); i-- > 1;) {
      const auto& step = place.steps[i];
      if (step.is_index)
        wrapped = json::Object{{"L", json::Array{std::move(wrapped)}}};
      else
        wrapped = json::Object{{"M", json::Object{{step.name, std::move(wrapped)}}}};
    }
    const auto& first = place.steps.front().name;
    auto* there = out.if_contains(first);
    auto* maps =
        there != nullptr && there->is_object() ? there->get_object().if_contains("M") : nullptr;
    if (maps == nullptr) {
      out[first] = std::move(wrapped);
      return;
    }
    for (const auto& [name, member] : json::members(json::at(wrapped, "M")))
      maps->as_object()[name] = member;
  }

  const Expression& expression_;
  const json::Object& item_;
  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

int compare_attributes(const json::Value& left, const json::Value& right) {
  auto left_type = type_of(left), right_type = type_of(right);
  if (left_type != right_type) return left_type < right_type ? -1 : 1;
  if (left_type == "N") {
    auto a = number(left), b = number(right);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  auto order = json::text(inner(left)).compare(json::text(inner(right)));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Result<bool> holds(const Expression& expression, const json::Object& item) {
  if (expression.text.empty()) return true;
  auto tokens = TRY(tokens_of(expression.text));
  return Reader(expression, item, std::move(tokens)).condition();
}

Result<json::Object> updated(const Expression& expression, const json::Object& item) {
  auto tokens = TRY(tokens_of(expression.text));
  return Reader(expression, item, std::move(tokens)).update();
}

Result<json::Object> projected(const Expression& expression, const json::Object& item) {
  if (expression.text.empty()) return item;
  auto tokens = TRY(tokens_of(expression.text));
  return Reader(expression, item, std::move(tokens)).projection();
}

}  // namespace aright::sandbox
