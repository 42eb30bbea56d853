#pragma once
// What the user wants, from one file (aright.yaml): where to look, which controls hold, who decides
// what, and the limits. docs/guide/policy.md describes every member; unknown members are errors.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "bus/automation.h"
#include "bus/schedule.h"
#include "bus/target.h"
#include "json/value.h"
#include "nats/jetstream.h"
#include "notify/channel.h"
#include "remediation/approvals.h"
#include "remediation/bursts.h"
#include "pattern/pattern.h"
#include "remediation/brakes.h"
#include "remediation/containment.h"
#include "remediation/escalation.h"
#include "remediation/finding.h"
#include "remediation/rollout.h"
#include "remediation/sign_on.h"
#include "remediation/story.h"
#include "rules/config_rule.h"
#include "rules/control.h"

namespace aright::remediation {

struct Target {
  std::string account;                       // "" where the whole organization is meant
  std::vector<std::string> regions;
  std::string role;                          // assumed for calls to this account; empty: the credentials' own
  std::map<std::string, std::string> tags;   // facts for `decide`, e.g. environment: prod
  std::vector<std::string> units;            // of the organization that it is in: their ids, and names as a path
  std::set<std::string> controls;            // of its packs: they hold here, listed or not
  // Every account of the organization; `role` holds {account}. Gone once the organization was asked (organization.h).
  bool organization = false;
};

struct EnabledControl {
  std::string id;
  json::Object parameters;  // over the control's defaults
  bool everywhere = true;   // else only in accounts whose packs hold it
  rules::Scope scope = {};  // what it narrows the control to
};

// A Config rule of the policy, and the controls that judge by it.
struct HeldRule {
  std::string pack;  // "" for those of config_rules
  std::string name, owner, identifier;
  std::vector<std::string> controls;
  std::string why_not;  // why nothing here can judge by it; then there are no controls
  rules::ConfigRule rule = {};  // as it is written; without anything where it could not be read
};

struct HeldPack {
  std::string name, file;  // as the policy writes it
};

// Config's RemediationConfiguration, with its names and defaults.
struct RemediationConfiguration {
  std::string config_rule_name;  // a control id; the policy's reader makes it of a rule's name
  std::string target_id;         // document name
  json::Object parameters;  // {name: {"StaticValue": {"Values": […]}} | {"ResourceValue": {"Value":
                            // "RESOURCE_ID"}}}
  bool automatic = false;
  int attempts_max = 5;
  seconds retry_window{60};
  std::optional<FleetPace> pace;  // ExecutionControls
};

// An exception of the policy, for all that it fits: Config's are for one resource each.
struct HeldException {
  std::string name;                          // "" of Config's
  std::vector<std::string> controls, types, ids, accounts, regions;  // empty: any; * and ? stand for others
  std::map<std::string, std::string> tags;
  Exception exception;

  bool is_about(std::string_view control, const Resource& resource,
                const std::map<std::string, std::string>& tags) const;
};

// First match wins; every condition that is given must hold.
struct DecideRule {
  std::string name;
  std::vector<std::string> controls, severities, risks, complexities, sources, accounts, units;  // empty: any
  std::map<std::string, std::string> tags;       // of the account or the resource
  std::optional<seconds> older_than, younger_than;  // since the finding was first seen
  // What the rehearsal shows. A rule that asks for it is decided after that.
  std::optional<bool> reversible;
  std::vector<std::string> disruptions, confidences;
  Decision decision = Decision::manual;
  bool earned = false;  // in place of the decision: what the control's track record says (track.h)
  std::string ladder;   // of approvers; "": anybody with the role

  bool asks_rehearsal() const { return reversible || !disruptions.empty() || !confidences.empty(); }
};

struct Function {
  std::string name, runtime, handler;
  std::string path;     // of its code: a folder, or a zip
  std::string code;     // or the text of its one file
  std::string catalog;  // or the name of a file in the embedded catalog
  std::string zip;      // or the bytes of a zip
  std::vector<std::string> layers;  // folders, or zips
  std::map<std::string, std::string> environment;
  seconds timeout{60};
  std::size_t memory_mib = 512;
};

// What becomes of the runs of a schedule that came while aright was down.
enum class Missed {
  once,  // one run stands for all of them, as soon as aright is up
  skip,  // none; it goes on with the next
};

// An EventBridge rule: with a pattern, or a schedule, or both.
struct EventRule {
  std::string name;
  std::string arn;  // as its targets are told of it
  std::string bus = std::string(bus::default_bus);
  json::Value pattern;
  std::shared_ptr<const pattern::Pattern> compiled;  // null without a pattern
  std::string expression;                            // rate(…) or cron(…), or ""
  std::optional<bus::Schedule> schedule;
  Missed missed = Missed::once;
  std::optional<Timestamp> begins, ends;             // of a schedule: it runs between them
  json::Object event;                                // of a schedule: members of its events in place of the usual ones
  std::vector<bus::Target> targets;
  bool enabled = true;
  bool at_once = false;                              // of a schedule: its first run is when it is set
};

// Events of one bus that may be handed in again.
struct Archive {
  std::string name;
  std::string bus = std::string(bus::default_bus);
  std::shared_ptr<const pattern::Pattern> compiled;  // null: all events
  std::chrono::days retention{0};                    // 0: for ever
  Timestamp since = {};                              // of one that was put: when; it holds nothing older
};

// A stream of NATS JetStream, and the consumer by whom it is read.
struct EventStream {
  nats::Server server;
  nats::Consumer consumer;
};

// Where events are fetched from: a queue, a stream, or a bucket with CloudTrail's log files.
struct Source {
  std::string name;
  std::string bus = std::string(bus::default_bus);
  std::string account, region;
  std::string queue;           // its name, or ""
  std::string bucket, prefix;  // or these
  seconds every{300};          // between listings of the bucket
  std::optional<EventStream> stream = {};
};

// What Security Hub is told, and what is made of findings that come from there.
struct HubSettings {
  bool import_findings = false;  // our own are put there
  bool update_findings = false;  // those that it told get workflow, note and fields
  std::string account, region;   // where updates go; "": where each finding is
  std::vector<bus::AutomationRule> rules;  // in order
};

// With which somebody signs AWS requests. The secret stands elsewhere: in a variable of the environment, or a file.
struct AccessKey {
  std::string id, secret_env, secret_file;
};

// Who may do what at our own API.
struct Principal {
  std::string name;
  std::string arn;                 // as approvers in runbooks name it
  std::vector<std::string> roles;  // viewer, operator, approver, admin
  std::string token_sha256;        // of the bearer token, hexadecimal
  std::string tell = {};           // a channel that only they read: what they are asked goes there; or ""
  AccessKey access_key = {};       // its id is "" where they have none
};

struct Policy {
  std::vector<Target> targets;
  std::shared_ptr<const rules::Controls> described;  // the catalog's, and those of `own_controls`
  std::shared_ptr<const rules::Controls> known;      // the same, and those that Config rules are by themselves
  std::vector<EnabledControl> controls;
  std::map<std::string, std::string> switched_off;  // why, by control: off in Security Hub, and so in no list above
  std::vector<HeldPack> packs;
  std::vector<HeldRule> held_rules;
  std::vector<RemediationConfiguration> remediations;
  std::vector<DecideRule> decide;
  Brakes brakes;
  Autonomy autonomy;
  std::vector<HealthCheck> health_checks;
  std::vector<Care> cares;
  std::map<std::string, Function> functions;
  std::map<std::string, std::string> runbooks;  // name → document text, beside the catalog's
  std::map<std::string, std::filesystem::path> runbook_folders;  // name → where its attachments stand
  std::vector<EventRule> event_rules;
  std::vector<EventRule> clocked;   // Config rules whose functions the clock asks: schedules, as event rules are
  std::vector<Archive> archives;
  std::vector<Source> sources;
  milliseconds burst_window{burst_window_default};
  std::vector<notify::Channel> channels;
  std::vector<Principal> principals;
  ThreatFloor threats;
  Approvers approvers;
  Escalations escalations;
  std::optional<SignOn> sign_on;
  std::string public_url;  // where people reach the server; "": no message holds a link to it
  HubSettings hub;
  bool config_hears = false;  // that a finding which it told is resolved
  std::vector<HeldException> exceptions;
  seconds scan_every{3600};
  std::string hash;  // SHA-256 of the text, and of what was put: decisions say which policy made them
  std::string common;  // the same without what was put for single controls, which hash_for() adds

  // Of all that decides about findings of one control: what was agreed to holds as long as it is the same.
  std::string hash_for(std::string_view control) const;
  // Whether anything in it judges by the control in this account; "": in every one.
  bool judges_by(std::string_view control, std::string_view account) const;

  const RemediationConfiguration* remediation_for(std::string_view control) const;
  // The one that holds for a resource and a control.
  const notify::Channel* channel_named(std::string_view name) const;
  const HealthCheck* health_check_named(std::string_view name) const;
  // The principal of this name, where they may approve; else null.
  const Principal* approver(std::string_view name) const;
  const EventRule* rule_named(std::string_view name) const;
  const Archive* archive_named(std::string_view name) const;
  const Target* target_for(std::string_view account) const;
  // Whether anything in it is about tags, which a resource may have of its own.
  bool asks_for_tags() const;
  // A resource's tags over those of its account.
  std::map<std::string, std::string> tags_of(const Resource& resource, std::map<std::string, std::string> own) const;
  // The controls that judge by the Config rule of this name.
  std::vector<std::string> controls_of_rule(std::string_view name) const;
  // Null when the control does not hold in this account.
  const EnabledControl* enabled(std::string_view control, std::string_view account) const;
};

// What a policy's file may hold, as a JSON schema (draft 2020-12).
json::Object policy_schema();

// Fails with invalid and all diagnostics, each with line and column. `directory` is what relative paths start from;
// `controls`, which must outlive the policy, are those that there are beside the file's own.
Result<Policy> parse_policy(std::string_view text, std::string_view directory,
                            const rules::Controls& controls = rules::Controls::embedded());

// What was put over AWS's API, added to a policy, behind what its file says. `put` has members of a file: config_rules,
// remediations, remediation_exceptions, rules, archives and automation_rules; conformance_packs with a `body`; runbooks
// with their text; functions with a `zip` in base64; standards with the controls that were switched; schedules, which
// are rules with `begins`, `ends` and an `event`. What cannot be added is left out, and told with its reason.
std::vector<std::string> add_put(Policy& policy, const json::Object& put);

}  // namespace aright::remediation
