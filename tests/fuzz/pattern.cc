// A pattern's text: what compiles gives the same answer with and without an index.

#include <cstdint>
#include <string_view>

#include "pattern/pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  constexpr std::string_view event =
      R"({"source":"aws.s3","n":5,"ip":"10.0.0.1","none":null,"a":[{"x":1,"y":"q"},{"x":2,"y":"Q"}],"a.b":{"c":["d"]}})";
  auto compiled = pattern::Pattern::parse({reinterpret_cast<const char*>(data), size});
  if (!compiled) return 0;
  const auto matched = pattern::Matcher({{.id = "it", .pattern = *compiled}}).match(event);
  if (!matched || matched->empty() == compiled->matches(json::parse(event).value())) __builtin_trap();
  return 0;
}
