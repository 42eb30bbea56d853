#include "guard/regex_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "guard/unicode.h"

namespace aright::guard {

namespace {

using Ranges = std::vector<std::pair<char32_t, char32_t>>;  // sorted, apart

constexpr char32_t last_character = 0x10ffff;
constexpr int nesting_max = 20;  // of classes
// Of the expression that one class becomes: each && or ~~ may say its left side twice.
constexpr std::size_t expression_bytes_max = 16 * 1024;

Ranges tidy(Ranges ranges) {
  std::ranges::sort(ranges);
  Ranges out;
  for (auto [from, to] : ranges) {
    if (!out.empty() && from <= out.back().second + 1) {
      out.back().second = std::max(out.back().second, to);
    } else {
      out.emplace_back(from, to);
    }
  }
  return out;
}

Ranges complement(const Ranges& ranges) {
  Ranges out;
  char32_t next = 0;
  for (auto [from, to] : ranges) {
    if (from > next) out.emplace_back(next, from - 1);
    next = to + 1;
  }
  if (next <= last_character) out.emplace_back(next, last_character);
  return out;
}

Ranges both(const Ranges& left, const Ranges& right) {
  auto out = complement(left);
  auto other = complement(right);
  out.insert(out.end(), other.begin(), other.end());
  return complement(tidy(std::move(out)));
}

// A set of characters: as ranges where they are all spelled out, else only as an expression.
struct Set {
  std::optional<Ranges> ranges = Ranges();
  std::string pattern;  // when there are no ranges
  bool backtracks = false;

  std::string text() const {
    if (!ranges) return pattern;
    if (ranges->empty()) return "[^\\x{0}-\\x{10ffff}]";
    std::string out = "[";
    for (auto [from, to] : *ranges)
      out += from == to ? hexadecimal(from) : hexadecimal(from) + "-" + hexadecimal(to);
    return out + "]";
  }
};

Set negated(const Set& set, const std::string& body) {
  if (set.ranges) return {complement(*set.ranges), "", false};
  if (!body.empty()) return {std::nullopt, "[^" + body + "]", false};
  return {std::nullopt, fmt::format("(?:(?!{})(?s:.))", set.text()), true};
}

Set combined(const Set& left, std::string_view sign, const Set& right) {
  if (left.ranges && right.ranges) {
    if (sign == "&&") return {both(*left.ranges, *right.ranges), "", false};
    auto minus = both(*left.ranges, complement(*right.ranges));
    if (sign == "--") return {minus, "", false};
    auto other = both(*right.ranges, complement(*left.ranges));
    minus.insert(minus.end(), other.begin(), other.end());
    return {tidy(std::move(minus)), "", false};
  }
  auto a = left.text(), b = right.text();
  auto text = sign == "&&"   ? fmt::format("(?:(?={}){})", b, a)
              : sign == "--" ? fmt::format("(?:(?!{}){})", b, a)
                             : fmt::format("(?:(?!{}){}|(?!{}){})", b, a, a, b);
  return {std::nullopt, std::move(text), true};
}

class ClassReader {
 public:
  ClassReader(std::string_view pattern, std::size_t at) : text_(pattern), at_(at) {}

  std::size_t end() const { return at_; }

  Result<Set> read(int nesting) {
    if (nesting > nesting_max)
      return fail(Errc::invalid, "classes are nested deeper than {}", nesting_max);
    ++at_;  // [
    bool negative = at_ < text_.size() && text_[at_] == '^';
    if (negative) ++at_;
    body_.clear();
    auto set = TRY(operand(nesting, true));
    auto body = simple_ ? body_ : "";
    while (at_ + 1 < text_.size() && is_sign()) {
      auto sign = text_.substr(at_, 2);
      at_ += 2;
      auto right = TRY(operand(nesting, false));
      set = combined(set, sign, right);
      if (set.pattern.size() > expression_bytes_max) {
        return fail(Errc::invalid, "a class with too many && and ~~");
      }
      body.clear();
    }
    if (at_ >= text_.size()) return fail(Errc::invalid, "a class that no ] closes");
    ++at_;
    return negative ? negated(set, body) : set;
  }

 private:
  bool is_sign() const {
    auto two = text_.substr(at_, 2);
    return two == "&&" || two == "--" || two == "~~";
  }

  // Items up to a sign or the end: what is spelled out goes into ranges, the rest into an
  // expression.
  Result<Set> operand(int nesting, bool first) {
    Ranges ranges;
    std::string opaque, alternatives;
    bool backtracks = false;
    for (bool begin = first; at_ < text_.size(); begin = false) {
      if (text_[at_] == ']' && !begin) break;
      if (is_sign() && !begin && text_.substr(at_, 3) != "--]") break;
      if (text_[at_] == '[' && text_.substr(at_, 2) != "[:") {
        auto inner = TRY(read(nesting + 1));
        if (inner.ranges) {
          ranges.insert(ranges.end(), inner.ranges->begin(), inner.ranges->end());
        } else {
          alternatives += "|" + inner.text();
          backtracks = backtracks || inner.backtracks;
        }
        continue;
      }
      CHECK_OK(item(ranges, opaque));
    }
    simple_ = alternatives.empty();
    ranges = tidy(std::move(ranges));
    if (opaque.empty() && alternatives.empty()) {
      body_.clear();
      return Set{std::move(ranges), "", false};
    }
    Set spelled{ranges, "", false};
    auto inside = ranges.empty() ? "" : spelled.text().substr(1, spelled.text().size() - 2);
    body_ = inside + opaque;
    auto plain = body_.empty() ? "" : "[" + body_ + "]";
    if (alternatives.empty()) return Set{std::nullopt, plain, false};
    auto all = plain.empty() ? alternatives.substr(1) : plain + alternatives;
    return Set{std::nullopt, "(?:" + all + ")", backtracks};
  }

  Result<> item(Ranges& ranges, std::string& opaque) {
    if (text_.substr(at_, 2) == "[:") {
      auto close = text_.find(":]", at_);
      if (close == std::string_view::npos) return fail(Errc::invalid, "[: that no :] closes");
      opaque += text_.substr(at_, close + 2 - at_);
      at_ = close + 2;
      return {};
    }
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      char letter = text_[at_ + 1];
      if (auto stands = shorthand(letter); !stands.empty()) {
        opaque += stands;
        at_ += 2;
        return {};
      }
      if (letter == 'p' || letter == 'P') {
        opaque += TRY(property(text_, at_));
        return {};
      }
    }
    auto from = TRY(character());
    auto to = from;
    if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']' &&
        text_[at_ + 1] != '-' && text_[at_ + 1] != '[') {
      ++at_;
      to = TRY(character());
      if (to < from) return fail(Errc::invalid, "a range of characters that ends before it begins");
    }
    ranges.emplace_back(from, to);
    return {};
  }

  Result<char32_t> character() {
    if (text_[at_] == '\\') return escaped_character(text_, at_);
    auto [code, bytes] = decode(text_, at_);
    at_ += bytes;
    return code;
  }

  std::string_view text_;
  std::size_t at_;
  std::string body_;     // of the last operand, when it fits into one pair of brackets
  bool simple_ = false;  // it does
};

}  // namespace

std::string hexadecimal(char32_t code) {
  return fmt::format("\\x{{{:x}}}", static_cast<std::uint32_t>(code));
}

std::string_view shorthand(char letter) {
  switch (letter) {
    case 'd':
      return "\\p{Nd}";
    case 'D':
      return "\\P{Nd}";
    case 'w':
      return "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}";
    case 'W':
      return "\\p{No}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\p{S}\\p{Z}\\p{C}";
    case 's':
      return "\\x{9}-\\x{d} "
             "\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{"
             "3000}";
    case 'S':
      return "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-"
             "\\x{1fff}"
             "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}"
             "-\\x{10ffff}";
    case 'h':
      return "0-9A-Fa-f";
    default:
      return "";
  }
}

Result<char32_t> escaped_character(std::string_view pattern, std::size_t& at) {
  if (at + 1 >= pattern.size()) return fail(Errc::invalid, "a backslash at the end");
  char letter = pattern[at + 1];
  at += 2;
  switch (letter) {
    case 'a':
      return U'\a';
    case 'e':
      return U'\x1b';
    case 'f':
      return U'\f';
    case 'n':
      return U'\n';
    case 'r':
      return U'\r';
    case 't':
      return U'\t';
    case 'v':
      return U'\v';
    default:
      break;
  }
  if (letter == 'x' || letter == 'u' || letter == 'U') {
    std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
    auto close = std::string_view::npos;
    if (at < pattern.size() && pattern[at] == '{') {
      close = pattern.find('}', ++at);
      if (close == std::string_view::npos)
        return fail(Errc::invalid, "\\{}{{ that no }} closes", letter);
      digits = close - at;
    }
    auto text = pattern.substr(at, digits);
    std::uint32_t code = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    bool whole = error == std::errc() && end == text.data() + text.size() && text.size() == digits;
    if (!whole || code > last_character || (code >= 0xd800 && code < 0xe000)) {
      return fail(Errc::invalid, "\\{}{} is no character", letter, text);
    }
    at += digits + (close == std::string_view::npos ? 0 : 1);
    return static_cast<char32_t>(code);
  }
  bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
               (letter >= 'A' && letter <= 'Z');
  if (plain) return fail(Errc::invalid, "there is no \\{} here", letter);
  auto [code, bytes] = decode(pattern, at - 1);
  at += bytes - 1;
  return code;
}

Result<std::string> property(std::string_view pattern, std::size_t& at) {
  char letter = pattern[at + 1];
  at += 2;
  if (at >= pattern.size()) return fail(Errc::invalid, "\\{} needs a name", letter);
  std::string_view name = pattern.substr(at, 1);
  if (name == "{") {
    auto close = pattern.find('}', at);
    if (close == std::string_view::npos)
      return fail(Errc::invalid, "\\{}{{ that no }} closes", letter);
    name = pattern.substr(at + 1, close - at - 1);
    at = close + 1;
  } else {
    ++at;
  }
  bool negative = name.starts_with('^');
  if (negative) name.remove_prefix(1);
  if (auto equals = name.find_first_of("=:"); equals != std::string_view::npos)
    name.remove_prefix(equals + 1);
  static constexpr std::pair<std::string_view, std::string_view> categories[] = {
      {"letter", "L"},     {"uppercase_letter", "Lu"}, {"lowercase_letter", "Ll"},
      {"uppercase", "Lu"}, {"lowercase", "Ll"},        {"mark", "M"},
      {"number", "N"},     {"decimal_number", "Nd"},   {"punctuation", "P"},
      {"symbol", "S"},     {"separator", "Z"},         {"other", "C"},
      {"alphabetic", "L"}, {"control", "Cc"}};
  for (auto [word, category] : categories)
    if (equal_ignore_case(word, name)) name = category;
  bool inverted = negative != (letter == 'P');
  return fmt::format("\\{}{{{}}}", inverted ? 'P' : 'p', name);
}

Result<ClassText> translate_class(std::string_view pattern, std::size_t at) {
  ClassReader reader(pattern, at);
  auto set = TRY(reader.read(0));
  return ClassText{set.text(), set.backtracks, reader.end()};
}

}  // namespace aright::guard
