// JSONPath: what is read is evaluated on a document, within its bounds; a definite path matches once at most.

#include <cstdint>
#include <string_view>

#include "json/path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  static const json::Value root = json::parse(R"({"Reservations": [{"Instances": [
      {"InstanceId": "i-1", "State": {"Name": "running", "Code": 16}, "Tags": [{"Key": "a", "Value": "b"}]},
      {"InstanceId": "i-2", "State": {"Name": "stopped", "Code": 80}, "Tags": []}]}], "n": [1, 2, [3, [4]]], "": null})")
                                      .value();
  auto path = json::Path::parse({reinterpret_cast<const char*>(data), size});
  if (!path) return 0;
  auto found = path->select(root);
  if (found && path->definite() && found->size() > 1) __builtin_trap();
  (void)path->get(root);
  return 0;
}
