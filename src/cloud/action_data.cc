#include "cloud/action_data.h"

#include <map>
#include <set>
#include <string>

#include "base/embedded.h"
#include "json/value.h"

ARIGHT_EMBEDDED(actions)

namespace aright::cloud {

namespace {

using Operations = std::set<std::string, std::less<>>;
using Services = std::map<std::string, Operations, std::less<>>;

// A broken list is an empty one: then nothing is known to read.
Services load() {
  Services out;
  auto listed = json::parse(embedded_actions());
  if (!listed) return out;
  for (const auto& [service, operations] : json::members(*listed)) {
    auto& known = out[service];
    for (auto& operation : json::texts(operations))
      known.insert(std::move(operation));
  }
  return out;
}

}  // namespace

bool known_to_read(std::string_view service, std::string_view operation) {
  static const Services services = load();
  auto found = services.find(service);
  return found != services.end() && found->second.contains(operation);
}

}  // namespace aright::cloud
