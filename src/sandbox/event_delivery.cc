// Events that are put on a bus: the rules of the bus that match them, and where these send them. What a target makes of
// an event is no part of the call that put it.
#include "base/text.h"
#include "bus/event.h"
#include "pattern/pattern.h"
#include "pattern/template.h"
#include "sandbox/lambda.h"
#include "sandbox/sqs.h"

namespace aright::sandbox::event_delivery_hooks {

namespace {

constexpr const char* rule_type = "AWS::Events::Rule";
constexpr const char* default_bus = "default";
constexpr int hops_max = 5;  // from bus to bus

// Where a bus is, by its name or its ARN: arn:aws:events:us-east-1:111122223333:event-bus/name.
struct Bus {
  std::string account, region, name;
};

Bus bus_named(const Scene& scene, const std::string& said) {
  constexpr std::size_t region_part = 3, account_part = 4, parts_min = 6;
  auto parts = split(said, ':');
  auto name = said.substr(said.rfind('/') + 1);
  if (!said.starts_with("arn:") || parts.size() < parts_min)
    return {scene.call.account, scene.call.region, name.empty() ? default_bus : name};
  return {parts[account_part], parts[region_part], name};
}

void put_on(Scene& scene, const Bus& bus, const json::Object& event, int hops);

void send_to_function(Scene& scene, const std::string& arn, const std::string& input) {
  auto name = arn.substr(arn.find(":function:") + std::string_view(":function:").size());
  const auto* function = scene.find("AWS::Lambda::Function", name.substr(0, name.find(':')));
  auto event = json::parse(input);
  if (function == nullptr || !event || !lets_in(*function, "events.amazonaws.com")) return;
  if (auto run = invocation_of(scene, *function, std::move(*event), true)) scene.events.push_back(std::move(*run));
}

void send(Scene& scene, const json::Value& target, const json::Object& event, const pattern::TransformContext& rule,
          int hops) {
  auto arn = json::text(target, "Arn", "");
  if (arn.find(":event-bus/") != std::string::npos) {
    if (hops < hops_max) put_on(scene, bus_named(scene, arn), event, hops + 1);
    return;
  }
  auto input = pattern::transform(target, event, rule);
  if (!input) return;
  if (auto* queue = find_queue(scene, arn)) std::ignore = enqueue(scene, *queue, *input, json::Value());
  else if (arn.find(":sns:") != std::string::npos)
    std::ignore = scene.also("sns", "Publish", json::Object{{"TopicArn", arn}, {"Message", *input}});
  else if (arn.find(":function:") != std::string::npos) send_to_function(scene, arn, *input);
}

void put_on(Scene& scene, const Bus& bus, const json::Object& event, int hops) {
  struct Sent {
    std::string arn, name;
    json::Array targets;
  };
  std::vector<Sent> all;
  const cloud::ResourceRef those{bus.account, bus.region, rule_type, bus.name + "|"};
  for (const auto* rule : scene.world.all(those)) {
    const auto& said = rule->aspect("Configuration");
    auto wanted = pattern::Pattern::parse(json::text(said, "EventPattern", ""));
    if (!wanted || json::text(said, "State", "ENABLED") == "DISABLED" || !wanted->matches(json::Value(event))) continue;
    all.push_back({scene.arn(*rule), json::text(rule->record, "Name"), json::items(rule->aspect("Targets"))});
  }
  for (const auto& one : all)
    for (const auto& target : one.targets)
      send(scene, target, event, {.rule_arn = one.arn, .rule_name = one.name, .ingestion_time = scene.now.iso()}, hops);
}

Result<std::string> put_event(Scene& scene, const json::Object& entry) {
  CHECK_OK(bus::check_source(entry));
  auto on = bus_named(scene, json::text(entry, "EventBusName", default_bus));
  auto event = TRY(bus::envelope(entry, scene.call.account, on.region, scene.now));
  auto id = scene.ids.uuid();
  event["id"] = id;
  put_on(scene, on, event, 0);
  return id;
}

// Each entry stands for itself: what is wrong with one is said in its place.
Result<json::Object> put_events(Scene& scene) {
  const auto entries = json::items(scene.input("Entries"));
  if (entries.empty() || entries.size() > bus::put_events_entries_max)
    return fail(scene.error("ValidationException",
                            fmt::format("1 validation error detected: Value at 'entries' failed to satisfy constraint: "
                                        "Member must have length between 1 and {}", bus::put_events_entries_max)));
  if (auto any = bus::check_entries(entries); !any)
    return fail(scene.error("ValidationException", any.error().message));
  json::Array told;
  std::int64_t failed = 0;
  for (const auto& entry : entries) {
    auto id = put_event(scene, json::members(entry));
    if (id) {
      told.push_back(json::Object{{"EventId", *id}});
    } else {
      told.push_back(json::Object{{"ErrorCode", id.error().wire_code}, {"ErrorMessage", id.error().message}});
      ++failed;
    }
  }
  return json::Object{{"FailedEntryCount", failed}, {"Entries", std::move(told)}};
}

Result<json::Object> test_pattern(Scene& scene) {
  auto wanted = pattern::Pattern::parse(scene.text("EventPattern"));
  if (!wanted)
    return fail(scene.error("InvalidEventPatternException",
                            "Event pattern is not valid. Reason: " + wanted.error().message));
  auto event = json::parse(scene.text("Event"));
  if (!event || !event->is_object())
    return fail(scene.error("ValidationException", "Parameter Event is not valid."));
  return json::Object{{"Result", wanted->matches(*event)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("events:PutEvents", put_events);
  hooks.emulate("events:TestEventPattern", test_pattern);
}

}  // namespace aright::sandbox::event_delivery_hooks
