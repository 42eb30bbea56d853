#include "sandbox/managed_policies.h"

#include <cstdlib>

#include "base/embedded.h"
#include "json/value.h"
#include "json/yaml.h"

ARIGHT_EMBEDDED(managed_policies)

namespace aright::sandbox {

namespace {

json::Object statement_on_everything(const char* effect, const char* member, const json::Value& actions) {
  return {{"Effect", effect}, {member, actions}, {"Resource", "*"}};
}

std::string managed_document_of(const json::Value& said) {
  json::Array statements;
  auto add = [&](const char* effect, const char* member, const json::Value& actions) {
    if (!actions.is_null()) statements.push_back(statement_on_everything(effect, member, actions));
  };
  add("Allow", "Action", said.is_array() ? said : json::at(said, "allow"));
  add("Allow", "NotAction", json::at(said, "but"));
  add("Deny", "Action", json::at(said, "deny"));
  return json::print(json::Object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

// The file is part of the binary: one that cannot be read is a broken build.
std::map<std::string, ManagedPolicy, std::less<>> read_managed_policies() {
  auto document = json::parse_yaml(embedded_managed_policies());
  if (!document) std::abort();
  std::map<std::string, ManagedPolicy, std::less<>> out;
  for (const auto& [key, said] : json::members(document->value)) {
    const std::string whole(key);
    auto slash = whole.rfind('/') + 1;  // 0 where there is none
    out[whole] = {whole.substr(slash), "/" + whole.substr(0, slash), managed_document_of(said)};
  }
  return out;
}

}  // namespace

const std::map<std::string, ManagedPolicy, std::less<>>& managed_policies() {
  static const auto all = read_managed_policies();
  return all;
}

}  // namespace aright::sandbox
