#include "guard/unicode.h"

#include <clocale>
#include <cwctype>
#include <unordered_map>

namespace aright::guard {

namespace {

// C.UTF-8 is part of the C library: every system has it, whatever its settings.
locale_t unicode_locale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

bool is_in(char32_t code, int (*test)(wint_t, locale_t)) {
  auto locale = unicode_locale();
  return locale != nullptr && test(static_cast<wint_t>(code), locale) != 0;
}

char32_t mapped(char32_t code, wint_t (*map)(wint_t, locale_t)) {
  auto locale = unicode_locale();
  return locale == nullptr ? code : static_cast<char32_t>(map(static_cast<wint_t>(code), locale));
}

const std::unordered_map<char32_t, std::u32string_view>& long_capitals() {
  static const std::unordered_map<char32_t, std::u32string_view> table = {
#include "guard/upper_special.inc"
  };
  return table;
}

constexpr char32_t capital_sigma = 0x03a3, final_sigma = 0x03c2, small_sigma = 0x03c3;
constexpr char32_t capital_dotted_i = 0x0130;

}  // namespace

Character decode(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  auto tail = [&](std::size_t index) { return static_cast<char32_t>(byte(index) & 0x3fU); };
  auto first = byte(at);
  if (first < 0x80) return {first, 1};
  if (first < 0xe0) return {static_cast<char32_t>(first & 0x1fU) << 6 | tail(at + 1), 2};
  if (first < 0xf0) {
    return {static_cast<char32_t>(first & 0x0fU) << 12 | tail(at + 1) << 6 | tail(at + 2), 3};
  }
  return {static_cast<char32_t>(first & 0x07U) << 18 | tail(at + 1) << 12 | tail(at + 2) << 6 |
              tail(at + 3),
          4};
}

void append(std::string& text, char32_t code) {
  auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto first = static_cast<unsigned char>(text[at]);
    std::size_t bytes = first < 0x80         ? 1
                        : first >> 5 == 0x6  ? 2
                        : first >> 4 == 0xe  ? 3
                        : first >> 3 == 0x1e ? 4
                                             : 0;
    if (bytes == 0 || at + bytes > text.size()) return false;
    for (std::size_t next = 1; next < bytes; ++next)
      if ((static_cast<unsigned char>(text[at + next]) & 0xc0U) != 0x80) return false;
    auto code = decode(text, at).code;
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    at += bytes;
  }
  return true;
}

bool is_alphanumeric(char32_t code) {
  if (code < 0x80)
    return is_numeric(code) || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
  return is_in(code, iswalnum_l);
}

bool is_numeric(char32_t code) {
  return code >= '0' && code <= '9';
}

bool is_upper(char32_t code) {
  return is_in(code, iswupper_l);
}

bool is_lower(char32_t code) {
  return is_in(code, iswlower_l);
}

std::string to_upper(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto [code, bytes] = decode(text, at);
    at += bytes;
    auto special = code < 0x80 ? long_capitals().end() : long_capitals().find(code);
    if (special == long_capitals().end()) {
      append(out, mapped(code, towupper_l));
    } else {
      for (char32_t one : special->second)
        append(out, one);
    }
  }
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out;
  bool letter_before = false;
  for (std::size_t at = 0; at < text.size();) {
    auto [code, bytes] = decode(text, at);
    at += bytes;
    if (code == capital_sigma) {
      bool letter_after = at < text.size() && is_in(decode(text, at).code, iswalpha_l);
      append(out, letter_before && !letter_after ? final_sigma : small_sigma);
    } else if (code == capital_dotted_i) {
      out += "i\xcc\x87";
    } else {
      append(out, mapped(code, towlower_l));
    }
    letter_before = is_in(code, iswalpha_l);
  }
  return out;
}

}  // namespace aright::guard
