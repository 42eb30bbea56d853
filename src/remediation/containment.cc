#include "remediation/containment.h"

#include <algorithm>
#include <cstdlib>

#include "base/embedded.h"
#include "base/text.h"
#include "json/yaml.h"

ARIGHT_EMBEDDED(threats)

namespace aright::remediation {

namespace {

const std::set<std::string_view> members{"name", "types", "role", "severity", "confidence", "about", "control"};

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob_match(pattern, text); });
}

Result<Containment> read_one(const json::Value& value, const rules::Controls& controls) {
  for (const auto& [member, given] : json::members(value))
    if (!members.contains(member)) return fail(Errc::invalid, "'{}' is unknown", std::string_view(member));
  Containment out{.name = json::text(value, "name", ""),
                  .types = json::texts(json::at(value, "types")),
                  .role = json::text(value, "role", ""),
                  .severity_min = static_cast<double>(json::integer(json::at(value, "severity"), 0)),
                  .confidence_min = static_cast<double>(json::integer(json::at(value, "confidence"), 0)),
                  .control = json::text(value, "control", "")};
  out.about = TRY(bus::parse_subject(json::text(value, "about", "")));
  if (out.types.empty()) return fail(Errc::invalid, "it names no types");
  const auto* control = controls.find(out.control);
  if (!control) return fail(Errc::invalid, "there is no control '{}'", out.control);
  if (control->resource_type != bus::type_of(out.about))
    return fail(Errc::invalid, "{} judges {}, not {}", out.control, control->resource_type, bus::type_of(out.about));
  return out;
}

}  // namespace

Result<Containments> Containments::read(std::string_view yaml, const rules::Controls& controls) {
  auto document = TRY(json::parse_yaml(yaml));
  Containments out;
  for (const auto& item : json::items(json::at(document.value, "containments"))) {
    auto one = read_one(item, controls);
    if (!one) return wrap(one.error(), "containment '{}'", json::text(item, "name", ""));
    out.all.push_back(std::move(*one));
  }
  for (const auto& item : json::items(json::at(document.value, "by_hand")))
    out.by_hand.push_back({.types = json::texts(json::at(item, "types")), .what = json::text(item, "what", "")});
  return out;
}

const Containments& Containments::embedded() {
  static const Containments containments = [] {
    auto read = Containments::read(embedded_threats(), rules::Controls::embedded());
    if (!read) {
      fmt::print(stderr, "the embedded threats are broken: {}\n", read.error().text());
      std::abort();
    }
    return std::move(*read);
  }();
  return containments;
}

bool matches_type(const Containment& one, const bus::Threat& threat) { return matches_any(one.types, threat.type); }

std::string mismatch(const Containment& one, const bus::Threat& threat, const ThreatFloor& floor) {
  if (!matches_type(one, threat)) return "it is about other types";
  if (!one.role.empty() && one.role != threat.role)
    return fmt::format("the resource is {}, not {}", threat.role.empty() ? "in no role" : threat.role, one.role);
  auto severity = std::max(one.severity_min, floor.severity_min);
  if (threat.severity < severity) return fmt::format("severity {} is below {}", threat.severity, severity);
  auto confidence = std::max(one.confidence_min, floor.confidence_min);
  if (confidence > 0 && !threat.confidence)
    return fmt::format("no confidence is told, and {} is asked for", confidence);
  if (confidence > 0 && *threat.confidence < confidence)
    return fmt::format("confidence {} is below {}", *threat.confidence, confidence);
  return "";
}

std::string by_hand(const Containments& containments, std::string_view type) {
  for (const auto& one : containments.by_hand)
    if (matches_any(one.types, type)) return one.what;
  return "";
}

}  // namespace aright::remediation
