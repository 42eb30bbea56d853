#include "server/aws_standards.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "base/text.h"
#include "rules/standard.h"

namespace aright::server {

namespace {

constexpr std::string_view standard_type = "AWS::SecurityHub::Standard", hub_type = "AWS::SecurityHub::Hub";
constexpr std::size_t batch_max = 100;

// An enabled standard: where it is kept, and what was said of its controls.
struct Enabled {
  std::string key, subscription, arn;
  json::Object controls;  // by Security Hub's ids: {"status", "reason", "at"}
};

// A control as Security Hub has it; several of the catalog's may stand behind it.
struct Definition {
  std::string id;
  std::vector<const rules::Control*> controls;
  const rules::Control& first() const { return *controls.front(); }
};

std::string prefix_of(const StandardsTurn& turn, std::string_view type) {
  return fmt::format("{}/{}/{}/", turn.aws.signer.account, turn.aws.call.region, type);
}

std::string arn_of(const StandardsTurn& turn, const std::string& id) {
  const auto& [region, account] = std::pair(turn.aws.call.region, turn.aws.signer.account);
  return fmt::format("arn:aws:securityhub:{}:{}:security-control/{}", region, account, id);
}

Result<> check_subscribed(const StandardsTurn& turn) {
  if (turn.resources.contains(prefix_of(turn, hub_type) + turn.aws.signer.account)) return {};
  return refuse("InvalidAccessException",
                fmt::format("Account {} is not subscribed to AWS Security Hub", turn.aws.signer.account), 401);
}

std::vector<Enabled> enabled_standards(const StandardsTurn& turn) {
  std::vector<Enabled> out;
  const auto prefix = prefix_of(turn, standard_type);
  for (const auto& [key, resource] : turn.resources) {
    if (!std::string_view(key).starts_with(prefix)) continue;
    out.push_back({.key = std::string(key), .subscription = std::string(key.substr(prefix.size())),
                   .arn = json::text(json::at(resource, "aspects"), "StandardsArn", ""),
                   .controls = json::members(json::at(json::at(resource, "internals"), "controls"))});
  }
  return out;
}

std::map<std::string, Definition> definitions(const StandardsTurn& turn, std::string_view standard = "") {
  std::map<std::string, Definition> out;
  for (const auto& [name, control] : turn.aws.engine.controls().all()) {
    auto id = rules::security_hub_id(control);
    if (id.empty() || (!standard.empty() && !rules::stands_in(control, standard))) continue;
    auto& one = out[id];
    one.id = id;
    one.controls.push_back(&control);
  }
  return out;
}

// Known by its id, or by an ARN that ends with it.
const Definition* find(const std::map<std::string, Definition>& all, const std::string& name) {
  auto found = all.find(name.substr(name.rfind('/') + 1));
  return found == all.end() ? nullptr : &found->second;
}

bool holds(const StandardsTurn& turn, const Definition& one) {
  const auto& policy = turn.aws.engine.policy();
  return std::ranges::any_of(one.controls, [&](const rules::Control* control) {
    return policy.enabled(control->id, turn.aws.signer.account) != nullptr;
  });
}

struct Status {
  bool enabled = false;
  std::string reason, at;
};

// What was said of it; else whether the policy holds it.
Status control_status(const StandardsTurn& turn, const Enabled& standard, const Definition& one) {
  const auto& said = json::at(standard.controls, one.id);
  auto status = json::text(said, "status", "");
  if (!status.empty())
    return {status == "ENABLED", json::text(said, "reason", ""), json::text(said, "at", "")};
  bool on = holds(turn, one) ||
            std::ranges::any_of(one.controls, [&](const rules::Control* control) {
              return turn.aws.engine.policy().switched_off.contains(control->id);
            });
  return {on, on ? "" : "The policy of aright does not enable it.", ""};
}

std::string rating_of(const Definition& one) {
  auto severity = one.first().severity == "informational" ? std::string("low") : one.first().severity;
  for (auto& letter : severity) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return severity;
}

std::string remediation_url(const Definition& one) {
  return fmt::format("https://docs.aws.amazon.com/console/securityhub/{}/remediation", one.id);
}

json::Array requirements_of(const Definition& one) {
  json::Array out;
  for (const auto& [standard, requirement] : one.first().references)
    if (standard != rules::security_hub_reference) out.push_back(json::Value(standard + " " + requirement));
  return out;
}

std::string control_arn(const Enabled& standard, const Definition& one) {
  auto arn = standard.subscription;
  if (auto at = arn.find(":subscription/"); at != std::string::npos) arn.replace(at, 14, ":control/");
  return arn + "/" + one.id;
}

json::Object definition_of(const Definition& one) {
  return {{"SecurityControlId", one.id},
          {"Title", one.first().title},
          {"Description", one.first().description},
          {"RemediationUrl", remediation_url(one)},
          {"SeverityRating", rating_of(one)},
          {"CurrentRegionAvailability", "AVAILABLE"}};
}

json::Object association_of(const StandardsTurn& turn, const Enabled& standard, const Definition& one) {
  auto status = control_status(turn, standard, one);
  json::Object out{{"StandardsArn", standard.arn},
                   {"SecurityControlId", one.id},
                   {"SecurityControlArn", arn_of(turn, one.id)},
                   {"AssociationStatus", status.enabled ? "ENABLED" : "DISABLED"},
                   {"RelatedRequirements", requirements_of(one)},
                   {"StandardsControlTitle", one.first().title},
                   {"StandardsControlDescription", one.first().description}};
  if (!status.at.empty()) out["UpdatedAt"] = status.at;
  if (!status.reason.empty()) out["UpdatedReason"] = status.reason;
  return out;
}

bool has(const Enabled& standard, const Definition& one) {
  return rules::stands_in(one.first(), standard.arn);
}

AwsAnswer describe_controls(StandardsTurn& turn) {
  CHECK_OK(check_subscribed(turn));
  auto subscription = turn.aws.text("StandardsSubscriptionArn");
  auto all = enabled_standards(turn);
  auto standard = std::ranges::find(all, subscription, &Enabled::subscription);
  if (standard == all.end())
    return refuse("ResourceNotFoundException", fmt::format("{} is not enabled", subscription), 404);
  json::Array out;
  for (const auto& [id, one] : definitions(turn, standard->arn)) {
    auto status = control_status(turn, *standard, one);
    json::Object shown{{"StandardsControlArn", control_arn(*standard, one)},
                       {"ControlStatus", status.enabled ? "ENABLED" : "DISABLED"},
                       {"ControlId", id},
                       {"Title", one.first().title},
                       {"Description", one.first().description},
                       {"RemediationUrl", remediation_url(one)},
                       {"SeverityRating", rating_of(one)},
                       {"RelatedRequirements", requirements_of(one)}};
    if (!status.at.empty()) shown["ControlStatusUpdatedAt"] = status.at;
    if (!status.reason.empty() && !status.enabled) shown["DisabledReason"] = status.reason;
    out.push_back(std::move(shown));
  }
  return page_of(turn.aws, "Controls", std::move(out), "MaxResults", "NextToken");
}

// Another status of one control in one standard, beside what the call changed before.
void set_status(StandardsTurn& turn, const Enabled& standard, const std::string& id, const std::string& status,
                const std::string& reason) {
  if (!turn.changed.contains(standard.key)) turn.changed[standard.key] = json::at(turn.resources, standard.key);
  auto resource = json::members(turn.changed[standard.key]);
  auto internals = json::members(json::at(resource, "internals"));
  auto controls = json::members(json::at(internals, "controls"));
  controls[id] = json::Object{{"status", status}, {"reason", reason}, {"at", turn.aws.engine.clock().now().iso()}};
  internals["controls"] = std::move(controls);
  resource["internals"] = std::move(internals);
  turn.changed[standard.key] = std::move(resource);
}

AwsAnswer update_control(StandardsTurn& turn) {
  CHECK_OK(check_subscribed(turn));
  auto arn = turn.aws.text("StandardsControlArn"), status = turn.aws.text("ControlStatus");
  auto reason = turn.aws.text("DisabledReason");
  if (status != "ENABLED" && status != "DISABLED")
    return refuse("InvalidInputException", "ControlStatus is ENABLED or DISABLED");
  if (status == "DISABLED" && reason.empty())
    return refuse("InvalidInputException", "DisabledReason is required to disable a control");
  const auto known = definitions(turn);
  for (const auto& standard : enabled_standards(turn)) {
    const auto* one = find(known, arn);
    if (!one || !has(standard, *one) || control_arn(standard, *one) != arn) continue;
    set_status(turn, standard, one->id, status, status == "DISABLED" ? reason : "");
    return json::Object();
  }
  return refuse("ResourceNotFoundException", fmt::format("There is no control {} in an enabled standard", arn), 404);
}

AwsAnswer list_associations(StandardsTurn& turn) {
  CHECK_OK(check_subscribed(turn));
  const auto known = definitions(turn);
  const auto* one = find(known, turn.aws.text("SecurityControlId"));
  if (!one) return refuse("ResourceNotFoundException", "There is no such control", 404);
  json::Array out;
  for (const auto& standard : enabled_standards(turn))
    if (has(standard, *one)) out.push_back(association_of(turn, standard, *one));
  return page_of(turn.aws, "StandardsControlAssociationSummaries", std::move(out), "MaxResults", "NextToken");
}

// The standard and the control that an id of an association names; else why not.
struct Found {
  const Enabled* standard = nullptr;
  const Definition* control = nullptr;
  std::string why_not = {};
};
Found find_association(const std::vector<Enabled>& standards, const std::map<std::string, Definition>& known,
                       const json::Value& id) {
  Found out{.control = find(known, json::text(id, "SecurityControlId", ""))};
  auto standard = std::ranges::find(standards, json::text(id, "StandardsArn", ""), &Enabled::arn);
  if (!out.control) out.why_not = "There is no such control";
  else if (standard == standards.end()) out.why_not = "The standard is not enabled";
  else if (!has(*standard, *out.control)) out.why_not = "The standard does not have the control";
  if (standard != standards.end()) out.standard = &*standard;
  return out;
}

Result<const json::Array*> batch(const StandardsTurn& turn, const char* member) {
  const auto& all = json::items(turn.aws.member(member));
  if (all.empty() || all.size() > batch_max)
    return refuse("InvalidInputException", fmt::format("{} must have between 1 and {} items", member, batch_max));
  return &all;
}

AwsAnswer get_associations(StandardsTurn& turn) {
  CHECK_OK(check_subscribed(turn));
  const auto* asked = TRY(batch(turn, "StandardsControlAssociationIds"));
  const auto known = definitions(turn);
  const auto standards = enabled_standards(turn);
  json::Array details, unprocessed;
  for (const auto& id : *asked) {
    auto found = find_association(standards, known, id);
    if (!found.why_not.empty()) {
      unprocessed.push_back(json::Object{{"StandardsControlAssociationId", id}, {"ErrorCode", "NOT_FOUND"},
                                         {"ErrorReason", found.why_not}});
      continue;
    }
    auto detail = association_of(turn, *found.standard, *found.control);
    detail["StandardsControlArns"] = json::Array{json::Value(control_arn(*found.standard, *found.control))};
    details.push_back(std::move(detail));
  }
  return json::Object{{"StandardsControlAssociationDetails", std::move(details)},
                      {"UnprocessedAssociations", std::move(unprocessed)}};
}

AwsAnswer update_associations(StandardsTurn& turn) {
  CHECK_OK(check_subscribed(turn));
  const auto* asked = TRY(batch(turn, "StandardsControlAssociationUpdates"));
  const auto known = definitions(turn);
  const auto standards = enabled_standards(turn);
  json::Array unprocessed;
  for (const auto& update : *asked) {
    auto found = find_association(standards, known, update);
    auto status = json::text(update, "AssociationStatus", ""), reason = json::text(update, "UpdatedReason", "");
    const char* code = "NOT_FOUND";
    if (found.why_not.empty() && status != "ENABLED" && status != "DISABLED")
      code = "INVALID_INPUT", found.why_not = "AssociationStatus is ENABLED or DISABLED";
    if (found.why_not.empty())
      set_status(turn, *found.standard, found.control->id, status, reason);
    else
      unprocessed.push_back(json::Object{{"StandardsControlAssociationUpdate", update}, {"ErrorCode", code},
                                         {"ErrorReason", found.why_not}});
  }
  return json::Object{{"UnprocessedAssociationUpdates", std::move(unprocessed)}};
}

AwsAnswer list_definitions(StandardsTurn& turn) {
  json::Array out;
  for (const auto& [id, one] : definitions(turn, turn.aws.text("StandardsArn"))) out.push_back(definition_of(one));
  return page_of(turn.aws, "SecurityControlDefinitions", std::move(out), "MaxResults", "NextToken");
}

AwsAnswer get_definition(StandardsTurn& turn) {
  const auto known = definitions(turn);
  const auto* one = find(known, turn.aws.text("SecurityControlId"));
  if (!one) return refuse("ResourceNotFoundException", "There is no such control", 404);
  return json::Object{{"SecurityControlDefinition", definition_of(*one)}};
}

AwsAnswer get_controls(StandardsTurn& turn) {
  CHECK_OK(check_subscribed(turn));
  const auto* asked = TRY(batch(turn, "SecurityControlIds"));
  const auto known = definitions(turn);
  json::Array controls, unprocessed;
  for (const auto& id : json::texts(json::Value(*asked))) {
    const auto* one = find(known, id);
    if (!one) {
      unprocessed.push_back(json::Object{{"SecurityControlId", id}, {"ErrorCode", "NOT_FOUND"},
                                         {"ErrorReason", "There is no such control"}});
      continue;
    }
    auto control = definition_of(*one);
    control.erase("CurrentRegionAvailability");
    control["SecurityControlArn"] = arn_of(turn, one->id);
    control["SecurityControlStatus"] = holds(turn, *one) ? "ENABLED" : "DISABLED";
    control["UpdateStatus"] = "READY";
    controls.push_back(std::move(control));
  }
  return json::Object{{"SecurityControls", std::move(controls)}, {"UnprocessedIds", std::move(unprocessed)}};
}

struct Operation {
  std::string_view name;
  AwsAnswer (*answer)(StandardsTurn&);
};
constexpr std::array table{
    Operation{"BatchGetSecurityControls", get_controls},
    Operation{"BatchGetStandardsControlAssociations", get_associations},
    Operation{"BatchUpdateStandardsControlAssociations", update_associations},
    Operation{"DescribeStandardsControls", describe_controls},
    Operation{"GetSecurityControlDefinition", get_definition},
    Operation{"ListSecurityControlDefinitions", list_definitions},
    Operation{"ListStandardsControlAssociations", list_associations},
    Operation{"UpdateStandardsControl", update_control},
};

}  // namespace

bool is_of_standards(const aws::Call& call) {
  return call.service == "securityhub" && std::ranges::find(table, call.operation, &Operation::name) != table.end();
}

AwsAnswer answer_standards(StandardsTurn& turn) {
  auto found = std::ranges::find(table, turn.aws.call.operation, &Operation::name);
  if (found == table.end()) return fail(Errc::unsupported, "{} is not about standards", turn.aws.call.operation);
  return found->answer(turn);
}

std::vector<std::string> standards_operations() {
  std::vector<std::string> out;
  for (const auto& one : table) out.push_back(fmt::format("securityhub:{}", one.name));
  return out;
}

}  // namespace aright::server
