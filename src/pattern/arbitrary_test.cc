#include "pattern/arbitrary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace aright::pattern {

namespace {

constexpr std::array<std::string_view, 7> keys = {"a", "b", "c", "a.b", "", "b.c", "long-key-of-some-bytes"};
constexpr std::array<std::string_view, 18> words = {"x",
                                                    "xy",
                                                    "xyz",
                                                    "X",
                                                    "yx",
                                                    "",
                                                    "Äpfel",
                                                    "äPFEL",
                                                    "10.0.0.1",
                                                    "::1",
                                                    "0:0:0:0:0:0:0:1",
                                                    "10.1.2.3",
                                                    "a*b",
                                                    "a\\b",
                                                    "arn:aws:s3:::bucket-prod-7",
                                                    "arn:aws:s3:::bucket-dev-7",
                                                    "\xF0\x90\x90\x80",
                                                    "1"};
constexpr std::array<std::string_view, 12> numbers = {
    "0", "1", "1.0", "10e-1", "-0.0", "2.5", "25e-1", "-3", "100", "1e2", "12345678901234567", "12345678901234568"};
constexpr std::array<std::string_view, 3> literals = {"null", "true", "false"};
constexpr std::array<std::string_view, 5> ranges = {"10.0.0.0/8", "10.0.0.0/31", "0.0.0.0/0", "::/64", "10.1.0.0/16"};
constexpr std::array<std::string_view, 9> wildcards = {
    "*", "x*", "*y", "*y*", "a\\\\*b", "arn:*-prod-*", "*:bucket-*-7", "x", "*-*-*"};

}  // namespace

std::string Arbitrary::pattern() {
  return fields(0);
}

std::string Arbitrary::key() {
  return std::string(keys[below(once_in(4) ? keys.size() : 3)]);
}

std::string Arbitrary::word() {
  return std::string(words[below(words.size())]);
}

std::string Arbitrary::fields(int depth) {
  std::vector<std::string> out;
  std::vector<std::string> used;
  for (auto count = 1 + below(3); count > 0; --count) {
    auto name = key();
    if (std::ranges::find(used, name) != used.end()) continue;
    used.push_back(name);
    if (depth < 3 && once_in(8)) {
      if (std::ranges::find(used, "$or") != used.end()) continue;
      used.emplace_back("$or");
      out.push_back(fmt::format(R"("$or":[{},{}])", fields(depth + 1), fields(depth + 1)));
    } else if (depth < 2 && once_in(2)) {
      out.push_back(written(name, true) + ":" + fields(depth + 1));
    } else {
      out.push_back(written(name, true) + ":" + leaf());
    }
  }
  return fmt::format("{{{}}}", fmt::join(out, ","));
}

std::string Arbitrary::leaf() {
  std::vector<std::string> out;
  for (auto count = 1 + below(3); count > 0; --count)
    out.push_back(element());
  return fmt::format("[{}]", fmt::join(out, ","));
}

// One word, or a list of them.
std::string Arbitrary::texts(int form) {
  if (form == 0) return written(word(), true);
  return fmt::format("[{},{}]", written(word(), true), written(word(), true));
}

std::string Arbitrary::element() {
  const auto text = written(word(), true);
  switch (below(18)) {
    case 0:
      return std::string(literals[below(3)]);
    case 1:
      return number();
    case 2:
      return fmt::format(R"({{"prefix":{}}})", text);
    case 3:
      return fmt::format(R"({{"suffix":{}}})", text);
    case 4:
      return fmt::format(R"({{"prefix":{{"equals-ignore-case":{}}}}})", text);
    case 5:
      return fmt::format(R"({{"suffix":{{"equals-ignore-case":{}}}}})", text);
    case 6:
      return fmt::format(R"({{"equals-ignore-case":{}}})", text);
    case 7:
      return fmt::format(R"({{"wildcard":"{}"}})", wildcards[below(wildcards.size())]);
    case 8:
      return fmt::format(R"({{"cidr":"{}"}})", ranges[below(ranges.size())]);
    case 9:
      return fmt::format(R"({{"exists":{}}})", once_in(2));
    case 10:
      return fmt::format(R"({{"numeric":["{}",{}]}})", std::array{"=", "<", "<=", ">", ">="}[below(5)], below(4));
    case 11:
      return fmt::format(R"({{"numeric":[">=",{},"<",{}]}})", below(2), 2 + below(200));
    case 12:
      return fmt::format(R"({{"anything-but":{}}})", texts(static_cast<int>(below(2))));
    case 13:
      return fmt::format(R"({{"anything-but":[{},{}]}})", below(3), below(3));
    case 14:
      return fmt::format(R"({{"anything-but":{{"{}":{}}}}})",
                         std::array{"prefix", "suffix", "equals-ignore-case"}[below(3)],
                         texts(static_cast<int>(below(2))));
    case 15:
      return fmt::format(R"({{"anything-but":{{"wildcard":"{}"}}}})", wildcards[below(wildcards.size())]);
    default:
      return text;
  }
}

std::string Arbitrary::number() {
  return std::string(numbers[below(numbers.size())]);
}

std::string Arbitrary::space() {
  return once_in(6) ? std::string(std::array{" ", "\n", "\t ", "\r\n"}[below(4)]) : "";
}

// As a JSON string; ASCII letters now and then as escapes.
std::string Arbitrary::written(std::string_view text, bool plainly) {
  if (!plainly && text == words[16] && once_in(2)) return R"("\uD801\uDC00")";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (!plainly && static_cast<unsigned char>(c) < 0x80 && once_in(10)) {
      out += fmt::format("\\u{:04X}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string Arbitrary::event(bool twice) {
  return space() + object(0, twice) + space();
}

std::string Arbitrary::object(int depth, bool twice) {
  std::string out = "{" + space();
  std::vector<std::string> used;
  for (auto count = below(5); count > 0; --count) {
    const auto name = key();
    if (!twice && std::ranges::find(used, name) != used.end()) continue;
    if (!used.empty()) out += "," + space();
    used.push_back(name);
    out += written(name, false) + space() + ":" + space() + value(depth + 1, twice) + space();
  }
  return out + "}";
}

std::string Arbitrary::value(int depth, bool twice) {
  const auto choice = below(depth < 4 ? 9 : 5);
  if (choice < 3) return written(word(), false);
  if (choice == 3) return number();
  if (choice == 4) return std::string(literals[below(3)]);
  if (choice < 7) return object(depth, twice);
  std::string out = "[" + space();
  const auto count = below(4);
  for (std::size_t i = 0; i < count; ++i)
    out += (i ? "," : "") + space() + value(depth + 1, twice) + space();
  return out + "]";
}

std::string Arbitrary::mutated(std::string text) {
  static constexpr std::string_view bytes = "{}[]:,\"\\ntfu0123456789eE+-. \n\x01\x7f\x80\xc3\xff\xed\xa0";
  for (auto count = 1 + below(4); count > 0 && !text.empty(); --count) {
    const auto at = below(text.size());
    const char byte = bytes[below(bytes.size())];
    switch (below(5)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, byte);
        break;
      case 3:
        text.insert(at, text.substr(at, 1 + below(8)));
        break;
      default:
        text.resize(once_in(4) ? at : text.size());
        break;
    }
  }
  return text;
}

}  // namespace aright::pattern
