// A pattern on the first line, and the text to search on the rest. What needs no look-around runs
// in linear time.

#include <cstdint>
#include <string>
#include <string_view>

#include "guard/regex.h"
#include "guard/unicode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  std::string_view all(reinterpret_cast<const char*>(data), size);
  if (!guard::is_utf8(all)) return 0;
  auto end = all.find('\n');
  if (end == std::string_view::npos) return 0;
  auto text = all.substr(end + 1);
  auto regex = guard::Regex::compile(all.substr(0, end));
  if (!regex) return 0;
  auto found = (*regex)->search(text);
  std::string replaced;
  auto each = (*regex)->replace_each(text, "<$0$1${name}$$>", replaced);
  // What is found is replaced, unless a limit ended one of the two.
  bool limited = found == guard::Regex::Found::overrun || each == guard::Regex::Found::overrun;
  if (!limited && found != each) __builtin_trap();
  return 0;
}
