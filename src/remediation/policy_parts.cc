#include "remediation/policy_parts.h"

#include "base/file.h"
#include "calendar/calendar.h"

namespace aright::remediation {

namespace {

constexpr seconds freeze_lasts_max{31 * 86'400};

// One kind of values, by the member that names it.
Limit read_limit(Reader& in) {
  Limit limit;
  int kinds = 0;
  for (auto of : {Limit::Of::control, Limit::Of::account, Limit::Of::region, Limit::Of::service,
                  Limit::Of::type}) {
    auto value = of == Limit::Of::account ? in.account_pattern(name(of))
                 : of == Limit::Of::region ? in.region_pattern(name(of))
                                           : in.text(name(of));
    if (value.empty()) continue;
    ++kinds;
    limit.of = of;
    limit.value = value;
  }
  if (in.truth(name(Limit::Of::everything), false)) ++kinds, limit.of = Limit::Of::everything;
  if (kinds > 1) in.fault("", "give one of control, account, region, service, type and everything");
  bool share = !in.take("percent").is_null();
  if (share && !in.take("starts").is_null()) in.fault("percent", "give either starts or percent");
  if (share && limit.of != Limit::Of::control) in.fault("percent", "a share is of what a control judges");
  if (share) limit.percent = static_cast<int>(in.integer("percent", 100, 1, 100));
  limit.starts = static_cast<int>(in.integer("starts", limit.starts, 1, limit_starts_max));
  limit.window = seconds(in.integer("window_s", 60, 1, 86'400));
  limit.running = static_cast<int>(in.integer("running", 0, 0, limit_starts_max));
  if (limit.running != 0 && (share || in.has("starts") || in.has("window_s")))
    in.fault("running", "give either running, or starts and window_s");
  return limit;
}

Freeze read_freeze(Reader& in, const std::filesystem::path& directory) {
  Freeze freeze{.name = in.required_text("name"),
                .from = {},
                .until = {},
                .calendar = {},
                .accounts = in.account_patterns("account"),
                .tags = in.map("tags"),
                .except_severities = in.words("except_severity",
                                              {"informational", "low", "medium", "high", "critical"})};
  auto from = in.instant("from"), until = in.instant("until");
  auto file = in.text("calendar"), cron = in.text("cron"), zone = in.text("timezone");
  freeze.lasts = in.duration("lasts_s", seconds(0), seconds(0), freeze_lasts_max);
  if (!cron.empty()) {
    if (!file.empty() || from || until) in.fault("cron", "give one of calendar, cron, and from with until");
    if (freeze.lasts.count() == 0) in.fault("lasts_s", "say for how long it is on");
    auto schedule = bus::Schedule::parse(cron, zone);
    if (!schedule || !cron.starts_with("cron("))
      in.fault("cron", schedule ? "write cron(…)" : schedule.error().message);
    else
      freeze.schedule = std::move(*schedule);
    return freeze;
  }
  if (!file.empty()) {
    if (from || until) in.fault("calendar", "give either calendar, or from and until");
    auto text = read_file(directory / file, calendar::text_bytes_max);
    auto calendar = text ? calendar::Calendar::parse(*text) : Result<calendar::Calendar>(fail(text.error()));
    freeze.calendar = in.value_of("calendar", std::move(calendar));
    return freeze;
  }
  if (!from || !until) in.fault("", "give calendar, cron, or from and until");
  freeze.from = from.value_or(Timestamp{});
  freeze.until = until.value_or(Timestamp{});
  if (from && until && freeze.until <= freeze.from) in.fault("until", "a freeze ends after it begins");
  return freeze;
}

}  // namespace

void read_brakes(Reader& in, const std::filesystem::path& directory, Brakes& brakes) {
  in.each("limits", [&](Reader& item) { brakes.limits.push_back(read_limit(item)); });
  in.each("freezes", [&](Reader& item) { brakes.freezes.push_back(read_freeze(item, directory)); });
  in.one("breaker", [&](Reader& item) {
    brakes.breaker.failures = static_cast<int>(item.integer("failures", brakes.breaker.failures, 0, 100));
    brakes.breaker.pause = seconds(item.integer("pause_s", brakes.breaker.pause.count(), 1, 30 * 86'400));
  });
  in.one("fights", [&](Reader& item) {
    brakes.fights.rounds = static_cast<int>(item.integer("rounds", brakes.fights.rounds, 0, 100));
    brakes.fights.window = seconds(item.integer("window_s", brakes.fights.window.count(), 60, 30 * 86'400));
  });
}

// Where a part of them is left out, Config's defaults hold; where all are, nothing is paced.
std::optional<FleetPace> read_pace(Reader& in) {
  const auto& controls = json::at(in.take("ExecutionControls"), "SsmControls");
  if (controls.is_null()) return std::nullopt;
  FleetPace pace;
  for (auto [member, percent] : {std::pair{"ConcurrentExecutionRatePercentage", &pace.concurrent_percent},
                                 std::pair{"ErrorPercentage", &pace.error_percent}}) {
    auto said = json::integer(json::at(controls, member), *percent);
    if (said < 1 || said > 100) in.fault("ExecutionControls", fmt::format("{} must be from 1 to 100", member));
    *percent = static_cast<int>(said);
  }
  return pace;
}

HubSettings read_hub(Reader& in) {
  HubSettings out{.import_findings = in.truth("import_findings", false),
                  .update_findings = in.truth("update_findings", false),
                  .account = in.account("account"),
                  .region = in.region("region")};
  const auto& rules = json::items(in.take("automation_rules"));
  if (rules.size() > bus::automation_rules_max)
    in.fault("automation_rules", fmt::format("there are at most {}", bus::automation_rules_max));
  for (const auto& said : rules) {
    auto rule = bus::read_automation_rule(said);
    if (rule)
      out.rules.push_back(std::move(*rule));
    else
      in.fault("automation_rules", rule.error().text());
  }
  out.rules = bus::in_order(std::move(out.rules));
  return out;
}

nats::Server read_nats_server(Reader& in) {
  nats::Server out{.urls = in.texts("server"),
                   .user = in.text("user"),
                   .password = Secret(in.text("password")),
                   .token = Secret(in.text("token")),
                   .ca_file = in.text("ca_file"),
                   .plaintext = in.truth("plaintext", false)};
  if (out.urls.empty()) in.fault("server", "this is required");
  for (const auto& url : out.urls)
    if (auto read = nats::read_address(url); !read) in.fault("server", read.error().message);
  if (out.user.empty() != out.password.empty()) in.fault("user", "give user and password, or neither");
  if (!out.token.empty() && !out.user.empty()) in.fault("token", "give a token, or user and password");
  return out;
}

EventStream read_stream(Reader& in) {
  EventStream out{.server = read_nats_server(in),
                  .consumer = {.stream = in.required_text("stream"),
                               .name = in.text("consumer", "aright"),
                               .subject = in.text("subject"),
                               .ack_wait = in.duration("ack_wait_s", seconds(30), seconds(3), seconds(3'600)),
                               .deliveries_max = static_cast<int>(in.integer("max_deliver", 0, 0, 1'000'000))}};
  const auto& consumer = out.consumer;
  for (const auto& [member, name] : {std::pair("stream", consumer.stream), std::pair("consumer", consumer.name)})
    if (!name.empty() && (!nats::is_subject(name) || name.find_first_of("./\\") != std::string::npos))
      in.fault(member, fmt::format("'{}' is no name at NATS: without dots, spaces and wildcards", name));
  if (!consumer.subject.empty() && !nats::is_subject(consumer.subject, true))
    in.fault("subject", fmt::format("'{}' is no subject of NATS", consumer.subject));
  return out;
}

}  // namespace aright::remediation
