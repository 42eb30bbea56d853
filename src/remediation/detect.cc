#include "remediation/detect.h"

#include <algorithm>
#include <set>

#include "pattern/template.h"
#include "remediation/blind_spots.h"
#include "rules/judge.h"

namespace aright::remediation {

namespace {

constexpr std::string_view custom_action = "Security Hub Findings - Custom Action";

json::Object merged(json::Object base, const json::Object& over) {
  for (const auto& [key, value] : over) base[key] = value;
  return base;
}

// StartAutomationExecution's parameters are lists of texts; an action has the natural value for a list of one.
json::Object parameters_from_input(const json::Value& input) {
  json::Object out;
  for (const auto& [key, value] : json::members(input)) {
    bool single = value.is_array() && value.get_array().size() == 1;
    out[key] = single ? value.get_array()[0] : value;
  }
  return out;
}

std::vector<const cloud::Aspect*> tag_aspects(const cloud::Catalog& catalog, std::string_view type) {
  std::vector<const cloud::Aspect*> out;
  if (const auto* described = catalog.type(type))
    for (const auto& aspect : described->aspects)
      if (aspect.tags) out.push_back(&aspect);
  return out;
}

// Who told of it, and what the tool says of it.
void add_to(Judged& judged, const bus::Mention& mention, const json::Object& event) {
  judged.source = json::text(event, "source");
  judged.other_id = mention.finding_id;
  judged.teller = mention.teller;
  judged.severity = mention.severity;
  judged.suppressed = mention.suppressed;
  if (mention.sighting) judged.sightings = {*mention.sighting};
}

}  // namespace

Resource to_resource(const cloud::ResourceRef& ref, std::string arn) {
  return {.account = ref.account, .region = ref.region, .type = ref.type, .id = ref.id, .arn = std::move(arn)};
}

cloud::ResourceRef to_ref(const Resource& resource) {
  return {.account = resource.account, .region = resource.region, .type = resource.type, .id = resource.id};
}

Detector::Detector(const Policy& policy, const rules::Controls& controls, const cloud::Catalog& catalog,
                   gateway::Gateway& gateway, const Clock& clock, Aids aids)
    : policy_(policy), controls_(controls), catalog_(catalog), gateway_(gateway), clock_(clock), aids_(std::move(aids)),
      relations_(catalog, gateway, clock) {
  std::vector<pattern::Matcher::Entry> entries;
  for (std::size_t i = 0; i < policy_.event_rules.size(); ++i) {
    const auto& rule = policy_.event_rules[i];
    if (rule.enabled && rule.compiled) entries.push_back({.id = std::to_string(i), .pattern = *rule.compiled});
  }
  matcher_ = pattern::Matcher(std::move(entries));
}

Arrival arrival_from_json(const json::Value& body) {
  return {.bus = json::text(body, "bus", bus::default_bus),
          .hops = static_cast<int>(json::integer(json::at(body, "hops"))),
          .at = {},
          .schedule = json::text(body, "schedule", ""),
          .replay = json::text(json::at(body, {"body", "replay-name"})),
          .rules = json::texts(json::at(body, "rules")),
          .again = json::truth(json::at(body, "again"))};
}

void add_to(json::Object& body, const Arrival& arrival) {
  if (arrival.bus != bus::default_bus) body["bus"] = arrival.bus;
  if (arrival.hops > 0) body["hops"] = arrival.hops;
  if (!arrival.schedule.empty()) body["schedule"] = arrival.schedule;
  if (!arrival.rules.empty()) body["rules"] = json::Array(arrival.rules.begin(), arrival.rules.end());
  if (arrival.again) body["again"] = true;
}

bool Detector::is_meant(const EventRule& rule, const Arrival& arrival) {
  if (!arrival.schedule.empty()) return rule.name == arrival.schedule;
  return rule.bus == arrival.bus &&
         (arrival.rules.empty() || std::ranges::find(arrival.rules, rule.name) != arrival.rules.end());
}

Result<Detection> Detector::of_event(const json::Object& told, const Context& context, const Arrival& arrival) const {
  Detection out;
  const auto passed = bus::automated(told, policy_.hub.rules, clock_.now());
  const auto& event = passed.event;
  for (const auto& name : passed.held) out.trace.push_back(fmt::format("automation rule '{}' holds", name));
  auto mentions = bus::mentions(event, catalog_);
  for (auto& mention : mentions)
    if (auto written = passed.severities.find(mention.finding_id); written != passed.severities.end())
      mention.severity = written->second;
  for (const auto& mention : mentions) out.trace.push_back("the event speaks of " + mention.resource.key());
  for (const auto& rule : policy_.clocked)
    if (rule.name == arrival.schedule)
      for (const auto& target : rule.targets) CHECK_OK(scan_control(target.name, {}, context, out));
  const auto matched = TRY(matcher_.match(json::print(event)));
  for (std::size_t i = 0; i < policy_.event_rules.size(); ++i) {
    const auto& rule = policy_.event_rules[i];
    if (!is_meant(rule, arrival)) continue;
    if (arrival.schedule.empty() && std::ranges::find(matched, std::to_string(i)) == matched.end()) {
      out.trace.push_back(fmt::format("event rule '{}' does not match", rule.name));
      continue;
    }
    out.trace.push_back(fmt::format("event rule '{}' {}", rule.name, arrival.schedule.empty() ? "matches" : "is due"));
    const Match match{rule, event, mentions, arrival};
    for (const auto& target : rule.targets) CHECK_OK(follow_target(match, target, context, out));
  }
  if (arrival.hops > 0 || !arrival.replay.empty()) return out;
  std::erase_if(mentions, [&](const bus::Mention& mention) {
    bool left = mention.says_only_changed() && arrival.others.contains(mention.resource.key());
    if (left) out.trace.push_back(mention.resource.key() + " is judged by a later event of the same burst");
    return left;
  });
  for (const auto& threat : bus::threats_of(event)) CHECK_OK(judge_threat(threat, event, context, out));
  for (const auto& mention : mentions) CHECK_OK(judge_mention(mention, event, context, out));
  for (const auto& mention : mentions) CHECK_OK(judge_beside(mention, event, context, out));
  return out;
}

Result<> Detector::follow_target(const Match& match, const bus::Target& target, const Context& context,
                                 Detection& out) const {
  using Kind = bus::Target::Kind;
  const auto& [rule, event, mentions, arrival] = match;
  pattern::TransformContext transform{.rule_arn = rule.arn, .rule_name = rule.name,
                                      .ingestion_time = clock_.now().iso_seconds()};
  bus::Delivery delivery{.rule = rule.name, .rule_arn = rule.arn, .target = target, .event = event,
                         .hops = arrival.hops, .accepted = arrival.at};
  auto text = pattern::transform(target.said, event, transform);
  if (!text) {
    out.trace.push_back(fmt::format("target '{}' gets nothing: {}", target.id, text.error().message));
    out.undeliverable.emplace_back(std::move(delivery), text.error());
    return {};
  }
  if (target.is_sent()) {
    delivery.input = std::move(*text);
    out.trace.push_back(fmt::format("target '{}' is sent to {}", target.id, target.arn));
    out.deliveries.push_back(std::move(delivery));
    return {};
  }
  auto input = json::parse(*text).value_or(json::Value(*text));
  if (target.kind == Kind::channel) {
    notify::Notice notice{.id = fmt::format("{}/{}/{}", json::text(event, "id"), rule.name, target.arn),
                          .kind = "event",
                          .subject = fmt::format("{}: {}", rule.name, json::text(event, "detail-type")),
                          .body = {{"input", input}}};
    out.notices.emplace_back(target.name, std::move(notice));
    return {};
  }
  bool transformed = !json::at(target.said, "Input").is_null() || !json::at(target.said, "InputTransformer").is_null();
  auto parameters = transformed ? parameters_from_input(input) : json::Object{};
  if (target.kind == Kind::control) return judge_target(match, target, parameters, context, out);
  Action action{.kind = Action::Kind::runbook, .target = target.name, .parameters = parameters};
  if (target.kind == Kind::function)
    action = {.kind = Action::Kind::function, .target = target.name,
              .parameters = input.is_object() ? input.get_object() : json::Object{{"input", input}}};
  ask_for(match, action, out);
  return {};
}

Result<> Detector::judge_target(const Match& match, const bus::Target& target, const json::Object& parameters,
                                const Context& context, Detection& out) const {
  if (!match.arrival.schedule.empty()) return scan_control(target.name, parameters, context, out);
  for (const auto& mention : match.mentions) {
    auto judged = TRY(evaluate(target.name, to_resource(mention.resource), context));
    add_to(judged, mention, match.event);
    if (judged.action) judged.action->parameters = merged(judged.action->parameters, parameters);
    out.judged.push_back(std::move(judged));
    ++out.evaluated;
  }
  return {};
}

// A time speaks of no resource, so all of them are meant.
Result<> Detector::scan_control(const std::string& control, const json::Object& parameters, const Context& context,
                                Detection& out) const {
  auto scanned = TRY(scan({control}, context));
  for (const auto& gap : scanned.gaps) out.trace.push_back(fmt::format("not seen: {}: {}", gap.what, gap.why));
  out.evaluated += scanned.evaluated;
  for (auto& judged : scanned.judged) {
    if (judged.action) judged.action->parameters = merged(judged.action->parameters, parameters);
    judged.source = bus::schedule_source;
    out.judged.push_back(std::move(judged));
  }
  return {};
}

void Detector::ask_for(const Match& match, const Action& action, Detection& out) const {
  const auto& [rule, event, mentions, arrival] = match;
  struct Asked {
    Resource resource;
    std::optional<bus::Teller> teller;
  };
  std::vector<Asked> asked;
  for (const auto& mention : mentions)
    asked.push_back({to_resource(mention.resource, catalog_.arn(mention.resource)), mention.teller});
  if (asked.empty())
    asked.push_back({{json::text(event, "account"), json::text(event, "region"), std::string(account_type),
                      json::text(event, "account"), ""}, {}});
  // A custom action is asked for each finding that a person chose; other events are one story.
  if (json::text(event, "detail-type") != custom_action) asked.resize(1);
  for (auto& one : asked)
    out.judged.push_back({.resource = std::move(one.resource),
                          .control = "rule:" + rule.name,
                          .evaluation = {rules::Compliance::non_compliant, "event rule " + rule.name + " asks for it"},
                          .source = json::text(event, "source"),
                          .title = rule.name,
                          .other_id = json::text(event, "id"),
                          .action = action,
                          .once = !arrival.replay.empty() && !arrival.again,
                          .tags = {},
                          .teller = std::move(one.teller)});
}

namespace {

// One that is asked by the clock, and of no change.
bool is_clocked(const rules::Control& control) {
  const auto* rule = rules::Controls::rule_of(control);
  return rule && rule->by_function && rule->by_function->scheduled;
}

}  // namespace

// Every enabled control for the resource; one that the event names is judged even when another tool found it.
Result<> Detector::judge_mention(const bus::Mention& mention, const json::Object& event, const Context& context,
                                 Detection& out) const {
  std::set<std::string> ids;
  const auto* by_hub = controls_.by_security_hub_id(mention.security_control, mention.resource.type);
  if (by_hub) ids.insert(by_hub->id);
  if (controls_.find(mention.config_rule)) ids.insert(mention.config_rule);
  for (auto& id : policy_.controls_of_rule(mention.config_rule)) ids.insert(std::move(id));
  for (const auto* control : controls_.for_type(mention.resource.type))
    if (!control->on_signal_only && !is_clocked(*control)) ids.insert(control->id);
  for (const auto& id : ids) {
    if (!policy_.enabled(id, mention.resource.account)) {
      out.trace.push_back(fmt::format("control {} is not enabled", id));
      continue;
    }
    CHECK_OK(judge_one(id, to_resource(mention.resource), mention, event, context, out));
  }
  return {};
}

// Once for each event, whoever else it speaks of.
Result<> Detector::judge_one(const std::string& id, const Resource& resource, const bus::Mention& mention,
                             const json::Object& event, const Context& context, Detection& out) const {
  bool done = std::ranges::any_of(out.judged, [&](const Judged& judged) {
    return judged.control == id && judged.resource.key() == resource.key();
  });
  if (done) return {};
  auto judged = TRY(evaluate(id, resource, context));
  add_to(judged, mention, event);
  out.trace.push_back(fmt::format("control {} judges {}: {}", id, resource.id, name(judged.evaluation.compliance)));
  out.judged.push_back(std::move(judged));
  ++out.evaluated;
  return {};
}

Result<> Detector::judge_threat(const bus::Threat& threat, const json::Object& event, const Context& context,
                                Detection& out) const {
  bool contained = false;
  for (const auto& one : Containments::embedded().all) {
    auto why_not = mismatch(one, threat, policy_.threats);
    auto about = threat.resources.find(one.about);
    if (about == threat.resources.end() && why_not.empty())
      why_not = fmt::format("the finding names no {}", bus::name(one.about));
    if (why_not.empty() && !policy_.enabled(one.control, about->second[0].account))
      why_not = fmt::format("control {} is not enabled", one.control);
    if (!why_not.empty()) {
      if (matches_type(one, threat))
        out.trace.push_back(fmt::format("containment '{}' does not hold: {}", one.name, why_not));
      continue;
    }
    contained = true;
    out.trace.push_back(fmt::format("containment '{}' holds", one.name));
    for (const auto& ref : about->second) {
      bus::Mention mention{.resource = ref, .title = threat.title, .finding_id = threat.id, .teller = threat.teller,
                           .suppressed = threat.suppressed,
                           .sighting = bus::Sighting{threat.id, threat.type, threat.title}};
      CHECK_OK(judge_one(one.control, to_resource(ref), mention, event, context, out));
    }
  }
  auto what = contained ? std::string() : by_hand(Containments::embedded(), threat.type);
  if (!what.empty()) out.trace.push_back(fmt::format("{} is for a person: {}", threat.type, what));
  for (auto& judged : out.judged)
    if (judged.action && judged.action->parameters.contains("FindingType"))
      judged.action->parameters["FindingType"] = threat.type;
  return {};
}

Result<> Detector::judge_beside(const bus::Mention& mention, const json::Object& event, const Context& context,
                                Detection& out) const {
  const auto& changed = mention.resource;
  for (const auto* control : controls_.beside_type(changed.type)) {
    if (control->on_signal_only || !policy_.enabled(control->id, changed.account)) continue;
    auto those = TRY(relations_.judged_beside(*control, changed, context));
    if (those) {
      for (const auto& one : *those) CHECK_OK(judge_one(control->id, to_resource(one), mention, event, context, out));
      continue;
    }
    out.trace.push_back(fmt::format("control {} judges all of {} in {} {}: whom {} stood beside is not known",
                                    control->id, control->resource_type, changed.account, changed.region, changed.id));
    auto here = [&](const inventory::Place& place) {
      return place.account == changed.account && place.region == changed.region;
    };
    CHECK_OK(scan_into(wanted({control->id}, out), here, context, {}, out));
  }
  return {};
}

Result<std::optional<cloud::Snapshot>> Detector::account_snapshot(const rules::Rule& rule, const std::string& account,
                                                                  const Context& context) const {
  if (rule.account_aspects.empty()) return std::nullopt;
  cloud::ResourceRef ref{.account = account, .region = "us-east-1", .type = std::string(account_type), .id = account};
  auto reader = gateway_.reader(account, ref.region);
  std::vector<std::string> aspects(rule.account_aspects.begin(), rule.account_aspects.end());
  auto snapshot = TRY(cloud::read_snapshot(*reader, ref, aspects, clock_, context, catalog_));
  return snapshot;
}

std::vector<std::string> Detector::aspects_of(const rules::Control& control, const rules::Rule& rule) const {
  auto aspects = rule.aspects;
  auto enabled = std::ranges::find(policy_.controls, control.id, &EnabledControl::id);
  if (aspects.empty() || enabled == policy_.controls.end() || enabled->scope.tag_key.empty()) return aspects;
  for (const auto* aspect : tag_aspects(catalog_, control.resource_type)) aspects.push_back(aspect->name);
  return aspects;
}

// A scope that cannot be looked at is not one that leaves out.
std::optional<rules::Evaluation> Detector::out_of_scope(const EnabledControl* enabled,
                                                        const cloud::Snapshot& snapshot) const {
  if (!enabled || rules::within(enabled->scope, snapshot)) return std::nullopt;
  if (!enabled->scope.tag_key.empty())
    for (const auto* aspect : tag_aspects(catalog_, snapshot.ref.type))
      if (auto why = snapshot.unreadable.find(aspect->name); why != snapshot.unreadable.end())
        return rules::insufficient("The rule's scope asks for a tag, and tags could not be read: " + why->second);
  return rules::not_applicable("It is not in the rule's scope.");
}

json::Object Detector::parameters_of(const rules::Control& control, const std::string& account) const {
  const auto* over = policy_.enabled(control.id, account);
  return merged(control.parameters, over ? over->parameters : json::Object{});
}

Result<rules::Evaluation> Detector::evaluation(const rules::Control& control, const cloud::Snapshot& snapshot,
                                               const cloud::Snapshot* account, const Context& context,
                                               const Sight& sight) const {
  const auto& rule = *rules::Controls::rule_of(control);
  const auto* over = policy_.enabled(control.id, snapshot.ref.account);
  if (auto outside = out_of_scope(over, snapshot)) return *outside;
  auto parameters = rules::typed(parameters_of(control, snapshot.ref.account), control.parameters, control.types);
  if (!parameters) return rules::insufficient(parameters.error().message);
  if (rule.by_function) return by_function(control, *parameters, to_resource(snapshot.ref), context, sight);
  auto beside = TRY(relations_.beside(rule, snapshot, context, sight));
  if (!beside.unknown.empty()) return rules::insufficient(beside.unknown);
  if (snapshot.unreadable.empty()) return rule.judge({snapshot, account, std::move(beside.seen)}, *parameters);
  auto own = snapshot.seen_by(aspects_of(control, rule));  // it may be read for others, too
  return rule.judge({own, account, std::move(beside.seen)}, *parameters);
}

Result<Judged> Detector::judge(const rules::Control& control, const cloud::Snapshot& snapshot,
                               const cloud::Snapshot* account, const Context& context,
                               const Sight& sight) const {
  auto evaluation = TRY(this->evaluation(control, snapshot, account, context, sight));
  auto judged = judged_by(control, to_resource(snapshot.ref, snapshot.arn), std::move(evaluation));
  judged.tags = snapshot.tags;
  return judged;
}

Judged Detector::judged_by(const rules::Control& control, Resource resource, rules::Evaluation evaluation) {
  Judged judged{.resource = std::move(resource),
                .control = control.id,
                .evaluation = std::move(evaluation),
                .source = "aright",
                .title = control.title,
                .other_id = "",
                .action = std::nullopt,
                .tags = {}};
  if (auto action = action_from_json(control.remediation)) judged.action = std::move(*action);
  return judged;
}

void Detector::tell_seen(const cloud::ResourceRef& ref, const Result<cloud::Snapshot>& snapshot) const {
  if (!aids_.seen) return;
  if (snapshot) aids_.seen(snapshot->ref, &*snapshot);
  else if (snapshot.error().code == Errc::not_found) aids_.seen(ref, nullptr);
}

Result<std::map<std::string, std::string>> Detector::tags_of(const Resource& resource, const Context& context) const {
  std::vector<std::string> aspects;
  for (const auto* aspect : tag_aspects(catalog_, resource.type)) aspects.push_back(aspect->name);
  if (aspects.empty()) return std::map<std::string, std::string>();
  auto reader = gateway_.reader(resource.account, resource.region);
  auto snapshot = TRY(cloud::read_snapshot(*reader, to_ref(resource), aspects, clock_, context, catalog_));
  for (const auto& [aspect, why] : snapshot.unreadable) return fail(Errc::denied, "{}", why);
  return std::move(snapshot.tags);
}

Result<Judged> Detector::evaluate(const std::string& id, const Resource& resource, const Context& context) const {
  const auto* control = controls_.find(id);
  if (!control)
    return fail({.code = Errc::not_found, .message = fmt::format("there is no control {}", id), .number = "AR-0006"});
  const auto* rule = rules::Controls::rule_of(*control);
  if (!rule) return fail(Errc::unsupported, "control {}: rule {} can't be evaluated here", id, control->rule);
  if (is_scheduled(*rule))
    return judged_by(*control, resource, TRY(by_function(*control, parameters_of(*control, resource.account), resource,
                                                         context, {})));
  auto reader = gateway_.reader(resource.account, resource.region);
  auto aspects = aspects_of(*control, *rule);
  auto snapshot = cloud::read_snapshot(*reader, to_ref(resource), aspects, clock_, context, catalog_);
  tell_seen(to_ref(resource), snapshot);
  if (!snapshot && snapshot.error().code == Errc::not_found) {
    return Judged{.resource = resource,
                  .control = id,
                  .evaluation = {rules::Compliance::not_applicable, "the resource does not exist"},
                  .source = "aright",
                  .title = control->title};
  }
  if (!snapshot) return fail(snapshot.error());
  auto account = TRY(account_snapshot(*rule, resource.account, context));
  return judge(*control, *snapshot, account ? &*account : nullptr, context);
}

Result<Detector::Evaluations> Detector::evaluate_all(const std::vector<const rules::Control*>& controls,
                                                     const Resource& resource, const Context& context,
                                                     aws::Caller* through) const {
  Evaluations out;
  std::vector<std::string> aspects;
  bool all = false;  // one that reads all aspects makes that all of them are read
  for (const auto* control : controls) {
    const auto* rule = rules::Controls::rule_of(*control);
    if (!rule) {
      out[control->id] = rules::insufficient("its rule " + control->rule + " can't be evaluated here");
      continue;
    }
    if (is_scheduled(*rule)) {
      auto said = TRY(by_function(*control, parameters_of(*control, resource.account), resource, context,
                                  {.through = through}));
      out[control->id] = std::move(said);
      continue;
    }
    auto own = aspects_of(*control, *rule);
    all = all || own.empty();
    aspects.insert(aspects.end(), own.begin(), own.end());
  }
  std::ranges::sort(aspects);
  aspects.erase(std::unique(aspects.begin(), aspects.end()), aspects.end());
  if (all) aspects.clear();
  if (controls.size() == out.size()) return out;
  auto reader = gateway_.reader(resource.account, resource.region);
  auto& door = through ? *through : *reader;
  auto snapshot = cloud::read_snapshot(door, to_ref(resource), aspects, clock_, context, catalog_);
  if (!through) tell_seen(to_ref(resource), snapshot);
  bool gone = !snapshot && snapshot.error().code == Errc::not_found;
  if (!snapshot && !gone) return fail(snapshot.error());
  for (const auto* control : controls) {
    if (out.contains(control->id)) continue;
    if (gone) {
      out[control->id] = rules::not_applicable("the resource does not exist");
      continue;
    }
    auto account = TRY(account_snapshot(*rules::Controls::rule_of(*control), resource.account, context));
    auto judged = TRY(evaluation(*control, *snapshot, account ? &*account : nullptr, context, {.through = through}));
    out[control->id] = std::move(judged);
  }
  return out;
}

Detector::ByType Detector::wanted(const std::vector<std::string>& only, Detection& out) const {
  ByType by_type;
  for (const auto& enabled : policy_.controls) {
    const auto* control = controls_.find(enabled.id);
    if (!control || control->on_signal_only) continue;
    if (!only.empty() && std::ranges::find(only, enabled.id) == only.end()) continue;
    const auto* rule = rules::Controls::rule_of(*control);
    if (!rule) {
      out.gaps.push_back({control->id, "its rule " + control->rule + " can't be evaluated here"});
      continue;
    }
    if (is_scheduled(*rule)) continue;
    auto& [want, controls] = by_type[control->resource_type];
    want.type = control->resource_type;
    // One rule that reads all aspects makes that all of them are read.
    auto aspects = aspects_of(*control, *rule);
    bool all = aspects.empty() || (!controls.empty() && want.aspects.empty());
    if (all) want.aspects.clear();
    if (!all) want.aspects.insert(want.aspects.end(), aspects.begin(), aspects.end());
    controls.push_back(control);
  }
  return by_type;
}

Result<> Detector::read_account(const Target& target, const Controls& controls, const Context& context,
                                Accounts& out) const {
  for (const auto* control : controls) {
    auto snapshot = TRY(account_snapshot(*rules::Controls::rule_of(*control), target.account, context));
    out[{target.account, control->id}] = std::move(snapshot);
  }
  return {};
}

Result<std::vector<inventory::Place>> Detector::places(const ByType& by_type, const Within& in, const Context& context,
                                                       Accounts& accounts, Detection& out) const {
  std::vector<inventory::Place> places;
  for (const auto& target : policy_.targets) {
    std::vector<inventory::Place> here;
    for (const auto& region : target.regions)
      if (in({target.account, region})) here.push_back({target.account, region});
    if (here.empty()) continue;
    Result<> read;
    for (const auto& [type, entry] : by_type)
      if (read) read = read_account(target, entry.second, context, accounts);
    CHECK_OK(context.check());
    if (!read)
      out.gaps.push_back({"account " + target.account, read.error().text()});
    else
      std::ranges::move(here, std::back_inserter(places));
  }
  return places;
}

Result<Detection> Detector::scan(const std::vector<std::string>& only, const Context& context,
                                 const std::function<void(const inventory::Progress&)>& progress) const {
  Detection out;
  auto everywhere = [](const inventory::Place&) { return true; };
  CHECK_OK(scan_into(wanted(only, out), everywhere, context, progress, out));
  CHECK_OK(scan_by_functions(only, context, out));
  return out;
}

// What stands beside the resources is read first, once for all of them.
Result<> Detector::scan_into(ByType by_type, const Within& in, const Context& context,
                             const std::function<void(const inventory::Progress&)>& progress, Detection& out) const {
  Accounts accounts;
  auto places = TRY(this->places(by_type, in, context, accounts, out));
  if (places.empty()) return {};
  std::vector<inventory::Want> wants;
  std::vector<const rules::Rule*> rules;
  for (const auto& [type, entry] : by_type) {
    wants.push_back(entry.first);
    for (const auto* control : entry.second) rules.push_back(rules::Controls::rule_of(*control));
  }
  auto beside = TRY(relations_.read(rules, places, context));
  auto reader = gateway_.reader(places[0].account, places[0].region);  // each call names its own
  std::vector<inventory::Gap> unseen;
  auto seen = [&](const cloud::Snapshot& snapshot) {
    if (aids_.seen) aids_.seen(snapshot.ref, &snapshot);
    for (const auto* control : by_type[snapshot.ref.type].second) {
      if (!policy_.enabled(control->id, snapshot.ref.account)) continue;
      const auto& account = accounts[{snapshot.ref.account, control->id}];
      auto judged = judge(*control, snapshot, account ? &*account : nullptr, context, {.index = &beside});
      ++out.evaluated;
      if (!judged) {
        out.gaps.push_back({control->id + " of " + snapshot.ref.key(), judged.error().text()});
        continue;
      }
      std::ranges::move(blind_spots(control->id, judged->evaluation, snapshot,
                                    aspects_of(*control, *rules::Controls::rule_of(*control)),
                                    account ? &*account : nullptr, catalog_),
                        std::back_inserter(unseen));
      out.judged.push_back(std::move(*judged));
    }
  };
  auto report = TRY(inventory::scan(*reader, places, wants, clock_, context, {.seen = seen, .progress = progress},
                                    gateway_.time_is_virtual() ? 1 : inventory::readers_max));
  out.gaps.insert(out.gaps.end(), report.gaps.begin(), report.gaps.end());
  auto named = std::min(unseen.size(), inventory::gaps_max);
  out.gaps.insert(out.gaps.end(), unseen.begin(), unseen.begin() + static_cast<std::ptrdiff_t>(named));
  if (auto unnamed = report.gaps_unnamed + unseen.size() - named; unnamed > 0)
    out.gaps.push_back({fmt::format("{} more", unnamed), "see the ones above"});
  return {};
}

}  // namespace aright::remediation
