// Events of other tools (Security Hub's ASFF, GuardDuty, Config, CloudTrail): the resources they speak of are ones that
// are described, and have an id.

#include <cstdint>
#include <string_view>

#include "bus/event.h"
#include "bus/threat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  static const auto& catalog = cloud::Catalog::embedded();
  auto event = json::parse({reinterpret_cast<const char*>(data), size});
  if (!event || !event->is_object()) return 0;
  auto whole = bus::complete(event->get_object(), "111122223333", "us-east-1", Timestamp{});
  if (!whole) return 0;
  for (const auto& mention : bus::mentions(*whole, catalog))
    if (mention.resource.id.empty() || mention.resource.type.empty()) __builtin_trap();
  for (const auto& threat : bus::threats_of(*whole))
    for (const auto& [subject, refs] : threat.resources)
      for (const auto& ref : refs)
        if (ref.id.empty() || ref.type != bus::type_of(subject)) __builtin_trap();
  return 0;
}
