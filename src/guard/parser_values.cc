// Literals: texts, numbers, regular expressions, ranges, lists and maps.

#include <fmt/format.h>

#include "guard/parser.h"
#include "guard/scalar.h"
#include "guard/unicode.h"

namespace aright::guard {

Parser::Taken<Value> Parser::value() {
  Attempt attempt(*this);
  Depth depth(*this);
  if (fault_) return std::nullopt;
  scan_.skip_space_and_comments();
  auto data = value_data();
  if (!data) return std::nullopt;
  return attempt.keep(Value(std::move(*data)));
}

Parser::Taken<Value::Data> Parser::value_data() {
  if (scan_.take_either("null", "NULL")) return Value::Data();
  if (auto taken = text()) return Value::Data(std::move(*taken));
  if (fault_) return std::nullopt;
  if (auto taken = real()) return Value::Data(*taken);
  if (auto taken = integer()) return Value::Data(*taken);
  if (scan_.take_either("true", "True")) return Value::Data(true);
  if (scan_.take_either("false", "False")) return Value::Data(false);
  if (auto taken = regex()) return taken;
  if (auto taken = range(); taken || fault_) return taken;
  if (auto taken = list(); taken || fault_) return taken;
  return map();
}

Parser::Taken<std::int64_t> Parser::integer() {
  Attempt attempt(*this);
  auto from = scan_.at();
  scan_.take('-');
  if (scan_.take_digits().empty()) return std::nullopt;
  auto digits = scan_.between(from, scan_.at());
  auto number = parse_integer(digits.starts_with('-') ? digits.substr(1) : digits);
  if (!number) return std::nullopt;
  return attempt.keep(digits.starts_with('-') ? -*number : *number);
}

// Digits with a fraction or an exponent; an exponent without a fraction needs its sign.
Parser::Taken<double> Parser::real() {
  Attempt attempt(*this);
  auto from = scan_.at();
  if (scan_.take_digits().empty()) return std::nullopt;
  auto whole_end = scan_.at();
  bool fraction = scan_.take('.') && !scan_.take_digits().empty();
  if (!fraction) scan_.go_back(whole_end);
  auto number_end = scan_.at();
  if (scan_.take('e') || scan_.take('E')) {
    bool sign = scan_.take('+') || scan_.take('-');
    if (!scan_.take_digits().empty() && (sign || fraction)) number_end = scan_.at();
  }
  scan_.go_back(number_end);
  if (number_end == whole_end) return std::nullopt;
  auto number = parse_real(scan_.between(from, number_end));
  if (!number) return std::nullopt;
  return attempt.keep(*number);
}

Parser::Taken<std::string> Parser::text() {
  auto taken = quoted('\'');
  return taken || fault_ ? taken : quoted('"');
}

// Only the quote can be escaped; a backslash before anything else stays.
Parser::Taken<std::string> Parser::quoted(char quote) {
  Attempt attempt(*this);
  auto from = scan_.at();
  if (!scan_.take(quote)) return std::nullopt;
  std::string out;
  while (true) {
    auto length = scan_.rest().find(quote);
    auto piece = scan_.rest().substr(0, length);
    scan_.go_back(scan_.at() + piece.size());
    bool escaped = piece.ends_with('\\');
    if (length == std::string_view::npos) {
      if (escaped) return std::nullopt;
      give_up(from, "a text that no quote ends", fmt::format("add the closing {}", quote));
      return std::nullopt;
    }
    scan_.take(quote);
    out += escaped ? piece.substr(0, piece.size() - 1) : piece;
    if (!escaped) return attempt.keep(std::move(out));
    out += quote;
  }
}

Parser::Taken<Value::Data> Parser::regex() {
  Attempt attempt(*this);
  auto from = scan_.at();
  if (!scan_.take('/')) return std::nullopt;
  std::string pattern;
  while (true) {
    auto length = scan_.rest().find('/');
    auto piece = scan_.rest().substr(0, length);
    if (piece.empty() || length == std::string_view::npos) {
      expected("a regular expression between slashes",
               "it cannot end in an escaped slash; write [/]", true);
      return std::nullopt;
    }
    scan_.go_back(scan_.at() + piece.size() + 1);
    bool escaped = piece.ends_with('\\');
    pattern += escaped ? piece.substr(0, piece.size() - 1) : piece;
    if (!escaped) break;
    pattern += '/';
  }
  auto compiled = Regex::compile(pattern);
  if (!compiled) {
    scan_.go_back(from);
    expected(fmt::format("a regular expression; this is none: {}", compiled.error().message), "",
             true);
    return std::nullopt;
  }
  return attempt.keep(Value::Data(std::move(*compiled)));
}

Parser::Taken<std::variant<std::int64_t, double, char32_t>> Parser::bound() {
  using Bound = std::variant<std::int64_t, double, char32_t>;
  scan_.skip_blanks();
  Taken<Bound> taken;
  if (auto number = real()) {
    taken = Bound(*number);
  } else if (auto whole = integer()) {
    taken = Bound(*whole);
  } else if (!scan_.at_end()) {
    taken = Bound(scan_.take_character());
  }
  scan_.skip_blanks();
  return taken;
}

Parser::Taken<Value::Data> Parser::range() {
  Attempt attempt(*this);
  if (!scan_.take('r')) return std::nullopt;
  Range out{.with_lower = scan_.peek() == '['};
  if (!scan_.take('(') && !scan_.take('[')) return std::nullopt;
  auto lower = bound();
  if (!lower || !scan_.take(',')) return std::nullopt;
  auto upper = bound();
  if (!upper) return std::nullopt;
  out.with_upper = scan_.peek() == ']';
  if (!scan_.take(')') && !scan_.take(']')) return std::nullopt;
  if (lower->index() != upper->index()) {
    give_up(scan_.at(), "a range from one type to another",
            "write both ends as integers, floats or characters");
    return std::nullopt;
  }
  out.lower = *lower;
  out.upper = *upper;
  return attempt.keep(Value::Data(std::make_shared<const Range>(out)));
}

Parser::Taken<Value::Data> Parser::list() {
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  if (!scan_.take('[')) return std::nullopt;
  List items;
  for (auto end = scan_.at();; end = scan_.at()) {
    if (!items.empty()) {
      scan_.skip_space_and_comments();
      if (!scan_.take(',')) break;
    }
    auto item = value();
    if (fault_) return std::nullopt;
    if (!item) {
      scan_.go_back(end);
      break;
    }
    items.push_back(std::move(*item));
  }
  scan_.skip_space_and_comments();
  if (!scan_.take(']')) {
    expected("a value, or ] at the end of the list");
    return std::nullopt;
  }
  return attempt.keep(Value::Data(std::move(items)));
}

Parser::Taken<std::string> Parser::key() {
  auto from = scan_.at();
  while (!scan_.at_end()) {
    auto at = scan_.at();
    auto code = scan_.take_character();
    if (code == '-' || code == '_' || is_alphanumeric(code)) continue;
    scan_.go_back(at);
    break;
  }
  if (scan_.at() != from) return std::string(scan_.between(from, scan_.at()));
  return text();
}

Parser::Taken<Value::Data> Parser::map() {
  Attempt attempt(*this);
  if (!scan_.take('{')) return std::nullopt;
  auto out = std::make_shared<Map>();
  for (auto end = scan_.at();; end = scan_.at()) {
    if (!out->members().empty()) {
      scan_.skip_space_and_comments();
      if (!scan_.take(',')) break;
    }
    scan_.skip_space_and_comments();
    auto name = key();
    scan_.skip_space_and_comments();
    auto member = name && scan_.take(':') ? value() : std::nullopt;
    if (fault_) return std::nullopt;
    if (!member) {
      scan_.go_back(end);
      break;
    }
    out->set(std::move(*name), {}, std::move(*member));
  }
  scan_.skip_space_and_comments();
  if (!scan_.take('}')) {
    expected("key: value, or } at the end of the map");
    return std::nullopt;
  }
  return attempt.keep(Value::Data(std::move(out)));
}

}  // namespace aright::guard
