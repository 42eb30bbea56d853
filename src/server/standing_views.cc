// What stands until further notice: what fixes have earned, and what is left alone.

#include "remediation/projection.h"
#include "remediation/track.h"
#include "server/views.h"

namespace aright::server {

namespace {

using namespace remediation;

std::string any_of(const std::vector<std::string>& patterns) {
  return patterns.empty() ? "*" : fmt::format("{}", fmt::join(patterns, ", "));
}

// The findings for which it is void: what it relies on is broken there.
Result<json::Array> findings_voiding(const Engine& engine, const Exception& exception) {
  json::Array out;
  if (exception.compensating.empty()) return out;
  for (const auto& item : TRY(list_findings(engine.ledger(), {.status = "open", .parent = ""}))) {
    auto finding = TRY(engine.finding(TRY(FindingId::parse(json::text(item, "id", "")))));
    if (finding.voided.contains(exception.key())) out.push_back(json::Value(finding.id.str()));
  }
  return out;
}

}  // namespace

Result<json::Value> autonomy_view(Engine& engine) {
  const auto& levels = engine.policy().autonomy;
  json::Array out;
  for (const auto& body : TRY(list_tracks(engine.ledger()))) {
    auto track = track_from_json(body);
    auto earned = earned_by(levels, &track, track.runbook_hash);
    auto one = to_json(track);
    one["level"] = name(earned.level);
    one["vouched"] = earned.vouched;
    one["to_next"] = earned.to_next;
    out.push_back(std::move(one));
  }
  return json::Object{{"levels", json::Object{{"approval", levels.approval},
                                              {"canary", levels.canary},
                                              {"automatic", levels.automatic}}},
                      {"controls", std::move(out)}};
}

Result<json::Value> exceptions_view(Engine& engine) {
  auto now = engine.clock().now();
  json::Array out;
  for (const auto& finding : TRY(list_findings(engine.ledger(), {.status = "", .parent = ""}))) {
    const auto& exception = json::at(finding, "exception");
    auto until = parse_timestamp(json::text(exception, "until", ""));
    if (exception.is_null() || (until && *until <= now)) continue;
    auto known = TRY(engine.finding(TRY(FindingId::parse(json::text(finding, "id", "")))));
    out.push_back(json::Object{{"finding", json::at(finding, "id")},
                               {"control", json::at(finding, "control")},
                               {"resource", json::at(finding, "resource")},
                               {"void", known.exception && known.voided.contains(known.exception->key())},
                               {"exception", exception}});
  }
  for (const auto& held : engine.policy().exceptions) {
    if (!held.exception.holds(now)) continue;
    out.push_back(json::Object{{"finding", nullptr},
                               {"name", held.name},
                               {"control", any_of(held.controls)},
                               {"resource", json::Object{{"type", any_of(held.types)}, {"id", any_of(held.ids)}}},
                               {"void_for", TRY(findings_voiding(engine, held.exception))},
                               {"exception", to_json(held.exception)}});
  }
  return json::Object{{"exceptions", std::move(out)}};
}

}  // namespace aright::server
