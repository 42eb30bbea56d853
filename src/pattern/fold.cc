#include "pattern/fold.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/utf8.h"

namespace aright::pattern {

namespace {

struct CaseRange {
  char32_t first, last;
  std::uint32_t step;
  std::int32_t delta;
};

constexpr CaseRange case_ranges[] = {
#include "pattern/fold_ranges.inc"
};

char32_t folded_character(char32_t code) {
  auto range = std::ranges::lower_bound(case_ranges, code, {}, &CaseRange::last);
  if (range == std::end(case_ranges) || code < range->first ||
      (code - range->first) % range->step != 0)
    return code;
  return static_cast<char32_t>(static_cast<std::int64_t>(code) + range->delta);
}

// Of the character that begins here; 1 for a byte that begins none.
std::size_t length_of(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  std::size_t length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (length > text.size()) return 1;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
  }
  return length;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// `text` is ASCII, and as long as `folded`.
bool equals_ascii(std::string_view text, std::string_view folded) {
  return std::ranges::equal(text, folded, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
  });
}

}  // namespace

bool equals_folded(std::string_view text, std::string_view folded) {
  if (!is_ascii(text)) return fold(text) == folded;
  return text.size() == folded.size() && equals_ascii(text, folded);
}

bool starts_folded(std::string_view text, std::string_view folded) {
  if (!is_ascii(text)) return fold(text).starts_with(folded);
  return text.size() >= folded.size() && equals_ascii(text.substr(0, folded.size()), folded);
}

bool ends_folded(std::string_view text, std::string_view folded) {
  if (!is_ascii(text)) return fold(text).ends_with(folded);
  return text.size() >= folded.size() && equals_ascii(text.substr(text.size() - folded.size()), folded);
}

std::string fold(std::string_view text) {
  std::string out;
  fold(text, out);
  return out;
}

void fold(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size());
  while (!text.empty()) {
    auto lead = static_cast<unsigned char>(text[0]);
    auto length = length_of(text);
    if (length == 1) {
      out += lead >= 'A' && lead <= 'Z' ? static_cast<char>(lead + 0x20) : text[0];
    } else {
      char32_t code = lead & (0xFFu >> (length + 1));
      for (std::size_t i = 1; i < length; ++i)
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
      append_utf8(folded_character(code), out);
    }
    text.remove_prefix(length);
  }
}

}  // namespace aright::pattern
