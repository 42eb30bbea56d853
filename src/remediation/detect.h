#pragma once
// From a signal to evaluations: what it speaks of, which controls hold there, and how each judges the resource as it is
// now. Old compliance data is never acted on: whatever an event says, the resource is read again.

#include "bus/event.h"
#include "bus/threat.h"
#include "cloud/snapshot.h"
#include "gateway/gateway.h"
#include "inventory/inventory.h"
#include "notify/channel.h"
#include "pattern/pattern.h"
#include "remediation/policy.h"
#include "remediation/relations.h"
#include "rules/control.h"
#include "rules/rule.h"

namespace aright::remediation {

inline constexpr std::string_view account_type = "AWS::::Account";  // of rules about an account as a whole

// One resource judged against one control.
struct Judged {
  Resource resource;
  std::string control;              // "rule:<event rule>" when an event rule names a runbook or function directly
  rules::Evaluation evaluation;
  std::string source;               // aright, or the event's source
  std::string title, other_id;
  std::optional<Action> action;     // from the event rule's target; else the control's
  bool once = false;                // not when a finding of this other_id was opened here before
  std::map<std::string, std::string> tags;
  std::optional<bus::Teller> teller = {};
  std::string severity = {}, suppressed = {};  // as its mention has them
  std::vector<bus::Sighting> sightings = {};   // the threat that it is contained for
};

class Library;

// What a detector is lent beside its policy.
struct Aids {
  const Library* library = nullptr;  // functions that judge; null: none do
  // Told of each resource that was read to be judged, and with null of one that is gone; on the thread that read it.
  std::function<void(const cloud::ResourceRef&, const cloud::Snapshot*)> seen = {};
};

struct Detection {
  std::vector<Judged> judged;
  std::vector<std::pair<std::string, notify::Notice>> notices;  // channel, what to tell
  std::vector<bus::Delivery> deliveries;                        // to those who take it elsewhere; no ids yet
  std::vector<std::pair<bus::Delivery, Error>> undeliverable;   // no input for the target could be made
  std::vector<std::string> trace;                               // for `why`: what matched and what did not
  std::vector<inventory::Gap> gaps;
  std::size_t evaluated = 0;
};

// How an event came here.
struct Arrival {
  std::string bus = std::string(bus::default_bus);
  int hops = 0;  // from bus to bus
  Timestamp at;
  std::set<std::string> others = {};  // keys of resources that a later signal judges
  std::string schedule = {};  // the rule whose time it was: no other one sees it
  std::string replay = {};    // the name of the replay that handed it in once more
  std::vector<std::string> rules = {};  // which see it in a replay; none: all of the bus
  bool again = false;                   // in a replay: what it led to already is done once more
};
Arrival arrival_from_json(const json::Value& signal_body);
// Into the body of a signal; what is as usual is left out.
void add_to(json::Object& signal_body, const Arrival& arrival);

// Thread-safe; owns nothing but the compiled event rules.
class Detector {
 public:
  // The policy must be complete: its event rules are compiled into one matcher here.
  Detector(const Policy& policy, const rules::Controls& controls, const cloud::Catalog& catalog,
           gateway::Gateway& gateway, const Clock& clock, Aids aids = {});

  // What an event that was handed on speaks of was judged on the bus where it came in.
  Result<Detection> of_event(const json::Object& event, const Context& context, const Arrival& arrival = {}) const;
  // All enabled controls (or those named) over all targets. Controls that only signals may start are left out.
  // A target whose account facts can't be read is a gap, and the others are scanned.
  Result<Detection> scan(const std::vector<std::string>& only, const Context& context,
                         const std::function<void(const inventory::Progress&)>& progress = {}) const;
  const Relations& relations() const { return relations_; }
  // The resource's own tags, read afresh; none where its type has none. Fails when they cannot be read.
  Result<std::map<std::string, std::string>> tags_of(const Resource& resource, const Context& context) const;
  // Reads the resource afresh and judges it. A resource that is gone is not applicable.
  Result<Judged> evaluate(const std::string& control, const Resource& resource, const Context& context) const;
  // The same by several controls of its type, by id, from one reading of the resource and of what stands beside it:
  // through the gateway, or another door. Its account is read as it is.
  using Evaluations = std::map<std::string, rules::Evaluation, std::less<>>;
  Result<Evaluations> evaluate_all(const std::vector<const rules::Control*>& controls, const Resource& resource,
                                   const Context& context, aws::Caller* reader = nullptr) const;

 private:
  // A rule that matched an event.
  struct Match {
    const EventRule& rule;
    const json::Object& event;
    const std::vector<bus::Mention>& mentions;
    const Arrival& arrival;
  };
  // Whether the rule sees the event, its pattern aside.
  static bool is_meant(const EventRule& rule, const Arrival& arrival);
  Result<> follow_target(const Match& match, const bus::Target& target, const Context& context, Detection& out) const;
  Result<> judge_target(const Match& match, const bus::Target& target, const json::Object& parameters,
                        const Context& context, Detection& out) const;
  Result<> scan_control(const std::string& control, const json::Object& parameters, const Context& context,
                        Detection& out) const;
  // What a rule's runbook or function is to do, for the resource that the event speaks of first.
  void ask_for(const Match& match, const Action& action, Detection& out) const;
  Result<> judge_mention(const bus::Mention& mention, const json::Object& event, const Context& context,
                         Detection& out) const;
  // Those whose rules see the resource of the event beside them.
  Result<> judge_beside(const bus::Mention& mention, const json::Object& event, const Context& context,
                        Detection& out) const;
  // The resources of a threat that containments of enabled controls are about.
  Result<> judge_threat(const bus::Threat& threat, const json::Object& event, const Context& context,
                        Detection& out) const;
  Result<> judge_one(const std::string& control, const Resource& resource, const bus::Mention& mention,
                     const json::Object& event, const Context& context, Detection& out) const;
  using Controls = std::vector<const rules::Control*>;
  // By resource type, what the enabled controls (or those of `only`) want to read, and who they are.
  using ByType = std::map<std::string, std::pair<inventory::Want, Controls>>;
  ByType wanted(const std::vector<std::string>& only, Detection& out) const;
  // By account and control, the account facts that its rule judges with; without the targets that could not be read.
  using Accounts = std::map<std::pair<std::string, std::string>, std::optional<cloud::Snapshot>>;
  Result<> read_account(const Target& target, const Controls& controls, const Context& context, Accounts& out) const;
  // The targets' places, or those of them that `in` holds for.
  using Within = std::function<bool(const inventory::Place&)>;
  Result<std::vector<inventory::Place>> places(const ByType& by_type, const Within& in, const Context& context,
                                               Accounts& accounts, Detection& out) const;
  Result<> scan_into(ByType by_type, const Within& in, const Context& context,
                     const std::function<void(const inventory::Progress&)>& progress, Detection& out) const;
  Result<Judged> judge(const rules::Control& control, const cloud::Snapshot& snapshot, const cloud::Snapshot* account,
                       const Context& context, const Sight& sight = {}) const;
  Result<rules::Evaluation> evaluation(const rules::Control& control, const cloud::Snapshot& snapshot,
                                       const cloud::Snapshot* account, const Context& context,
                                       const Sight& sight) const;
  // What its function says of a resource, and what one that looks for resources itself says of them all.
  Result<rules::Evaluation> by_function(const rules::Control& control, const json::Object& parameters,
                                        const Resource& resource, const Context& context, const Sight& sight) const;
  Result<> scan_by_functions(const std::vector<std::string>& only, const Context& context, Detection& out) const;
  // The control's, and what the policy says over them.
  json::Object parameters_of(const rules::Control& control, const std::string& account) const;
  static bool is_scheduled(const rules::Rule& rule) { return rule.by_function && rule.by_function->scheduled; }
  static Judged judged_by(const rules::Control& control, Resource resource, rules::Evaluation evaluation);
  void tell_seen(const cloud::ResourceRef& ref, const Result<cloud::Snapshot>& snapshot) const;
  // What has to be read for a control: what its rule reads, and tags where its scope asks for one.
  std::vector<std::string> aspects_of(const rules::Control& control, const rules::Rule& rule) const;
  std::optional<rules::Evaluation> out_of_scope(const EnabledControl* enabled, const cloud::Snapshot& snapshot) const;
  Result<std::optional<cloud::Snapshot>> account_snapshot(const rules::Rule& rule, const std::string& account,
                                                          const Context& context) const;

  const Policy& policy_;
  const rules::Controls& controls_;
  const cloud::Catalog& catalog_;
  gateway::Gateway& gateway_;
  const Clock& clock_;
  const Aids aids_;
  Relations relations_;
  pattern::Matcher matcher_;  // ids are places in policy_.event_rules
};

Resource to_resource(const cloud::ResourceRef& ref, std::string arn = "");
cloud::ResourceRef to_ref(const Resource& resource);

}  // namespace aright::remediation
