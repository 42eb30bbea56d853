#include <charconv>
#include <cmath>

#include "json/write.h"

namespace aright::json {

namespace {

// The shortest digits that read back as the same double, and the place of the decimal point:
// 0.d1d2… × 10^exponent.
struct Decimal {
  std::string digits;
  int point = 0;
};

Decimal shortest(double magnitude) {
  char buffer[32];
  auto end =
      std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  auto mark = text.find('e');
  int exponent = 0;
  auto sign = text[mark + 1] == '+' ? 2 : 1;  // from_chars refuses a plus sign
  std::from_chars(text.data() + mark + sign, end, exponent);
  Decimal decimal{.digits = std::string(text.substr(0, 1)), .point = exponent + 1};
  if (mark > 2) decimal.digits += text.substr(2, mark - 2);
  return decimal;
}

void newline(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(depth * indent_width, ' ');
}

// One writer for both forms: `pretty` adds line breaks and a space after the colon.
class Writer {
 public:
  Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(const Value& value, std::size_t depth) {
    if (value.is_object() && !value.get_object().empty()) {
      object(value.get_object(), depth);
    } else if (value.is_array() && !value.get_array().empty()) {
      array(value.get_array(), depth);
    } else {
      write_scalar(value, out_);
    }
  }

 private:
  void object(const Object& object, std::size_t depth) {
    out_ += '{';
    for (bool first = true; const auto& [key, member] : object) {
      if (!std::exchange(first, false)) out_ += ',';
      if (pretty_) newline(out_, depth + 1);
      write_string(key, out_);
      out_ += pretty_ ? ": " : ":";
      write(member, depth + 1);
    }
    if (pretty_) newline(out_, depth);
    out_ += '}';
  }

  void array(const Array& array, std::size_t depth) {
    out_ += '[';
    for (bool first = true; const auto& item : array) {
      if (!std::exchange(first, false)) out_ += ',';
      if (pretty_) newline(out_, depth + 1);
      write(item, depth + 1);
    }
    if (pretty_) newline(out_, depth);
    out_ += ']';
  }

  std::string& out_;
  bool pretty_;
};

std::string written(const Value& value, bool pretty) {
  std::string out;
  Writer(out, pretty).write(value, 0);
  return out;
}

}  // namespace

// ECMA-262, Number::toString: plain digits while the point stays within 21 places left and 6 right,
// else an exponent.
std::string ecmascript_number(double number) {
  if (number == 0 || std::isnan(number)) return "0";
  std::string sign = number < 0 ? "-" : "";
  if (std::isinf(number)) return sign + "1e999";
  auto [digits, point] = shortest(std::fabs(number));
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    return sign + digits + std::string(static_cast<std::size_t>(point - count), '0');
  }
  if (0 < point && point <= 21) {
    return sign + digits.insert(static_cast<std::size_t>(point), 1, '.');
  }
  if (-6 < point && point <= 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  }
  if (count > 1) digits.insert(1, 1, '.');
  return sign + digits + fmt::format("e{:+}", point - 1);
}

std::string double_text(double number) {
  std::string text = ecmascript_number(number);
  if (number == 0 && std::signbit(number)) text = "-0";
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write_scalar(const Value& value, std::string& out) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      out += fmt::format_int(value.get_int64()).c_str();
      return;
    case boost::json::kind::uint64:
      out += fmt::format_int(value.get_uint64()).c_str();
      return;
    case boost::json::kind::double_:
      out += double_text(value.get_double());
      return;
    case boost::json::kind::string:
      write_string(value.get_string(), out);
      return;
    case boost::json::kind::array:
      out += "[]";
      return;  // only ever called for empty ones
    case boost::json::kind::object:
      out += "{}";
      return;
  }
}

std::string print(const Value& value) {
  return written(value, false);
}

std::string print_pretty(const Value& value) {
  return written(value, true);
}

}  // namespace aright::json
