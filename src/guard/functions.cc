// The built-in functions. Each is asked for every value of its first argument; values that it
// cannot take are left out.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/clock.h"
#include "guard/document.h"
#include "guard/evaluator.h"
#include "guard/scalar.h"
#include "guard/unicode.h"

namespace aright::guard {

namespace {

using Data = Value::Data;

// %41 becomes A; what is no escape stays. Nothing when the bytes are no text.
std::optional<std::string> url_decoded(std::string_view text) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    int high = text[at] == '%' && at + 2 < text.size() ? digit(text[at + 1]) : -1;
    int low = high >= 0 ? digit(text[at + 2]) : -1;
    if (low < 0) {
      out += text[at];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return is_utf8(out) ? std::optional(out) : std::nullopt;
}

std::int64_t whole(double number) {
  if (std::isnan(number)) return 0;
  if (number >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
  if (number <= -0x1p63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(number);
}

std::optional<int> digit_of(char32_t code) {
  return code >= '0' && code <= '9' ? std::optional(static_cast<int>(code - '0')) : std::nullopt;
}

}  // namespace

const Value& Evaluator::make(Value::Data data, const Value* like) {
  auto& made = made_.emplace_back(std::move(data));
  if (like) {
    made.place = like->place;
    made.parent = like->parent;
    made.position = like->position;
  }
  adopt(made);
  return made;
}

Outcome<Findings> Evaluator::call(const Call& call, Scope& scope) {
  Depth depth(*this);
  CHECK_OK(spend(1));
  if (call.function == FunctionId::unknown) {
    return stop(call.place, fmt::format("there is no function {}", call.name));
  }
  if (call.arguments.size() != arguments_of(call.function)) {
    return stop(call.place, fmt::format("{} takes {} arguments, not {}", call.name,
                                        arguments_of(call.function), call.arguments.size()));
  }
  std::vector<Findings> arguments;
  for (const auto& argument : call.arguments)
    arguments.push_back(TRY(operand(argument, scope)));
  Findings out;
  CHECK_OK(apply(call, arguments, out));
  return out;
}

Outcome<> Evaluator::apply(const Call& call, const std::vector<Findings>& arguments,
                           Findings& out) {
  auto add = [&](Data data, const Value* like) {
    out.push_back({.kind = Found::Kind::resolved, .value = &make(std::move(data), like)});
  };
  if (call.function == FunctionId::now) {
    add(limits_.now_s, nullptr);
    return {};
  }
  const auto& values = arguments.front();
  const auto* first = values.empty() ? nullptr : values.front().value;
  if (call.function == FunctionId::count) {
    auto resolved =
        std::ranges::count_if(values, [](const Found& found) { return found.is_resolved(); });
    add(static_cast<std::int64_t>(resolved), first);
    return {};
  }
  if (call.function == FunctionId::join) {
    add(TRY(joined(call, arguments)), first);
    return {};
  }
  if (call.function == FunctionId::regex_replace || call.function == FunctionId::substring) {
    return for_texts(call, arguments, out);
  }
  for (const auto& found : values) {
    CHECK_OK(spend(1));
    if (!found.is_resolved()) continue;
    auto data = TRY(converted(call, *found.value));
    if (data) add(std::move(*data), found.value);
  }
  return {};
}

Outcome<const std::string*> Evaluator::text_argument(const Call& call, const Findings& argument) {
  bool text = !argument.empty() && argument.front().is_resolved() && argument.front().value->text();
  if (text) return argument.front().value->text();
  return stop(call.place, fmt::format("{} needs texts after its first argument", call.name));
}

Outcome<Value::Data> Evaluator::joined(const Call& call, const std::vector<Findings>& arguments) {
  std::string between;
  const auto& by = arguments[1];
  const auto* character = by.empty() || !by.front().is_resolved()
                              ? nullptr
                              : std::get_if<char32_t>(&by.front().value->data);
  if (character) {
    append(between, *character);
  } else {
    between = *TRY(text_argument(call, by));
  }
  std::string out;
  for (std::size_t at = 0; at < arguments[0].size(); ++at) {
    const auto& found = arguments[0][at];
    if (!found.is_resolved() || !found.value->text()) {
      return stop(call.place,
                  fmt::format("join takes texts, and found {}",
                              found.is_resolved() ? name(found.value->kind()) : "nothing"),
                  "write [*] after a list");
    }
    if (at > 0) out += between;
    out += *found.value->text();
    CHECK_OK(spend(1 + out.size() / 4096));
  }
  return Data(std::move(out));
}

// substring and regex_replace: two more arguments, the same for every text.
Outcome<> Evaluator::for_texts(const Call& call, const std::vector<Findings>& arguments,
                               Findings& out) {
  std::size_t from = 0, to = 0;
  std::shared_ptr<const Regex> regex;
  std::string replacement;
  if (call.function == FunctionId::regex_replace) {
    auto compiled = Regex::compile(*TRY(text_argument(call, arguments[1])));
    if (!compiled) return stop(call.place, compiled.error().message);
    regex = std::move(*compiled);
    replacement = *TRY(text_argument(call, arguments[2]));
  } else {
    from = TRY(position_argument(call, arguments[1]));
    to = TRY(position_argument(call, arguments[2]));
  }
  for (const auto& found : arguments[0]) {
    CHECK_OK(spend(1));
    const auto* text = found.is_resolved() ? found.value->text() : nullptr;
    if (!text) continue;
    std::string made;
    if (regex) {
      if (regex->replace_each(*text, replacement, made) == Regex::Found::overrun) {
        return stop(call.place, "a regular expression backtracks without end", "make it simpler");
      }
    } else {
      if (text->empty() || from >= to || to > text->size()) continue;
      made = text->substr(from, to - from);
      if (!is_utf8(made))
        return stop(call.place, "substring cuts a letter in two", "positions are bytes of UTF-8");
    }
    out.push_back({.kind = Found::Kind::resolved, .value = &make(std::move(made), found.value)});
  }
  return {};
}

// Positions have sixteen bits: a negative one is a large one.
Outcome<std::size_t> Evaluator::position_argument(const Call& call, const Findings& argument) {
  const auto* value =
      argument.empty() || !argument.front().is_resolved() ? nullptr : argument.front().value;
  if (value) {
    if (const auto* number = std::get_if<std::int64_t>(&value->data))
      return static_cast<std::uint16_t>(*number);
    if (const auto* real = std::get_if<double>(&value->data))
      return static_cast<std::size_t>(std::isnan(*real) ? 0 : std::clamp(*real, 0.0, 65535.0));
  }
  return stop(call.place, "substring needs numbers after its first argument");
}

Outcome<std::optional<Value::Data>> Evaluator::converted(const Call& call, const Value& from) {
  const auto* text = from.text();
  auto refused = [&](std::string_view what) {
    return stop(call.place, fmt::format("{} at {} is not {}", print(from, 100), from.path(), what));
  };
  using Optional = std::optional<Data>;
  switch (call.function) {
    case FunctionId::to_lower:
      return text ? Optional(to_lower(*text)) : Optional();
    case FunctionId::to_upper:
      return text ? Optional(to_upper(*text)) : Optional();
    case FunctionId::url_decode: {
      auto decoded = text ? url_decoded(*text) : std::nullopt;
      return decoded ? Optional(std::move(*decoded)) : Optional();
    }
    case FunctionId::json_parse: {
      if (!text) return Optional();
      auto parsed = read_core_yaml(*text, "");
      if (!parsed) return refused("JSON or YAML");
      return Optional(std::move(parsed->data));
    }
    case FunctionId::parse_epoch: {
      if (!text) return Optional();
      auto time = parse_timestamp(*text);
      if (!time) return refused("a time such as 2024-01-31T12:00:00Z");
      return Optional(static_cast<std::int64_t>(std::floor(static_cast<double>(time->ms) / 1000)));
    }
    case FunctionId::parse_boolean: {
      if (from.is(Kind::boolean)) return Optional(from.data);
      if (!text) return Optional();
      auto small = to_lower(*text);
      if (small == "true" || small == "false") return Optional(small == "true");
      return refused("true or false");
    }
    case FunctionId::parse_string:
      return printed(from);
    case FunctionId::parse_int:
    case FunctionId::parse_float:
      return as_number(call, from);
    case FunctionId::parse_char:
      return as_character(call, from);
    case FunctionId::count:
    case FunctionId::join:
    case FunctionId::now:
    case FunctionId::regex_replace:
    case FunctionId::substring:
    case FunctionId::unknown:
      return Optional();
  }
  return Optional();
}

std::optional<Value::Data> Evaluator::printed(const Value& from) {
  if (from.text()) return from.data;
  if (const auto* number = std::get_if<std::int64_t>(&from.data)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&from.data)) return print_real(*real);
  if (const auto* truth = std::get_if<bool>(&from.data))
    return std::string(*truth ? "true" : "false");
  if (const auto* code = std::get_if<char32_t>(&from.data)) {
    std::string out;
    append(out, *code);
    return out;
  }
  return std::nullopt;
}

Outcome<std::optional<Value::Data>> Evaluator::as_number(const Call& call, const Value& from) {
  using Optional = std::optional<Data>;
  bool wants_whole = call.function == FunctionId::parse_int;
  auto refused = [&] {
    return stop(call.place, fmt::format("{} at {} is no {}", print(from, 100), from.path(),
                                        wants_whole ? "integer" : "number"));
  };
  if (const auto* text = from.text()) {
    if (wants_whole) {
      auto number = parse_integer(*text);
      return number ? Outcome<Optional>(Optional(*number)) : refused();
    }
    auto number = parse_real(*text);
    return number ? Outcome<Optional>(Optional(*number)) : refused();
  }
  if (const auto* number = std::get_if<std::int64_t>(&from.data)) {
    return wants_whole ? Optional(*number) : Optional(static_cast<double>(*number));
  }
  if (const auto* real = std::get_if<double>(&from.data))
    return wants_whole ? Optional(whole(*real)) : Optional(*real);
  if (const auto* code = std::get_if<char32_t>(&from.data)) {
    auto digit = digit_of(*code);
    if (!digit) return refused();
    return wants_whole ? Optional(std::int64_t{*digit}) : Optional(double(*digit));
  }
  return Optional();
}

Outcome<std::optional<Value::Data>> Evaluator::as_character(const Call& call, const Value& from) {
  using Optional = std::optional<Data>;
  auto refused = [&] {
    return stop(call.place,
                fmt::format("{} at {} is no single character", print(from, 100), from.path()));
  };
  if (const auto* number = std::get_if<std::int64_t>(&from.data)) {
    if (*number < 0 || *number > 9) return refused();
    return Optional(static_cast<char32_t>('0' + *number));
  }
  if (const auto* text = from.text()) {
    if (text->size() > 1) return refused();
    return text->empty() ? Optional() : Optional(static_cast<char32_t>(text->front()));
  }
  return from.is(Kind::character) ? printed(from) : Optional();
}

}  // namespace aright::guard
