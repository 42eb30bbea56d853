#include "remediation/story.h"

#include <array>
#include <utility>

#include "base/known.h"

namespace aright::remediation {

namespace {

// Finds `text` among the names of an enumeration's values.
template <typename Enum, std::size_t N>
Result<Enum> parse_name(std::string_view what, const std::array<Enum, N>& values, std::string_view text) {
  std::vector<std::string> known;
  for (Enum value : values) {
    if (name(value) == text) return value;
    known.emplace_back(name(value));
  }
  return fail({.code = Errc::invalid, .message = unknown_word(what, text, known)});
}

}  // namespace

std::optional<Timestamp> time_at(const json::Value& value, std::string_view member) {
  auto time = parse_timestamp(json::text(value, member, ""));
  return time ? std::optional(*time) : std::nullopt;
}

json::Object to_json(const Resource& resource) {
  json::Object out{{"account", resource.account}, {"region", resource.region}, {"type", resource.type},
                   {"id", resource.id}};
  if (!resource.arn.empty()) out["arn"] = resource.arn;
  return out;
}

Result<Resource> resource_from_json(const json::Value& value) {
  const auto& object = json::members(value);
  Resource resource{.account = json::text(object, "account"),
                    .region = json::text(object, "region"),
                    .type = json::text(object, "type"),
                    .id = json::text(object, "id"),
                    .arn = json::text(object, "arn")};
  if (resource.type.empty() || resource.id.empty())
    return fail(Errc::invalid, "a resource needs a type and an id: {}", json::print(value));
  return resource;
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::informational: return "informational";
    case Severity::low: return "low";
    case Severity::medium: return "medium";
    case Severity::high: return "high";
    case Severity::critical: return "critical";
  }
  return "medium";
}

Result<Severity> parse_severity(std::string_view text) {
  static constexpr std::array all{Severity::informational, Severity::low, Severity::medium, Severity::high,
                                  Severity::critical};
  return parse_name("a severity", all, text);
}

std::string_view name(Decision decision) {
  switch (decision) {
    case Decision::automatic: return "automatic";
    case Decision::approval: return "approval";
    case Decision::manual: return "manual";
    case Decision::deferred: return "deferred";
    case Decision::suppressed: return "suppressed";
    case Decision::refused: return "refused";
  }
  return "manual";
}

Result<Decision> parse_decision(std::string_view text) {
  static constexpr std::array all{Decision::automatic, Decision::approval,   Decision::manual,
                                  Decision::deferred,  Decision::suppressed, Decision::refused};
  return parse_name("a decision", all, text);
}

json::Object to_json(const Action& action) {
  return {{action.kind == Action::Kind::runbook ? "runbook" : "function", action.target},
          {"parameters", action.parameters}};
}

Result<Action> action_from_json(const json::Value& value) {
  Action action;
  action.target = json::text(value, "runbook", "");
  if (action.target.empty()) {
    action.kind = Action::Kind::function;
    action.target = json::text(value, "function", "");
  }
  if (action.target.empty())
    return fail(Errc::invalid, "an action names a runbook or a function: {}", json::print(value));
  action.parameters = json::members(json::at(value, "parameters"));
  return action;
}

}  // namespace aright::remediation
