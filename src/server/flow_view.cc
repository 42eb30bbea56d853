// How a document flows, for people who look at one of its executions.

#include "remediation/runner.h"
#include "runbook/flow_picture.h"
#include "server/views.h"

namespace aright::server {

Result<json::Value> flow_view(remediation::Engine& engine, const ExecutionId& id) {
  auto entries = TRY(engine.ledger().stream(id.str()));
  if (entries.empty())
    return fail({.code = Errc::not_found, .message = "there is no execution " + id.str(), .number = "AR-0010"});
  const auto& began = entries.front().body;
  auto document = TRY(remediation::load_source(json::members(json::at(began, "source"))));
  return json::Object{{"document", json::at(began, "document")}, {"svg", runbook::flow_picture(*document)}};
}

}  // namespace aright::server
