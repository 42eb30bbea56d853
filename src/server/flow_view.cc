// How a document flows, for people who look at one of its executions.

#include "remediation/runner.h"
#include "runbook/flow.h"
#include "runbook/flow_picture.h"
#include "server/views.h"

namespace aright::server {

namespace {

json::Array steps_view(const std::vector<runbook::Stop>& stops) {
  json::Array out;
  for (const auto& stop : stops) {
    json::Array ways;
    for (const auto& way : stop.ways)
      ways.push_back(json::Object{{"kind", name(way.kind)}, {"to", way.to}, {"why", way.why}});
    out.push_back(json::Object{{"name", stop.step->name},
                               {"action", stop.step->action},
                               {"subject", runbook::subject_of(*stop.step)},
                               {"ways", std::move(ways)},
                               {"steps", steps_view(stop.inner)}});
  }
  return out;
}

}  // namespace

Result<json::Value> flow_view(remediation::Engine& engine, const ExecutionId& id) {
  auto entries = TRY(engine.ledger().stream(id.str()));
  if (entries.empty())
    return fail({.code = Errc::not_found, .message = "there is no execution " + id.str(), .number = "AR-0010"});
  const auto& began = entries.front().body;
  auto document = TRY(remediation::load_source(json::members(json::at(began, "source"))));
  return json::Object{{"document", json::at(began, "document")},
                      {"steps", steps_view(runbook::flow_of(*document))},
                      {"svg", runbook::flow_picture(*document)}};
}

}  // namespace aright::server
