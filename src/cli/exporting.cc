#include "cli/exporting.h"

#include <cstdlib>

#include "base/text.h"

namespace aright::cli {

namespace {

std::string variable(const char* name) {
  const char* said = std::getenv(name);
  return said ? said : "";
}

std::string below(std::string base) {
  while (base.ends_with('/'))
    base.pop_back();
  return base + "/v1/traces";
}

std::map<std::string, std::string> headers() {
  std::map<std::string, std::string> out;
  for (const auto& pair : split(variable("OTEL_EXPORTER_OTLP_HEADERS"), ',')) {
    auto equals = pair.find('=');
    if (equals == std::string::npos) continue;
    out[std::string(trim(std::string_view(pair).substr(0, equals)))] =
        percent_decode(trim(std::string_view(pair).substr(equals + 1)));
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<telemetry::Exporter>> open_exporter(const std::string& endpoint) {
  telemetry::ExporterOptions options{.traces_url = {}, .headers = headers(), .version = ARIGHT_VERSION};
  if (auto name = variable("OTEL_SERVICE_NAME"); !name.empty()) options.service = name;
  auto whole = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), base = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (!endpoint.empty())
    options.traces_url = below(endpoint);
  else if (!whole.empty())
    options.traces_url = whole;
  else if (!base.empty())
    options.traces_url = below(base);
  if (options.traces_url.empty()) return nullptr;
  return telemetry::Exporter::start(std::move(options));
}

}  // namespace aright::cli
