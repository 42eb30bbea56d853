#include "server/checked_documents.h"

#include "json/yaml.h"
#include "runbook/document.h"
#include "sandbox/emulate.h"

namespace aright::server {

namespace {

// What is of no form at all, or of another schema, the cloud refuses in words of its own.
bool is_automation(const aws::Call& call, const std::string& content) {
  auto type = json::text(call.input, "DocumentType", call.operation == "UpdateDocument" ? "Automation" : "Command");
  if (!type.starts_with("Automation") || json::text(call.input, "DocumentFormat", "JSON") == "TEXT") return false;
  auto body = json::parse_yaml(content, {.locations = false});
  return body && json::scalar_text(json::at(body->value, "schemaVersion")) == "0.3";
}

}  // namespace

std::optional<Result<json::Object>> refused_document(const aws::Call& call) {
  if (call.name() != "ssm:CreateDocument" && call.name() != "ssm:UpdateDocument") return std::nullopt;
  auto content = json::text(call.input, "Content", "");
  if (!is_automation(call, content)) return std::nullopt;
  std::vector<runbook::Diagnostic> found;
  if (runbook::Document::parse(content, json::text(call.input, "Name", ""), &found)) return std::nullopt;
  std::string told;
  for (const auto& one : found)
    if (one.effect == runbook::Diagnostic::Effect::error) told += (told.empty() ? "" : "\n") + one.text();
  constexpr int bad_request = 400;
  return fail(sandbox::service_error("InvalidDocumentContent", bad_request, std::move(told)));
}

}  // namespace aright::server
