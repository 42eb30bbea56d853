#include "remediation/policy_rollout.h"

#include <algorithm>
#include <charconv>

#include "base/known.h"
#include "base/text.h"
#include "model/model.h"
#include "net/http.h"
#include "remediation/disruption.h"

namespace aright::remediation {

namespace {

constexpr seconds time_max{10 * 365 * 86'400};  // of what is counted in days and months
constexpr seconds soak_max{7 * 86'400}, pause_max{30 * 86'400};
constexpr std::size_t waves_max = 10;
constexpr std::size_t exception_keys_max = 100, exception_message_chars_max = 1024;  // Config's own
constexpr std::int64_t whole = 100;

const std::vector<std::string> severities{"informational", "low", "medium", "high", "critical"};
const std::vector<std::string> risks{"low", "medium", "high"};
const std::vector<std::string> complexities{"simple", "moderate", "complex"};
const std::vector<std::string> decisions{"automatic",  "approval", "manual", "deferred",
                                         "suppressed", "refused",  "earned"};

std::optional<seconds> read_age(Reader& in, std::string_view member) {
  bool said = in.has(member);
  auto age = in.duration(member, seconds(0), seconds(0), time_max);
  return said ? std::optional(age) : std::nullopt;
}

// "3", "5%" or "all".
std::optional<Wave> parse_wave(std::string_view text) {
  if (text == "all") return Wave{.percent = whole};
  bool share = text.ends_with('%');
  if (share) text.remove_suffix(1);
  int number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  if (share) return number <= whole ? std::optional(Wave{.percent = number}) : std::nullopt;
  return Wave{.count = number};
}

// Counts and shares cannot be compared.
bool shrinks(const Wave& before, const Wave& after) {
  if (before.percent > 0 && after.percent > 0) return after.percent <= before.percent;
  return before.percent == 0 && after.percent == 0 && after.count <= before.count;
}

std::string read_address(Reader& in, HealthCheck& check) {
  for (auto kind : {HealthCheck::Kind::http, HealthCheck::Kind::tcp, HealthCheck::Kind::alarm,
                    HealthCheck::Kind::function}) {
    auto said = in.text(name(kind));
    if (said.empty()) continue;
    if (!check.subject.empty()) return "give one of http, tcp, alarm and function";
    check.kind = kind;
    check.subject = std::move(said);
  }
  return check.subject.empty() ? "give one of http, tcp, alarm and function" : "";
}

}  // namespace

DecideRule read_decide(Reader& in) {
  DecideRule rule{.name = in.required_text("name"),
                  .controls = in.conditions("control"),
                  .severities = in.conditions("severity", severities),
                  .risks = in.conditions("risk", risks),
                  .complexities = in.conditions("complexity", complexities),
                  .sources = in.conditions("source"),
                  .accounts = in.account_patterns("account"),
                  .units = in.conditions("ou"),
                  .tags = in.map("tags"),
                  .older_than = read_age(in, "older_than_s"),
                  .younger_than = read_age(in, "younger_than_s"),
                  .reversible = {},
                  .disruptions = in.conditions("disruption", names_of({Disruption::none, Disruption::access,
                                                                  Disruption::restart, Disruption::stop})),
                  .confidences = in.conditions("confidence", names_of({Confidence::partial, Confidence::rehearsed,
                                                                  Confidence::proven})),
                  .ladder = in.text("ladder")};
  bool asked = in.has("reversible");
  bool reversible = in.truth("reversible", true);
  if (asked) rule.reversible = reversible;
  auto decision = in.required_word("decision", decisions);
  rule.earned = decision == "earned";
  rule.decision = parse_decision(decision).value_or(Decision::manual);
  return rule;
}

Canary read_canary(Reader& in) {
  Canary canary{.controls = in.conditions("control"), .accounts = in.account_patterns("account"),
                .tags = in.map("tags")};
  canary.pause = in.duration("pause_s", canary.pause, seconds(0), pause_max);
  auto said = in.texts("waves");
  if (said.empty() && in.has("waves")) in.fault("waves", "a canary has at least one wave");
  if (said.empty()) return canary;
  canary.waves.clear();
  if (said.size() > waves_max) in.fault("waves", fmt::format("there are at most {}", waves_max));
  for (const auto& text : said) {
    auto wave = parse_wave(text);
    if (!wave) in.fault("waves", fmt::format("'{}' is no wave: write a number, a share such as 5%, or all", text));
    canary.waves.push_back(wave.value_or(Wave{}));
    if (canary.waves.size() > 1 && shrinks(canary.waves[canary.waves.size() - 2], canary.waves.back()))
      in.fault("waves", fmt::format("'{}' is less than the wave before it", text));
  }
  return canary;
}

// Shares in percent.
Autonomy read_autonomy(Reader& in) {
  Autonomy out;
  for (auto [member, share] : {std::pair{"approval", &out.approval}, std::pair{"canary", &out.canary},
                               std::pair{"automatic", &out.automatic}}) {
    auto usual = static_cast<std::int64_t>(*share * whole + 0.5);
    *share = static_cast<double>(in.integer(member, usual, 1, whole - 1)) / whole;
  }
  if (out.approval > out.canary || out.canary > out.automatic)
    in.fault("", "each level asks for at least as much as the one before it");
  return out;
}

HealthCheck read_health_check(Reader& in) {
  HealthCheck check{.name = in.required_text("name"),
                    .holds = in.text("holds"),
                    .account = in.account("account"),
                    .region = in.region("region"),
                    .allow_internal = in.truth("allow_internal", false)};
  auto fault = read_address(in, check);
  if (!fault.empty()) in.fault("", fault);
  check.status = static_cast<int>(in.integer("status", 0, 0, 599));
  check.timeout = in.duration("timeout_s", check.timeout, seconds(1), seconds(60));
  if (check.kind == HealthCheck::Kind::http && !check.subject.empty())
    (void)in.value_of("http", net::parse_endpoint(check.subject.substr(0, check.subject.find('?'))));
  if (check.kind == HealthCheck::Kind::tcp && check.subject.find(':') == std::string::npos)
    in.fault("tcp", "write HOST:PORT");
  // What another kind of check would mean by it says nothing here.
  bool answers = check.kind == HealthCheck::Kind::http;
  bool in_aws = check.kind == HealthCheck::Kind::alarm || check.kind == HealthCheck::Kind::function;
  for (auto member : {"holds", "status"})
    if (in.has(member) && !answers) in.fault(member, "only an http check looks at that");
  for (auto member : {"account", "region"})
    if (in.has(member) && !in_aws) in.fault(member, "only a check of an alarm or a function has one");
  if (in.has("allow_internal") && in_aws) in.fault("allow_internal", "only an http or tcp check has an address");
  return check;
}

Care read_care(Reader& in) {
  Care care{.controls = in.conditions("control"), .accounts = in.account_patterns("account"), .tags = in.map("tags"),
            .health = in.texts("health")};
  care.soak = in.duration("soak_s", care.soak, seconds(0), soak_max);
  care.every = in.duration("every_s", care.every, seconds(1), seconds(86'400));
  care.take_back = in.word("on_failure", {"escalate", "rollback"}, "escalate") == "rollback";
  return care;
}

HeldException read_exception(Reader& in) {
  HeldException held{.name = in.required_text("name"),
                     .controls = in.conditions("control"),
                     .types = in.conditions("type"),
                     .ids = in.conditions("resource"),
                     .accounts = in.account_patterns("account"),
                     .regions = in.region_patterns("region"),
                     .tags = in.map("tags"),
                     .exception = {.message = in.required_text("reason"), .by = "the policy", .until = forever}};
  auto& exception = held.exception;
  exception.owner = in.required_text("owner");
  auto until = in.instant("until");
  if (!until) in.fault("until", "an exception ends some day: write an instant");
  exception.until = until.value_or(forever);
  exception.compensating = in.text("compensating_control");
  exception.tell = in.text("tell");
  for (const auto& text : in.texts("remind_s")) {
    auto before = json::integer(json::Value(text), 0);
    if (before < 1 || before > time_max.count()) in.fault("remind_s", "write seconds before the end");
    exception.reminders.emplace_back(before);
  }
  std::ranges::sort(exception.reminders, std::greater<>());
  if (held.controls.empty() && held.types.empty() && held.ids.empty() && held.accounts.empty() && held.tags.empty())
    in.fault("", "it would hold for everything: say at least one of control, type, resource, account and tags");
  return held;
}

void read_config_exceptions(Reader& in, Policy& policy) {
  auto rule = in.required_text("ConfigRuleName");
  Exception exception{.message = in.text("Message"), .by = "the policy", .until = forever};
  if (exception.message.size() > exception_message_chars_max)
    in.fault("Message", fmt::format("it has at most {} characters", exception_message_chars_max));
  exception.until = in.instant("ExpirationTime").value_or(forever);
  const auto& keys = json::items(in.take("ResourceKeys"));
  if (keys.empty() || keys.size() > exception_keys_max)
    in.fault("ResourceKeys", fmt::format("give 1 to {} of them", exception_keys_max));
  auto controls = policy.controls_of_rule(rule);
  if (controls.empty()) controls.push_back(rule);
  for (const auto& key : keys) {
    auto type = rules::type_of_config(json::text(key, "ResourceType", "")), id = json::text(key, "ResourceId", "");
    if (type.empty() || id.empty()) in.fault("ResourceKeys", "each has a ResourceType and a ResourceId");
    policy.exceptions.push_back(
        {.name = {}, .controls = controls, .types = {type}, .ids = {id}, .exception = exception});
  }
}

namespace {

std::string no_control(const Policy& policy, std::string_view id) {
  std::vector<std::string> known;
  for (const auto& [one, control] : policy.known->all()) known.push_back(one);
  auto meant = nearest(id, known);
  return fmt::format("there is no control '{}'{}", id, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
}

// A control that is none would make a rule hold for nothing, without a word.
void check_controls(const Policy& policy, std::string_view section, const std::vector<std::string>& patterns,
                    Reader& in) {
  for (const auto& pattern : patterns) {
    bool known = pattern.starts_with("rule:") || std::ranges::any_of(policy.known->all(), [&](const auto& one) {
                   return glob_match(pattern, one.first);
                 });
    if (!known) in.fault(section, no_control(policy, pattern));
  }
}

void check_limit(const Policy& policy, const Limit& limit, Reader& in) {
  if (limit.of == Limit::Of::control) check_controls(policy, "limits", {limit.value}, in);
  bool judged = std::ranges::any_of(policy.known->all(), [&](const auto& one) {
    return glob_match(limit.value, one.second.resource_type);
  });
  if (limit.of == Limit::Of::type && !judged)
    in.fault("limits", fmt::format("no control judges a '{}'", limit.value));
  if (limit.of == Limit::Of::service && limit.value != "*" && !model::Models::embedded().service(limit.value))
    in.fault("limits", fmt::format("AWS has no service '{}'", limit.value));
}

}  // namespace

void check_enabled(const Policy& policy, Reader& in) {
  std::size_t index = 0;
  for (const auto& said : json::items(json::at(in.value(), "controls"))) {
    auto id = json::text(said, "id", "");
    if (!id.empty() && !policy.known->find(id))
      in.fault(fmt::format("controls/{}/id", index), no_control(policy, id));
    ++index;
  }
}

void check_rollout(const Policy& policy, Reader& in) {
  for (const auto& rule : policy.decide) check_controls(policy, "decide", rule.controls, in);
  for (const auto& canary : policy.brakes.canaries) check_controls(policy, "canaries", canary.controls, in);
  for (const auto& care : policy.cares) check_controls(policy, "verification", care.controls, in);
  for (const auto& held : policy.exceptions)
    if (!held.name.empty()) check_controls(policy, "exceptions", held.controls, in);
  for (const auto& limit : policy.brakes.limits) check_limit(policy, limit, in);
  for (const auto& own : policy.remediations) check_controls(policy, "remediations", {own.config_rule_name}, in);
  for (const auto& care : policy.cares)
    for (const auto& check : care.health)
      if (!policy.health_check_named(check)) in.fault("verification", fmt::format("there is no check '{}'", check));
  for (const auto& check : policy.health_checks)
    if (check.kind == HealthCheck::Kind::function && !policy.functions.contains(check.subject))
      in.fault("health_checks", fmt::format("there is no function '{}'", check.subject));
  for (const auto& held : policy.exceptions) {
    const auto& exception = held.exception;
    if (!exception.tell.empty() && !policy.channel_named(exception.tell))
      in.fault("exceptions", fmt::format("'{}': there is no channel '{}'", held.name, exception.tell));
    if (!exception.compensating.empty() && !policy.known->find(exception.compensating))
      in.fault("exceptions", fmt::format("'{}': {}", held.name, no_control(policy, exception.compensating)));
  }
}

}  // namespace aright::remediation
