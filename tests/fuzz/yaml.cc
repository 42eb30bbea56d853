// YAML as AWS's documents use it: what is read, printed and read again is the same.

#include <cstdint>
#include <string_view>

#include "json/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)json::parse_yaml(text, {.cloudformation_tags = true});
  auto read = json::parse_yaml(text);
  if (!read) return 0;
  auto again = json::parse_yaml(json::print_yaml(read->value), {.locations = false});
  if (!again || !json::equal(again->value, read->value)) __builtin_trap();
  return 0;
}
