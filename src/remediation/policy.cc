#include "remediation/policy.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "pattern/pattern.h"
#include "remediation/config_rules.h"
#include "remediation/matching.h"
#include "remediation/policy_events.h"
#include "remediation/policy_parts.h"
#include "remediation/policy_people.h"
#include "remediation/policy_reader.h"
#include "remediation/policy_rollout.h"
#include "remediation/policy_schema.h"
#include "rules/conformance_pack.h"
#include "rules/misuse.h"
#include "rules/folder.h"
#include "rules/pack.h"

namespace aright::remediation {

namespace {

constexpr std::size_t policy_bytes_max = 4u << 20;

const rules::Pack* pack_named(const std::string& name, std::string_view member, Reader& in) {
  const auto& packs = rules::packs();
  if (auto found = packs.find(name); found != packs.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [id, pack] : packs) known.push_back(id);
  in.fault(member, fmt::format("there is no pack '{}'; there are {}", name, fmt::join(known, ", ")));
  return nullptr;
}

// What is wrong with the role that a target's account is worked in by; "" when nothing is.
std::string role_fault(const Target& target) {
  if (target.role.empty()) return "";
  auto parts = split(target.role, ':');
  bool role = parts.size() == 6 && parts[0] == "arn" && parts[1].starts_with("aws") && parts[2] == "iam" &&
              parts[3].empty() && parts[5].starts_with("role/") && parts[5].size() > std::string_view("role/").size();
  auto account = target.organization ? "{account}" : target.account;
  if (!role) return fmt::format("'{}' is not the ARN of a role: arn:aws:iam::{}:role/aright", target.role, account);
  if (target.organization || parts[4] == target.account) return "";
  return fmt::format("this role is of the account {}, and not of {}", parts[4], target.account);
}

Target read_target(Reader& in) {
  Target target{.organization = in.truth("organization", false)};
  if (!target.organization) (void)in.required_text("account");
  target.account = in.account("account");
  if (target.organization && !target.account.empty()) in.fault("account", "an organization's accounts are asked for");
  target.regions = in.regions("regions");
  target.role = in.text("role");
  if (auto fault = role_fault(target); !fault.empty()) in.fault("role", fault);
  target.tags = in.map("tags");
  target.units = in.texts("ou");
  for (const auto& name : in.texts("packs"))
    if (const auto* pack = pack_named(name, "packs", in))
      for (const auto& entry : pack->controls) target.controls.insert(entry.control);
  if (target.organization && target.role.find("{account}") == std::string::npos)
    in.fault("role", "an organization's accounts have one each: arn:aws:iam::{account}:role/aright");
  return target;
}

// One that names a Config rule is about the controls that judge by it, or those of its ResourceType.
void add_remediation(RemediationConfiguration one, const std::string& resource_type, Policy& policy) {
  auto controls = policy.controls_of_rule(one.config_rule_name);
  if (controls.empty()) return policy.remediations.push_back(std::move(one));
  for (const auto& id : controls) {
    const auto* control = policy.known->find(id);
    if (!resource_type.empty() && controls.size() > 1 && control && control->resource_type != resource_type) continue;
    one.config_rule_name = id;
    policy.remediations.push_back(one);
  }
}

}  // namespace

void read_remediation(Reader& in, Policy& policy) {
  RemediationConfiguration out;
  out.config_rule_name = in.required_text("ConfigRuleName");
  out.target_id = in.required_text("TargetId");
  (void)in.word("TargetType", {"SSM_DOCUMENT"}, "SSM_DOCUMENT");
  out.parameters = json::members(in.take("Parameters"));
  out.automatic = in.truth("Automatic", false);
  out.attempts_max = static_cast<int>(in.integer("MaximumAutomaticAttempts", 5, 1, 25));
  out.retry_window = seconds(in.integer("RetryAttemptSeconds", 60, 1, 2'678'000));
  (void)in.text("TargetVersion");  // a runbook has one version here
  out.pace = read_pace(in);
  add_remediation(std::move(out), rules::type_of_config(in.text("ResourceType")), policy);
}

namespace {

Function read_function(const std::string& name, Reader& in, const std::filesystem::path& directory) {
  Function out{.name = name,
               .runtime = in.text("runtime", "python3.11"),
               .handler = in.required_text("handler"),
               .path = in.text("directory"),
               .code = in.text("code"),
               .catalog = in.text("catalog"),
               .layers = in.texts("layers"),
               .environment = in.map("environment"),
               .timeout = seconds(in.integer("timeout", 60, 1, 900)),
               .memory_mib = static_cast<std::size_t>(in.integer("memory", 512, 128, 10'240))};
  auto zip = in.text("zip");
  if (!out.path.empty() + !zip.empty() + !out.code.empty() + !out.catalog.empty() != 1)
    in.fault("directory", "give one of directory, zip, code and catalog");
  if (!zip.empty()) out.path = zip;
  if (!out.path.empty()) out.path = (directory / out.path).string();
  for (auto& layer : out.layers) layer = (directory / layer).string();
  return out;
}

// The account and region of a bucket are those of the calls to it; of a queue, its ARN has them.
Source read_source(Reader& in, const Policy& policy) {
  Source out{.name = in.required_text("name"),
             .bus = in.text("bus", bus::default_bus),
             .account = in.account("account", policy.targets.empty() ? "" : policy.targets[0].account),
             .region = in.region("region", "us-east-1"),
             .bucket = in.text("bucket"),
             .prefix = in.text("prefix"),
             .every = seconds(in.integer("every_s", 300, 1, 86'400))};
  auto queue = in.text("queue");
  in.one("nats", [&](Reader& item) { out.stream = read_stream(item); });
  if (!queue.empty() + !out.bucket.empty() + out.stream.has_value() != 1)
    in.fault("queue", "give one of queue, bucket and nats");
  if (queue.empty()) return out;
  auto arn = bus::read_arn(queue);
  if (!arn || arn->service != "sqs") {
    in.fault("queue", fmt::format("'{}' is not the ARN of an SQS queue", queue));
    return out;
  }
  out.queue = arn->name;
  out.account = arn->account;
  out.region = arn->region;
  return out;
}

void read_runbooks(Reader& in, Policy& policy, const std::filesystem::path& directory) {
  for (const auto& [name, file] : in.map("runbooks")) {
    auto text = read_file(directory / file, policy_bytes_max);
    if (text)
      policy.runbooks[name] = std::move(*text), policy.runbook_folders[name] = (directory / file).parent_path();
    else
      in.fault("runbooks", text.error().message);
  }
}

// Whether all controls are known then.
bool read_own_controls(Reader& in, Policy& policy, const std::filesystem::path& directory) {
  auto folder = in.text("own_controls");
  if (folder.empty()) return true;
  auto bundle = rules::controls_in(directory / folder);
  auto all = bundle ? policy.described->with(*bundle) : std::unexpected(bundle.error());
  if (!all) {
    in.fault("own_controls", all.error().message);
    return false;
  }
  policy.known = policy.described = std::make_shared<const rules::Controls>(std::move(*all));
  for (const auto& [id, control] : policy.known->all())
    if (!control.own_runbook.empty())
      policy.runbooks.emplace(json::text(control.remediation, "runbook", id), control.own_runbook);
  return true;
}

}  // namespace

EnabledControl& enable(Policy& policy, const std::string& id) {
  auto found = std::ranges::find(policy.controls, id, &EnabledControl::id);
  return found == policy.controls.end() ? policy.controls.emplace_back(EnabledControl{.id = id, .parameters = {}})
                                        : *found;
}

namespace {

// A control by its id, or all of a pack. What is said of a control by itself comes before what packs say.
void read_control(Reader& in, Policy& policy) {
  auto id = in.text("id"), name = in.text("pack");
  auto parameters = json::members(in.take("parameters"));
  auto except = in.texts("except");
  if (id.empty() == name.empty()) return in.fault("", "give either id or pack");
  if (!id.empty()) {
    enable(policy, id).parameters = std::move(parameters);
    return;
  }
  if (!parameters.empty()) in.fault("parameters", "these are of one control: list it by its id, too");
  const auto* pack = pack_named(name, "pack", in);
  if (!pack) return;
  for (const auto& entry : pack->controls)
    if (std::ranges::find(except, entry.control) == except.end()) enable(policy, entry.control);
}

}  // namespace

void read_config_rule(Reader& in, RuleHolder& holder) {
  for (auto member : {"ConfigRuleName", "Description", "Source", "Scope", "InputParameters",
                      "MaximumExecutionFrequency", "EvaluationModes"})
    (void)in.take(member);
  auto rule = rules::read_config_rule(in.value(), "");
  if (!rule) return in.fault("", rule.error().message);
  if (auto misuse = rules::misuse_of(*rule, holder.described()); !misuse.empty())
    return in.fault("InputParameters", fmt::format("{}: {}", rule->name, misuse));
  holder.hold(*rule, "");
}

namespace {

// The rules now; their remediations stand behind those of the policy itself.
void read_pack(Reader& in, const std::filesystem::path& directory, Policy& policy, RuleHolder& holder,
               std::vector<rules::ConformancePack>& packs) {
  auto file = in.required_text("file");
  auto name = in.text("name", std::filesystem::path(file).stem().string());
  auto parameters = in.map("parameters");
  if (std::ranges::find(policy.packs, name, &HeldPack::name) != policy.packs.end())
    in.fault("name", fmt::format("there are two packs '{}'", name));
  auto text = read_file(directory / file, rules::conformance_pack_bytes_max);
  if (!text) return in.fault("file", text.error().message);
  auto pack = rules::read_conformance_pack(*text, parameters, place_of(policy.targets));
  if (!pack) return in.fault("file", pack.error().message);
  if (!pack->missing.empty())
    in.fault("parameters", fmt::format("these have no value: {}", fmt::join(pack->missing, ", ")));
  for (const auto& remediation : pack->remediations)
    if (!remediation.fault.empty()) in.fault("file", remediation.logical_id + ": " + remediation.fault);
  policy.packs.push_back({.name = name, .file = file});
  holder.hold(*pack, name);
  packs.push_back(std::move(*pack));
}

// Config's rules, packs and remediations.
void read_config(Reader& in, const json::Document& document, const std::filesystem::path& directory, Policy& policy,
                 std::vector<Fault>& faults) {
  std::vector<rules::ConformancePack> packs;
  {
    RuleHolder holder(policy);
    in.each("config_rules", [&](Reader& item) { read_config_rule(item, holder); });
    in.each("conformance_packs", [&](Reader& item) { read_pack(item, directory, policy, holder, packs); });
  }
  in.each("remediations", [&](Reader& item) { read_remediation(item, policy); });
  for (const auto& pack : packs)
    for (const auto& remediation : pack.remediations) {
      json::Value properties(remediation.properties);
      Reader item(document, "/conformance_packs", properties, faults);
      read_remediation(item, policy);
    }
}

// A parameter that is no number where its control asks for one would make that nothing is judged.
void check_parameters(const Policy& policy, Reader& in) {
  for (const auto& one : policy.controls) {
    const auto* control = policy.known->find(one.id);
    if (!control || control->own_rule) continue;
    if (auto misuse = rules::misuse_of(*control, one.parameters); !misuse.empty())
      in.fault("controls", fmt::format("{}: {}", one.id, misuse));
  }
}

// Controls that only the packs of some targets ask for.
void enable_by_targets(Policy& policy) {
  for (const auto& target : policy.targets)
    for (const auto& id : target.controls)
      if (std::ranges::find(policy.controls, id, &EnabledControl::id) == policy.controls.end())
        policy.controls.push_back({.id = id, .parameters = {}, .everywhere = false});
}

void read_all(Reader& in, std::string_view directory, Policy& policy) {
  in.each("targets", [&](Reader& item) { policy.targets.push_back(read_target(item)); });
  if (std::ranges::count(policy.targets, true, &Target::organization) > 1)
    in.fault("targets", "there is one organization at most");
  in.each("controls", [&](Reader& item) { read_control(item, policy); });
  enable_by_targets(policy);
  in.each("decide", [&](Reader& item) { policy.decide.push_back(read_decide(item)); });
  read_brakes(in, directory, policy.brakes);
  in.each_named("functions", [&](const std::string& name, Reader& item) {
    policy.functions[name] = read_function(name, item, directory);
  });
  read_runbooks(in, policy, directory);
  const bool controls_known = read_own_controls(in, policy, directory);
  read_config(in, in.document(), directory, policy, in.faults());
  in.each("rules", [&](Reader& item) { policy.event_rules.push_back(read_event_rule(item)); });
  in.each("archives", [&](Reader& item) { policy.archives.push_back(read_archive(item)); });
  in.each("sources", [&](Reader& item) { policy.sources.push_back(read_source(item, policy)); });
  policy.burst_window = milliseconds(in.integer("burst_window_ms", milliseconds(burst_window_default).count(), 0,
                                                milliseconds(burst_window_max).count()));
  in.one("security_hub", [&](Reader& item) { policy.hub = read_hub(item); });
  in.one("config", [&](Reader& item) { policy.config_hears = item.truth("evaluate_again", false); });
  in.each("remediation_exceptions", [&](Reader& item) { read_config_exceptions(item, policy); });
  in.each("exceptions", [&](Reader& item) { policy.exceptions.push_back(read_exception(item)); });
  in.each("canaries", [&](Reader& item) { policy.brakes.canaries.push_back(read_canary(item)); });
  in.one("autonomy", [&](Reader& item) { policy.autonomy = read_autonomy(item); });
  in.each("health_checks", [&](Reader& item) { policy.health_checks.push_back(read_health_check(item)); });
  in.each("verification", [&](Reader& item) { policy.cares.push_back(read_care(item)); });
  in.each("notify", [&](Reader& item) { policy.channels.push_back(read_channel(item)); });
  check_names(policy, in);
  if (controls_known) check_enabled(policy, in);
  check_parameters(policy, in);
  check_rollout(policy, in);
  check_targets(policy, in);
  in.each("principals", [&](Reader& item) { policy.principals.push_back(read_principal(item)); });
  read_approvers(in, policy);
  read_links(in, policy);
  in.one("oidc", [&](Reader& item) { policy.sign_on = read_sign_on(item, policy); });
  in.one("escalations", [&](Reader& item) { policy.escalations = read_escalations(item, policy); });
  in.one("threats", [&](Reader& item) {
    policy.threats = {.severity_min = static_cast<double>(item.integer("severity", 0, 0, 10)),
                      .confidence_min = static_cast<double>(item.integer("confidence", 0, 0, 100))};
  });
  policy.scan_every = seconds(in.integer("scan_every_s", 3600, 60, 30 * 86'400));
}

}  // namespace

const EnabledControl* Policy::enabled(std::string_view control, std::string_view account) const {
  auto found = std::ranges::find(controls, control, &EnabledControl::id);
  if (found == controls.end()) return nullptr;
  if (found->everywhere) return &*found;
  const auto* target = target_for(account);
  return target && target->controls.contains(std::string(control)) ? &*found : nullptr;
}

const RemediationConfiguration* Policy::remediation_for(std::string_view control) const {
  auto found = std::ranges::find(remediations, control, &RemediationConfiguration::config_rule_name);
  return found == remediations.end() ? nullptr : &*found;
}

std::vector<std::string> Policy::controls_of_rule(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& rule : held_rules)
    if (rule.name == name)
      for (const auto& id : rule.controls)
        if (std::ranges::find(out, id) == out.end()) out.push_back(id);
  return out;
}

bool Policy::judges_by(std::string_view control, std::string_view account) const {
  if (enabled(control, account)) return true;
  return std::ranges::any_of(event_rules, [&](const EventRule& rule) {
    return std::ranges::any_of(rule.targets, [&](const bus::Target& target) {
      return target.kind == bus::Target::Kind::control && target.name == control;
    });
  });
}

namespace {

json::Array array_of(const std::vector<std::string>& texts) { return json::Array(texts.begin(), texts.end()); }

json::Object said_of(const EnabledControl& control) {
  const auto& scope = control.scope;
  return {{"parameters", control.parameters}, {"everywhere", control.everywhere}, {"types", array_of(scope.types)},
          {"id", scope.id},                   {"tag_key", scope.tag_key},         {"tag_value", scope.tag_value}};
}

json::Object said_of(const RemediationConfiguration& remediation) {
  json::Object out{{"target", remediation.target_id},
                   {"parameters", remediation.parameters},
                   {"automatic", remediation.automatic},
                   {"attempts", remediation.attempts_max},
                   {"window_s", remediation.retry_window.count()}};
  if (remediation.pace)
    out["pace"] = json::Array{remediation.pace->concurrent_percent, remediation.pace->error_percent};
  return out;
}

json::Object said_of(const HeldException& held) {
  json::Object tags;
  for (const auto& [key, value] : held.tags) tags[key] = value;
  return {{"types", array_of(held.types)},     {"ids", array_of(held.ids)}, {"accounts", array_of(held.accounts)},
          {"regions", array_of(held.regions)}, {"tags", std::move(tags)},   {"exception", to_json(held.exception)}};
}

json::Object said_of(const rules::Control& control) {
  return {{"rule", control.rule}, {"type", control.resource_type}, {"parameters", control.parameters}};
}

}  // namespace

std::string Policy::hash_for(std::string_view control) const {
  json::Object said{{"common", common}};
  auto holds = std::ranges::find(controls, control, &EnabledControl::id);
  if (holds != controls.end()) said["holds"] = said_of(*holds);
  if (const auto* one = known ? known->find(control) : nullptr) said["control"] = said_of(*one);
  if (const auto* remediation = remediation_for(control)) said["remediation"] = said_of(*remediation);
  json::Array own_rules, excepted;
  for (const auto& held : held_rules) {
    bool judges = std::ranges::find(held.controls, control) != held.controls.end();
    if (judges && held.rule.owner != rules::ConfigRule::Owner::aws)
      own_rules.push_back(json::Array{held.identifier, held.rule.policy_text});
  }
  for (const auto& exception : exceptions)
    if (fits(exception.controls, control)) excepted.push_back(said_of(exception));
  said["own_rules"] = std::move(own_rules);
  said["exceptions"] = std::move(excepted);
  return to_hex(sha256(json::canonical(said)));
}

bool Policy::asks_for_tags() const {
  auto asks = [](const auto& parts) {
    return std::ranges::any_of(parts, [](const auto& one) { return !one.tags.empty(); });
  };
  return asks(decide) || asks(exceptions) || asks(cares) || asks(brakes.freezes) || asks(brakes.canaries);
}

std::map<std::string, std::string> Policy::tags_of(const Resource& resource,
                                                   std::map<std::string, std::string> own) const {
  if (const auto* target = target_for(resource.account)) own.insert(target->tags.begin(), target->tags.end());
  return own;
}

bool HeldException::is_about(std::string_view control, const Resource& resource,
                             const std::map<std::string, std::string>& has) const {
  return fits(controls, control) && fits(types, resource.type) && fits(ids, resource.id) &&
         fits(accounts, resource.account) && fits(regions, resource.region) && fit_tags(tags, has);
}

const notify::Channel* Policy::channel_named(std::string_view name) const {
  auto found = std::ranges::find(channels, name, &notify::Channel::name);
  return found == channels.end() ? nullptr : &*found;
}

const HealthCheck* Policy::health_check_named(std::string_view name) const {
  auto found = std::ranges::find(health_checks, name, &HealthCheck::name);
  return found == health_checks.end() ? nullptr : &*found;
}

const Principal* Policy::approver(std::string_view name) const {
  auto found = std::ranges::find(principals, name, &Principal::name);
  if (found == principals.end()) return nullptr;
  bool may = std::ranges::any_of(found->roles, [](const auto& role) { return role == "approver" || role == "admin"; });
  return may ? &*found : nullptr;
}

const EventRule* Policy::rule_named(std::string_view name) const {
  for (const auto* rules : {&event_rules, &clocked})
    if (auto found = std::ranges::find(*rules, name, &EventRule::name); found != rules->end()) return &*found;
  return nullptr;
}

const Archive* Policy::archive_named(std::string_view name) const {
  auto found = std::ranges::find(archives, name, &Archive::name);
  return found == archives.end() ? nullptr : &*found;
}

const Target* Policy::target_for(std::string_view account) const {
  auto found = std::ranges::find(targets, account, &Target::account);
  return found == targets.end() ? nullptr : &*found;
}

Result<Policy> parse_policy(std::string_view text, std::string_view directory, const rules::Controls& controls) {
  auto document = TRY(json::parse_yaml(text));
  std::vector<Fault> faults;
  Policy policy;
  policy.hash = policy.common = to_hex(sha256(text));
  policy.known = policy.described = {std::shared_ptr<void>(), &controls};
  {
    Reader in(document, "", document.value, faults);
    read_all(in, directory, policy);
  }
  if (faults.empty()) return policy;
  std::ranges::stable_sort(faults, {}, [](const Fault& fault) { return std::pair(fault.at.line, fault.at.column); });
  std::vector<std::string> lines;
  for (const auto& fault : faults)
    lines.push_back(fmt::format("line {}, column {}: {}", fault.at.line, fault.at.column, fault.what));
  return fail({.code = Errc::invalid, .message = fmt::format("{}", fmt::join(lines, "\n")), .number = "AR-0001"});
}

json::Object policy_schema() {
  const json::Document nothing;
  std::vector<Fault> faults;
  Policy policy;
  policy.known = policy.described = {std::shared_ptr<void>(), &rules::Controls::embedded()};
  json::Object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "aright.yaml"}};
  {
    Reader in(nothing, "", nothing.value, faults, &schema);
    read_all(in, ".", policy);
  }
  describe(schema);
  return schema;
}

}  // namespace aright::remediation
