#include "bus/target.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::bus {

namespace {

constexpr std::array own_prefixes{std::pair<std::string_view, Target::Kind>{"aright:control/", Target::Kind::control},
                                  std::pair<std::string_view, Target::Kind>{"aright:notify/", Target::Kind::channel},
                                  std::pair<std::string_view, Target::Kind>{"aright:webhook/", Target::Kind::webhook},
                                  std::pair<std::string_view, Target::Kind>{"aright:bus/", Target::Kind::bus}};

// What stands behind the prefix, up to the next colon: "automation-definition/Name:$DEFAULT" is Name.
std::string behind(std::string_view text, std::string_view prefix) {
  auto rest = text.substr(prefix.size());
  return std::string(rest.substr(0, rest.find(':')));
}

Result<> read_aws(Target& out) {
  auto arn = TRY(read_arn(out.arn));
  auto is = [&](std::string_view service, std::string_view prefix, Target::Kind kind) {
    bool does = arn.service == service && arn.name.starts_with(prefix) && arn.name.size() > prefix.size();
    if (does) out.kind = kind, out.name = behind(arn.name, prefix);
    return does;
  };
  out.region = arn.region;
  out.account = arn.account;
  bool known = is("sqs", "", Target::Kind::queue) || is("sns", "", Target::Kind::topic) ||
               is("ssm", "automation-definition/", Target::Kind::runbook) ||
               is("lambda", "function:", Target::Kind::function) ||
               is("events", "event-bus/", Target::Kind::remote_bus);
  if (!known) return fail(Errc::unsupported, "Arn: nothing here answers to the target {}", out.arn);
  return {};
}

Result<> read_retry(const json::Value& said, RetryPolicy& out) {
  out.retries_max = static_cast<int>(json::integer(json::at(said, "MaximumRetryAttempts"), out.retries_max));
  out.age_max = seconds(json::integer(json::at(said, "MaximumEventAgeInSeconds"), out.age_max.count()));
  if (out.retries_max < 0 || out.retries_max > retries_default)
    return fail(Errc::invalid, "RetryPolicy: MaximumRetryAttempts must be from 0 to {}", retries_default);
  if (out.age_max < event_age_min || out.age_max > event_age_max)
    return fail(Errc::invalid, "RetryPolicy: MaximumEventAgeInSeconds must be from {} to {}", event_age_min.count(),
                event_age_max.count());
  return {};
}

Result<> check_queues(const Target& out) {
  bool fifo = out.kind == Target::Kind::queue && out.name.ends_with(".fifo");
  if (fifo == out.message_group.empty())
    return fail(Errc::invalid, "SqsParameters: a FIFO queue, and no other target, needs a MessageGroupId");
  if (out.dead_letter.empty()) return {};
  auto queue = read_arn(out.dead_letter);
  if (!queue || queue->service != "sqs" || queue->name.ends_with(".fifo"))
    return fail(Errc::invalid, "DeadLetterConfig: '{}' is not the ARN of a standard SQS queue", out.dead_letter);
  return {};
}

std::map<std::string, std::string> texts_of(const json::Value& said) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : json::members(said))
    out[std::string(name)] = json::scalar_text(value);
  return out;
}

json::Object object_of(const std::map<std::string, std::string>& texts) {
  json::Object out;
  for (const auto& [name, value] : texts)
    out[name] = value;
  return out;
}

constexpr std::string_view members_known[]{"Id",
                                           "Arn",
                                           "Input",
                                           "InputPath",
                                           "InputTransformer",
                                           "RoleArn",
                                           "RetryPolicy",
                                           "DeadLetterConfig",
                                           "SqsParameters",
                                           "HttpParameters"};

// The other side may take the same later: it was not reached, was too busy, or had a fault of its own.
bool is_passing(const Error& error) {
  if (error.http_status >= 500) return true;
  if (error.http_status == 401 || error.http_status == 407 || error.http_status == 409 || error.http_status == 429)
    return error.wire_code.empty() || error.code == Errc::throttled;
  if (error.http_status >= 400) return error.code == Errc::throttled;
  switch (error.code) {
    case Errc::throttled:
    case Errc::unavailable:
    case Errc::deadline:
    case Errc::cancelled:
    case Errc::conflict:
    case Errc::internal:
      return true;
    case Errc::invalid:
    case Errc::not_found:
    case Errc::denied:
    case Errc::corrupt:
    case Errc::unsupported:
    case Errc::drifted:
      return false;
  }
  return false;
}

}  // namespace

bool Target::is_sent() const {
  switch (kind) {
    case Target::Kind::webhook:
    case Target::Kind::bus:
    case Target::Kind::queue:
    case Target::Kind::topic:
    case Target::Kind::remote_bus:
      return true;
    case Target::Kind::control:
    case Target::Kind::channel:
    case Target::Kind::runbook:
    case Target::Kind::function:
      return false;
  }
  return false;
}

Result<Arn> read_arn(std::string_view text) {
  auto parts = split(text, ':');
  if (parts.size() < 6 || parts[0] != "arn" || parts[2].empty())
    return fail(Errc::invalid, "Arn: '{}' is neither an ARN nor a target of aright's own", text);
  std::string name = parts[5];
  for (std::size_t i = 6; i < parts.size(); ++i)
    name += ":" + parts[i];
  return Arn{.service = parts[2], .region = parts[3], .account = parts[4], .name = std::move(name)};
}

Result<Target> read_target(const json::Value& said) {
  for (const auto& [member, value] : json::members(said))
    if (std::ranges::find(members_known, std::string_view(member)) == std::end(members_known))
      return fail(Errc::invalid, "unknown member {}; known here: {}", std::string_view(member),
                  fmt::join(members_known, ", "));
  Target out{.arn = json::text(said, "Arn", ""), .said = said};
  out.id = json::text(said, "Id", out.arn);
  if (out.arn.empty()) return fail(Errc::invalid, "Arn is required");
  const auto* own = std::ranges::find_if(own_prefixes, [&](const auto& one) { return out.arn.starts_with(one.first); });
  if (own != own_prefixes.end()) {
    out.kind = own->second;
    out.name = out.arn.substr(own->first.size());
    if (out.name.empty()) return fail(Errc::invalid, "Arn: '{}' names nothing", out.arn);
  } else {
    CHECK_OK(read_aws(out));
  }
  out.message_group = json::text(json::at(said, {"SqsParameters", "MessageGroupId"}));
  out.dead_letter = json::text(json::at(said, {"DeadLetterConfig", "Arn"}));
  const auto& http = json::at(said, "HttpParameters");
  if (!http.is_null() && out.kind != Target::Kind::webhook) return fail(Errc::invalid, "HttpParameters are for webhooks");
  out.headers = texts_of(json::at(http, "HeaderParameters"));
  out.query = texts_of(json::at(http, "QueryStringParameters"));
  CHECK_OK(read_retry(json::at(said, "RetryPolicy"), out.retry));
  CHECK_OK(check_queues(out));
  return out;
}

std::string rule_arn(std::string_view rule) {
  return fmt::format("aright:rule/{}", rule);
}

json::Object to_json(const Delivery& delivery) {
  json::Object out{{"id", delivery.id},       {"rule", delivery.rule}, {"target", delivery.target.said},
                   {"event", delivery.event}, {"hops", delivery.hops}, {"accepted_ms", delivery.accepted.ms}};
  if (delivery.input != json::print(delivery.event)) out["input"] = delivery.input;
  if (!delivery.rule_arn.empty()) out["rule_arn"] = delivery.rule_arn;
  return out;
}

Result<Delivery> delivery_from_json(const json::Value& value) {
  auto target = TRY(read_target(json::at(value, "target")));
  Delivery out{.id = json::text(value, "id", ""),
               .rule = json::text(value, "rule", ""),
               .rule_arn = json::text(value, "rule_arn", ""),
               .target = std::move(target),
               .event = json::members(json::at(value, "event")),
               .input = "",
               .hops = static_cast<int>(json::integer(json::at(value, "hops"))),
               .accepted = {json::integer(json::at(value, "accepted_ms"))}};
  const auto& input = json::at(value, "input");
  out.input = input.is_null() ? json::print(out.event) : json::text(input);
  return out;
}

json::Object to_json(const DeadLetter& letter) {
  return {
      {"id", letter.id}, {"queue", letter.queue}, {"body", letter.body}, {"attributes", object_of(letter.attributes)}};
}

Result<DeadLetter> dead_letter_from_json(const json::Value& value) {
  DeadLetter out{.id = json::text(value, "id", ""),
                 .queue = json::text(value, "queue", ""),
                 .body = json::text(value, "body", ""),
                 .attributes = texts_of(json::at(value, "attributes"))};
  if (out.queue.empty()) return fail(Errc::corrupt, "a dead letter needs a queue");
  return out;
}

std::string_view error_code(const Error& error) {
  for (auto word : {"NonExistent", "DoesNotExist", "NotFound"})
    if (error.wire_code.find(word) != std::string::npos) return "NO_RESOURCE";
  switch (error.code) {
    case Errc::invalid:
      return error.wire_code.empty() ? "INVALID_JSON" : "INVALID_PARAMETER";
    case Errc::not_found:
      return "NO_RESOURCE";
    case Errc::denied:
      return "NO_PERMISSIONS";
    case Errc::throttled:
      return "THROTTLING";
    case Errc::conflict:
      return "RESOURCE_MODIFICATION_COLLISION";
    case Errc::unavailable:
      return error.http_status > 0 ? "ERROR_FROM_TARGET" : "CONNECTION_FAILURE";
    case Errc::deadline:
    case Errc::cancelled:
      return "TIMEOUT";
    case Errc::unsupported:
      return "SDK_CLIENT_ERROR";
    case Errc::corrupt:
    case Errc::drifted:
    case Errc::internal:
      return "INTERNAL_ERROR";
  }
  return "UNKNOWN";
}

std::variant<TryAgain, GiveUp> after_failure(const Delivery& delivery, const Error& error, int attempt,
                                             milliseconds wait, Timestamp now) {
  if (!is_passing(error)) return GiveUp{};
  if (attempt - 1 >= delivery.target.retry.retries_max) return GiveUp{.exhausted = "MaximumRetryAttempts"};
  if (now + wait > delivery.accepted + delivery.target.retry.age_max)
    return GiveUp{.exhausted = "MaximumEventAgeInSeconds"};
  return TryAgain{.due = now + wait};
}

DeadLetter dead_letter(const Delivery& delivery, const Error& error, int attempts, const GiveUp& why) {
  DeadLetter out{.id = delivery.id + "/dead-letter",
                 .queue = delivery.target.dead_letter,
                 .body = json::print(delivery.event),
                 .attributes = {{"RULE_ARN", delivery.rule_arn.empty() ? rule_arn(delivery.rule) : delivery.rule_arn},
                                {"TARGET_ARN", delivery.target.arn},
                                {"ERROR_CODE", std::string(error_code(error))},
                                {"ERROR_MESSAGE", error.message.empty() ? "no message" : error.message},
                                {"RETRY_ATTEMPTS", std::to_string(std::max(0, attempts - 1))}}};
  if (!why.exhausted.empty()) out.attributes["EXHAUSTED_RETRY_CONDITION"] = why.exhausted;
  return out;
}

}  // namespace aright::bus
