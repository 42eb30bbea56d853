#include "aws/rates.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/embedded.h"
#include "json/yaml.h"

ARIGHT_EMBEDDED(api_rates)

namespace aright::aws {

namespace {

using Rates = std::map<std::string, std::map<std::string, Rate, std::less<>>, std::less<>>;

constexpr std::array<std::string_view, 4> reading{"Describe", "Get", "List", "Search"};

Rates read_rates() {
  Rates out;
  auto document = json::parse_yaml(embedded_api_rates(), {.locations = false});
  if (!document) return out;  // a test reads it, too
  for (const auto& [service, said] : json::members(document->value))
    for (const auto& [operation, rate] : json::members(said)) {
      if (operation == "source") continue;
      auto per_second = json::integer(json::at(rate, "per_second"));
      out[service][operation] = {
          .per_second = static_cast<double>(per_second),
          .burst = static_cast<double>(json::integer(json::at(rate, "burst"), per_second))};
    }
  return out;
}

}  // namespace

std::optional<Rate> published_rate(std::string_view service, std::string_view operation) {
  static const Rates all = read_rates();
  auto known = all.find(service);
  if (known == all.end()) return std::nullopt;
  const auto& rates = known->second;
  auto own = rates.find(operation);
  if (own == rates.end()) {
    bool reads = std::ranges::any_of(
        reading, [&](std::string_view verb) { return operation.starts_with(verb); });
    own = rates.find(reads ? std::string_view("read") : std::string_view("write"));
  }
  return own == rates.end() ? std::nullopt : std::optional(own->second);
}

}  // namespace aright::aws
