// An event's text for a matcher: what the parser refuses it refuses, and nothing else.

#include <cstdint>
#include <string_view>

#include "pattern/pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  static const pattern::Matcher matcher({
      {.id = "any", .pattern = pattern::Pattern::parse(R"({"a":[{"exists":true}]})").value()},
      {.id = "deep", .pattern = pattern::Pattern::parse(R"({"a":{"b":["x",{"wildcard":"*y*"}],"c":[1]}})").value()},
  });
  static pattern::Workspace workspace;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool matched = matcher.match(text, workspace).has_value();
  const auto parsed = json::parse(text);
  // JSON sets no limit to exponents, the parser does.
  if (!parsed && parsed.error().message.contains("exponent overflow")) return 0;
  if (matched != (parsed && parsed->is_object())) __builtin_trap();
  return 0;
}
