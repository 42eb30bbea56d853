#pragma once
// Where spans go, as the command line and OpenTelemetry's own variables of the environment say it.

#include <memory>
#include <string>

#include "telemetry/trace.h"

namespace aright::cli {

// `endpoint`: what the command line says; else OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, which is taken as it is, else
// OTEL_EXPORTER_OTLP_ENDPOINT, which gets /v1/traces behind it. Null: spans go nowhere. Headers come from
// OTEL_EXPORTER_OTLP_HEADERS (name=value,…), the service's name from OTEL_SERVICE_NAME.
Result<std::unique_ptr<telemetry::Exporter>> open_exporter(const std::string& endpoint);

}  // namespace aright::cli
