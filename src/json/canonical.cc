#include <algorithm>
#include <vector>

#include "json/write.h"

namespace aright::json {

namespace {

// RFC 8785 sorts by UTF-16 code units. UTF-8 bytes sort the same, but for one case: U+E000…U+FFFF
// (first byte EE or EF) come after the surrogates that stand for everything above U+FFFF (first
// byte F0 to F4).
unsigned utf16_rank(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte == 0xEE || byte == 0xEF ? byte + 0x10u : byte;
}

bool utf16_less(std::string_view left, std::string_view right) {
  return std::ranges::lexicographical_compare(left, right, {}, utf16_rank, utf16_rank);
}

void write(const Value& value, std::string& out);

void write(const Array& array, std::string& out) {
  out += '[';
  for (bool first = true; const auto& item : array) {
    if (!std::exchange(first, false)) out += ',';
    write(item, out);
  }
  out += ']';
}

void write(const Object& object, std::string& out) {
  std::vector<const boost::json::key_value_pair*> sorted;
  sorted.reserve(object.size());
  for (const auto& member : object)
    sorted.push_back(&member);
  std::ranges::sort(sorted, utf16_less,
                    [](auto* member) -> std::string_view { return member->key(); });
  out += '{';
  for (bool first = true; const auto* member : sorted) {
    if (!std::exchange(first, false)) out += ',';
    write_string(member->key(), out);
    out += ':';
    write(member->value(), out);
  }
  out += '}';
}

void write(const Value& value, std::string& out) {
  if (value.is_object()) return write(value.get_object(), out);
  if (value.is_array()) return write(value.get_array(), out);
  if (value.is_double()) {
    out += ecmascript_number(value.get_double());
    return;
  }
  write_scalar(value, out);
}

}  // namespace

std::string canonical(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace aright::json
