#include "cloud/permission_data.h"

#include "base/embedded.h"
#include "json/value.h"

ARIGHT_EMBEDDED(permissions)

namespace aright::cloud {

namespace {

// A broken list is an empty one: every operation is then named after itself.
const json::Value& data() {
  static const json::Value listed = json::parse(embedded_permissions()).value_or(json::Value());
  return listed;
}

Permission permission(const std::string& prefix, const std::string& action) {
  Permission out{.action = fmt::format("{}:{}", prefix, action), .arns = {}};
  const auto& templates = json::at(data(), {"types", prefix});
  for (const auto& type : json::texts(json::at(data(), {"actions", prefix, action})))
    if (auto arn = json::text(templates, type, ""); !arn.empty()) out.arns.push_back(std::move(arn));
  return out;
}

}  // namespace

std::string iam_prefix(std::string_view service) {
  return json::text(json::at(data(), "services"), service, service);
}

std::vector<Permission> permissions_of(std::string_view service, std::string_view operation) {
  auto prefix = iam_prefix(service);
  const auto& otherwise = json::at(data(), {"needs", service, operation});
  if (!otherwise.is_array()) return {permission(prefix, std::string(operation))};
  std::vector<Permission> out;
  for (const auto& action : json::texts(otherwise)) out.push_back(permission(prefix, action));
  return out;
}

}  // namespace aright::cloud
