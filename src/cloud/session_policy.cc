#include "cloud/session_policy.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cloud/classify.h"
#include "cloud/needs.h"
#include "json/value.h"

namespace aright::cloud {

namespace {

using Patterns = std::set<std::string>;
using Grants = std::map<std::string, Patterns>;  // by action; on no pattern: on "*"

constexpr std::size_t arn_head_parts = 5;  // arn, partition, service, region, account

std::string policy_text(const Grants& grants) {
  std::map<Patterns, json::Array> actions;  // of the same resources
  for (const auto& [action, patterns] : grants) actions[patterns].push_back(json::Value(action));
  json::Array statements;
  for (auto& [patterns, list] : actions) {
    json::Value on("*");
    if (!patterns.empty()) on = json::Array(patterns.begin(), patterns.end());
    statements.push_back(json::Object{{"Effect", "Allow"}, {"Action", std::move(list)}, {"Resource", std::move(on)}});
  }
  return json::print(json::Object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

// arn:aws:iam::111122223333:
std::string head_of_arn(std::string_view arn) {
  std::size_t at = 0;
  for (std::size_t part = 0; part < arn_head_parts && at != std::string_view::npos; ++part)
    at = arn.find(':', at == 0 ? 0 : at + 1);
  return at == std::string_view::npos ? "" : std::string(arn.substr(0, at + 1));
}

// What is not known yet is anything. Of an ARN that a service draws, that is all behind the account.
std::string without_unknown(std::string arn, const std::set<std::string>& unknown) {
  for (const auto& one : unknown) {
    if (one.starts_with("arn:") && arn.contains(one)) return head_of_arn(arn) + "*";
    arn = replace_all(std::move(arn), one, "*");
  }
  return arn;
}

// What IAM may call it as well: users, roles and the like have a path that their name does not say, and a group of logs
// is meant with all that is in it.
void add_pattern(std::string arn, Patterns& out) {
  auto parts = split(arn, ':');
  if (parts.size() == arn_head_parts + 1 && parts[2] == "iam")
    if (auto slash = arn.rfind('/'); slash != std::string::npos && slash == arn.find('/'))
      out.insert(arn.substr(0, slash) + "/*/" + arn.substr(slash + 1));
  if (parts.size() > arn_head_parts && parts[2] == "logs" && !arn.ends_with(":*")) out.insert(arn + ":*");
  out.insert(std::move(arn));
}

// The resources of one permission that a write names, and any of the other types that it is about: which of those a
// service asks for, the input does not say. Empty: it has to be "*".
Patterns patterns_of(const aws::Call& write, const Permission& permission, const SessionNeeds& needs,
                     const Catalog& catalog) {
  Patterns out;
  auto named = named_arns(write, permission, catalog, [&](const ResourceRef& ref) { return catalog.arn(ref); });
  if (named.empty()) return out;
  for (const auto& arn : named) add_pattern(without_unknown(arn, needs.unknown), out);
  if (permission.arns.size() > session_types_max) return out;
  for (const auto& form : permission.arns) {
    bool is_named = std::ranges::any_of(named, [&](const auto& arn) { return is_of_template(form, arn); });
    if (!is_named) out.insert(any_of_template(form));
  }
  return out;
}

void grant(Grants& grants, const std::string& action, Patterns patterns) {
  auto [known, fresh] = grants.try_emplace(action, patterns);
  if (fresh) return;
  if (known->second.empty() || patterns.empty()) known->second.clear();
  else known->second.merge(patterns);
}

// Roles that a write hands to a service.
void collect_handed_roles(const json::Value& value, const SessionNeeds& needs, Patterns& out) {
  if (auto text = json::text(value); text.starts_with("arn:") && text.contains(":iam::") && text.contains(":role/"))
    out.insert(without_unknown(std::move(text), needs.unknown));
  for (const auto& item : json::items(value)) collect_handed_roles(item, needs, out);
  for (const auto& [name, member] : json::members(value)) collect_handed_roles(member, needs, out);
}

Grants needed(const SessionNeeds& needs, const Catalog& catalog) {
  Grants out;
  std::set<std::string> written;
  Patterns roles;
  for (const auto& write : needs.writes) {
    written.insert(write.name());
    for (const auto& permission : permissions_for(write))
      grant(out, permission.action, patterns_of(write, permission, needs, catalog));
    for (const auto& [action, arn] : tagging_of(write, catalog))
      grant(out, action, {without_unknown(arn, needs.unknown)});
    bool speaks_of_roles = write.service == "iam" || write.service == "sts";
    if (!speaks_of_roles) collect_handed_roles(json::Value(write.input), needs, roles);
  }
  if (!roles.empty()) grant(out, "iam:PassRole", std::move(roles));
  for (const auto& operation : needs.operations) {
    if (written.contains(operation)) continue;
    auto colon = std::min(operation.find(':'), operation.size());
    for (const auto& permission : permissions_of(operation.substr(0, colon),
                                                 operation.substr(std::min(colon + 1, operation.size()))))
      grant(out, permission.action, {});
  }
  return out;
}

std::set<std::string> services_of(const SessionNeeds& needs) {
  std::set<std::string> out;
  for (const auto& write : needs.writes) out.insert(iam_prefix(write.service));
  for (const auto& operation : needs.operations) out.insert(iam_prefix(operation.substr(0, operation.find(':'))));
  return out;
}

Grants on_everything(const Grants& grants) {
  Grants out;
  for (const auto& [action, patterns] : grants) out[action] = {};
  return out;
}

}  // namespace

std::string_view name(Cut cut) {
  switch (cut) {
    case Cut::resources: return "resources";
    case Cut::actions: return "actions";
    case Cut::services: break;
  }
  return "services";
}

SessionPolicy session_policy(const SessionNeeds& needs, const Catalog& catalog) {
  auto services = services_of(needs);
  if (services.empty()) return {};
  auto exact = needed(needs, catalog);
  Grants wide;
  for (const auto& [action, patterns] : exact)
    if (!services.contains(action.substr(0, action.find(':')))) wide[action] = {};  // what another's operation needs
  for (const auto& service : services) {
    grant(exact, service + ":Describe*", {});
    grant(exact, service + ":List*", {});
    wide[service + ":*"] = {};
  }
  SessionPolicy out{policy_text(exact), Cut::resources};
  if (out.text.size() > session_policy_chars_max) out = {policy_text(on_everything(exact)), Cut::actions};
  if (out.text.size() > session_policy_chars_max) out = {policy_text(wide), Cut::services};
  return out;
}

std::string widened_session_policy(std::string_view text) {
  auto policy = json::parse(text);
  if (!policy) return "";
  Grants grants;
  for (const auto& statement : json::items(json::at(*policy, "Statement")))
    for (const auto& action : json::texts(json::at(statement, "Action"))) grants[action] = {};
  return grants.empty() ? "" : policy_text(grants);
}

}  // namespace aright::cloud
