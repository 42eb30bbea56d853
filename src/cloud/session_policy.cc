#include "cloud/session_policy.h"

#include <set>

#include "cloud/permission_data.h"
#include "json/value.h"

namespace aright::cloud {

namespace {

std::string policy_text(const std::set<std::string>& actions) {
  return json::print(json::Object{
      {"Version", "2012-10-17"},
      {"Statement", json::Array{json::Object{{"Effect", "Allow"},
                                             {"Action", json::Array(actions.begin(), actions.end())},
                                             {"Resource", "*"}}}}});
}

}  // namespace

std::string session_policy(const std::vector<std::string>& operations) {
  std::set<std::string> exact, services;
  for (const auto& operation : operations) {
    auto colon = std::min(operation.find(':'), operation.size());
    auto service = operation.substr(0, colon);
    for (const auto& permission : permissions_of(service, operation.substr(std::min(colon + 1, operation.size()))))
      exact.insert(permission.action);
    services.insert(iam_prefix(service));
  }
  if (services.empty()) return "";
  std::set<std::string> wide;
  for (const auto& service : services) {
    exact.insert({service + ":Describe*", service + ":List*"});
    wide.insert(service + ":*");
  }
  for (const auto& action : exact) {
    auto service = action.substr(0, action.find(':'));
    if (!services.contains(service)) wide.insert(action);  // iam:PassRole of another service's operation
  }
  auto text = policy_text(exact);
  return text.size() <= session_policy_chars_max ? text : policy_text(wide);
}

}  // namespace aright::cloud
