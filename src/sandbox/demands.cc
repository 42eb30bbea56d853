#include "sandbox/demands.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/locate.h"

namespace aright::sandbox {

namespace {

using cloud::Demand;

// "a-z0-9._-": a minus between two letters means all between them.
bool has_letter(std::string_view letters, char c) {
  for (std::size_t i = 0; i < letters.size(); ++i) {
    bool between = i + 2 < letters.size() && letters[i + 1] == '-';
    if (between ? c >= letters[i] && c <= letters[i + 2] : c == letters[i]) return true;
    if (between) i += 2;
  }
  return false;
}

bool within(const std::optional<std::pair<double, double>>& bounds, double value) {
  return !bounds || (value >= bounds->first && value <= bounds->second);
}

bool there(const Scene& scene, const Demand& demand, const std::string& text) {
  const auto* type = scene.catalog.type(demand.is);
  if (type == nullptr) return true;
  auto ref = cloud::match_arn(*type, text);
  auto id = ref && !ref->id.empty() ? ref->id : text;
  return scene.find(demand.is, id) != nullptr;
}

bool met(const Scene& scene, const Demand& demand, const json::Value& value) {
  auto text = json::scalar_text(value);
  double number = value.is_number() ? value.to_number<double>() : 0;
  double length = value.is_array() ? static_cast<double>(value.get_array().size())
                                   : static_cast<double>(text.size());
  if (demand.range && !within(demand.range, number)) return false;
  if (!within(demand.length, length)) return false;
  auto known = [&](char c) { return has_letter(demand.letters, c); };
  if (!demand.letters.empty() && !std::ranges::all_of(text, known)) return false;
  if (!demand.like.empty() && !glob_match(demand.like, text)) return false;
  auto equal = [&](const json::Value& one) { return json::equal(one, value); };
  if (!demand.among.empty() && std::ranges::none_of(demand.among, equal)) return false;
  return demand.is.empty() || there(scene, demand, text);
}

std::string message(const Scene& scene, const Demand& demand, const json::Value& value) {
  if (!demand.message.empty()) return json::scalar_text(scene.fill(json::Value(demand.message)));
  const auto& errors = scene.catalog.service(scene.call.service)->errors;
  auto said = errors.find(demand.otherwise);
  Resource lacking{.ref = scene.ref(demand.is, json::scalar_text(value))};
  if (said != errors.end() && !said->second.message.empty())
    return json::scalar_text(scene.fill(json::Value(said->second.message), &lacking));
  return fmt::format("Value '{}' at '{}' failed to satisfy constraint", json::scalar_text(value),
                     demand.that.str());
}

}  // namespace

Result<> check_demands(const Scene& scene) {
  const auto* service = scene.catalog.service(scene.call.service);
  if (service == nullptr) return {};
  auto found = service->checks.find(scene.call.operation);
  if (found == service->checks.end()) return {};
  const json::Value input = scene.call.input;
  for (const auto& demand : found->second) {
    auto values = demand.that.select(input);
    if (values.empty() && demand.needed)
      return fail(scene.error(demand.otherwise, message(scene, demand, nullptr)));
    for (const auto* value : values)
      if (!met(scene, demand, *value))
        return fail(scene.error(demand.otherwise, message(scene, demand, *value)));
  }
  return {};
}

}  // namespace aright::sandbox
