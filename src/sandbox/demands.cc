#include "sandbox/demands.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "cloud/locate.h"
#include "iam/policy.h"
#include "sandbox/policies.h"
#include "sandbox/validate.h"

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

// Numbers may come as texts: attributes of queues.
std::optional<double> number_of(const json::Value& value) {
  if (value.is_number()) return value.to_number<double>();
  auto text = json::text(value);
  double number = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool whole = wrong == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(number) : std::nullopt;
}

bool shown_by_another(const Scene& scene, const Demand& demand, const json::Value& value) {
  return std::ranges::any_of(scene.world.all(scene.ref(demand.alone_in, "")), [&](const Resource* one) {
    return json::equal(json::at(scene.shown(*one), demand.alone_as), value);
  });
}

// What is wrong with a policy; "" when nothing is.
std::string policy_fault(const Scene& scene, const Demand& demand, const std::string& text) {
  auto policy = iam::parse_policy(text);
  if (!policy) return demand.policy ? policy.error().message : "";
  if (!demand.principals) return "";
  auto unknown = unknown_principal(scene, *policy);
  return unknown ? "Invalid principal in policy: " + *unknown : "";
}

bool met(const Scene& scene, const Demand& demand, const json::Value& value) {
  auto text = json::scalar_text(value);
  double length = value.is_array() ? static_cast<double>(value.get_array().size())
                                   : static_cast<double>(text.size());
  bool says_none = value.is_string() && text.empty();  // an attribute of a queue is set back by an empty text
  if (auto number = number_of(value); demand.range && !says_none && (!number || !within(demand.range, *number)))
    return false;
  if (!within(demand.length, length)) return false;
  auto known = [&](char c) { return has_letter(demand.letters, c); };
  if (!demand.letters.empty() && !std::ranges::all_of(text, known)) return false;
  if (!demand.like.empty() && !glob_match(demand.like, text)) return false;
  auto equal = [&](const json::Value& one) { return json::equal(one, value); };
  if (!demand.among.empty() && std::ranges::none_of(demand.among, equal)) return false;
  if (std::ranges::any_of(demand.other_than, equal)) return false;
  if (!demand.assumable_by.empty() && !assumable_by(scene, text, demand.assumable_by)) return false;
  if (!demand.alone_in.empty() && shown_by_another(scene, demand, value)) return false;
  if ((demand.policy || demand.principals) && !policy_fault(scene, demand, text).empty()) return false;
  return demand.is.empty() || there(scene, demand, text);
}

// In the words that AWS has for such demands, as far as it has any; "": none.
std::string unmet(const Demand& demand, const json::Value& value) {
  auto bounds = [](const auto& pair, double is, const char* what) {
    bool less = is < pair->first;
    return fmt::format("Member must have {} {} than or equal to {:.0f}", what, less ? "greater" : "less",
                       less ? pair->first : pair->second);
  };
  if (auto number = number_of(value); demand.range && number && !within(demand.range, *number))
    return bounds(demand.range, *number, "value");
  double length = static_cast<double>(value.is_array() ? value.get_array().size() : json::scalar_text(value).size());
  if (!within(demand.length, length)) return bounds(demand.length, length, "length");
  if (!demand.letters.empty())
    return fmt::format("Member must satisfy regular expression pattern: [{}]+", demand.letters);
  return "";
}

std::string message(const Scene& scene, const Demand& demand, const json::Value& value) {
  if (!demand.message.empty()) return json::scalar_text(scene.fill(json::Value(demand.message)));
  if (demand.policy || demand.principals) return policy_fault(scene, demand, json::scalar_text(value));
  Resource lacking{.ref = scene.ref(demand.is, json::scalar_text(value))};
  if (auto said = scene.error(demand.otherwise, "", &lacking).message; said != demand.otherwise) return said;
  auto wanted = unmet(demand, value);
  return fmt::format("1 validation error detected: Value {} at '{}' failed to satisfy constraint{}{}",
                     value.is_null() ? "null" : fmt::format("'{}'", json::scalar_text(value)),
                     spoken_path(demand.that.str()), wanted.empty() ? "" : ": ", wanted);
}

}  // namespace

Result<> check_demands(const Scene& scene) {
  const auto* service = scene.catalog.service(scene.call.service);
  if (service == nullptr) return {};
  auto found = service->checks.find(scene.call.operation);
  if (found == service->checks.end()) return {};
  const json::Value input = scene.call.input;
  for (const auto& demand : found->second) {
    auto said = [&](const auto& member) { return json::at(input, member.key()) == member.value(); };
    if (!std::ranges::all_of(demand.when, said)) continue;
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
