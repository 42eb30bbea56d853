#include "server/aws_services.h"

#include <array>

#include "base/id.h"
#include "bus/event.h"
#include "pattern/pattern.h"
#include "remediation/projection.h"

namespace aright::server {

namespace {

using remediation::Actor;
using remediation::Engine;

struct Turn {
  Engine& engine;
  const Signer& signer;
  const aws::Call& call;
  const Context& context;

  const json::Value& member(std::string_view name) const { return json::at(call.input, name); }
  std::string text(std::string_view name) const { return json::text(member(name)); }
  Actor actor() const { return {.name = signer.arn, .arn = signer.arn}; }
};

using Answer = Result<json::Object>;

std::unexpected<Error> refuse(const char* wire_code, std::string message, int status = 400) {
  return fail({.code = Errc::invalid, .message = std::move(message), .wire_code = wire_code, .http_status = status});
}

// As EventBridge counts it: a time is 14 bytes, however it is written.
std::size_t bytes_of(const json::Value& entry) {
  constexpr std::size_t time_bytes = 14;
  std::size_t bytes = json::at(entry, "Time").is_null() ? 0 : time_bytes;
  for (auto member : {"Source", "DetailType", "Detail"}) bytes += json::text(entry, member, "").size();
  for (const auto& resource : json::texts(json::at(entry, "Resources"))) bytes += resource.size();
  return bytes;
}

// Takes one event in. Entries that are refused do not stop the others, as with EventBridge.
Result<json::Object> take(const Turn& turn, const json::Object& entry) {
  auto envelope = bus::envelope(entry, turn.signer.account, turn.call.region, turn.engine.clock().now());
  if (!envelope) return fail(envelope.error());
  json::Object answer{{"EventId", json::at(*envelope, "id")}};
  auto bus = json::text(entry, "EventBusName", bus::default_bus);  // a name, or an ARN that ends with it
  bus = bus.substr(bus.rfind('/') + 1);
  CHECK_OK(turn.engine.accept_event(std::move(*envelope), {.bus = std::move(bus), .hops = 0, .at = {}}));
  return answer;
}

Answer put_events(const Turn& turn) {
  const auto& entries = json::items(turn.member("Entries"));
  if (entries.empty() || entries.size() > bus::put_events_entries_max)
    return refuse("ValidationException", fmt::format("PutEvents takes 1 to {} entries", bus::put_events_entries_max));
  std::size_t bytes = 0;
  for (const auto& entry : entries) bytes += bytes_of(entry);
  if (bytes > bus::put_events_bytes_max)
    return refuse("ValidationException",
                  fmt::format("The entries have more than {} bytes together", bus::put_events_bytes_max));
  json::Array out;
  std::int64_t failed = 0;
  for (const auto& entry : entries) {
    auto taken = take(turn, json::members(entry));
    if (!taken) ++failed;
    if (taken)
      out.push_back(std::move(*taken));
    else
      out.push_back(
          json::Object{{"ErrorCode", taken.error().wire_code.empty() ? "InternalFailure"
                                                                     : taken.error().wire_code},
                       {"ErrorMessage", taken.error().message}});
  }
  return json::Object{{"FailedEntryCount", failed}, {"Entries", std::move(out)}};
}

Answer test_event_pattern(const Turn& turn) {
  auto pattern = pattern::Pattern::parse(turn.text("EventPattern"));
  if (!pattern) return refuse("InvalidEventPatternException", "Event pattern is not valid. " + pattern.error().message);
  auto event = json::parse(turn.text("Event"));
  if (!event || !event->is_object()) return refuse("ValidationException", "Parameter Event is not valid.");
  for (auto member : {"id", "account", "source", "time", "region", "resources", "detail-type"})
    if (json::at(*event, member).is_null())
      return refuse("ValidationException", fmt::format("Parameter Event is not valid: it has no {}", member));
  return json::Object{{"Result", pattern->matches(*event)}};
}

// Each finding becomes the event that Security Hub would send about it.
Answer batch_import_findings(const Turn& turn) {
  constexpr std::size_t findings_max = 100;
  const auto& findings = json::items(turn.member("Findings"));
  if (findings.empty() || findings.size() > findings_max)
    return refuse("InvalidInputException", "BatchImportFindings takes 1 to 100 findings");
  json::Array failed;
  std::int64_t good = 0;
  for (const auto& finding : findings) {
    json::Object detail{{"findings", json::Array{finding}}};
    json::Object entry{{"Source", "aws.securityhub"},
                       {"DetailType", "Security Hub Findings - Imported"},
                       {"Detail", json::print(detail)},
                       {"Resources", json::Array{json::at(finding, "Id")}}};
    auto taken = take(turn, entry);
    if (taken) {
      ++good;
      continue;
    }
    failed.push_back(json::Object{{"Id", json::at(finding, "Id")}, {"ErrorCode", "InvalidInput"},
                                  {"ErrorMessage", taken.error().message}});
  }
  return json::Object{{"FailedCount", static_cast<std::int64_t>(failed.size())}, {"SuccessCount", good},
                      {"FailedFindings", std::move(failed)}};
}

// Executions are known outside by the UUID that AWS would give them.
Result<ExecutionId> find_execution(const Turn& turn) {
  auto wanted = turn.text("AutomationExecutionId");
  auto list = TRY(remediation::list_executions(turn.engine.ledger(), {}));
  for (const auto& item : list) {
    auto id = json::text(item, "id", "");
    if (id == wanted || uuid_from(id) == wanted) return ExecutionId::parse(id);
  }
  return refuse("AutomationExecutionNotFoundException", "There is no automation execution " + wanted);
}

Answer start_automation(const Turn& turn) {
  auto name = turn.text("DocumentName");
  auto missing = [&] {
    return refuse("AutomationDefinitionNotFoundException", "There is no automation document " + name);
  };
  json::Object for_each;
  for (const auto* member : {"Targets", "TargetMaps", "TargetLocations"})
    if (!turn.member(member).is_null()) for_each = turn.call.input;
  auto id = turn.engine.start_runbook(name, json::members(turn.member("Parameters")), turn.signer.account,
                                      turn.call.region, turn.actor(), turn.context, for_each,
                                      turn.text("Mode") == "Interactive");
  if (!id && id.error().code == Errc::not_found) return missing();
  if (!id && id.error().code == Errc::invalid)
    return refuse("InvalidAutomationExecutionParametersException", id.error().message);
  return json::Object{{"AutomationExecutionId", uuid_from(TRY(std::move(id)).str())}};
}

Answer get_automation(const Turn& turn) {
  auto id = TRY(find_execution(turn));
  auto execution = TRY(turn.engine.executor().describe(id));
  return json::Object{{"AutomationExecution", std::move(execution)}};
}

Answer send_signal(const Turn& turn) {
  auto id = TRY(find_execution(turn));
  const auto& payload = json::members(turn.member("Payload"));
  auto first = [&](std::string_view key) {
    auto list = json::texts(json::at(payload, key));
    return list.empty() ? std::string() : list[0];
  };
  auto sent = turn.engine.signal_execution(id, turn.text("SignalType"), first("StepName"),
                                           turn.actor(), first("Comment"));
  if (!sent && sent.error().wire_code.empty())
    return refuse("InvalidAutomationSignalException", sent.error().message);
  CHECK_OK(sent);
  return json::Object{};
}

Answer stop_automation(const Turn& turn) {
  auto id = TRY(find_execution(turn));
  CHECK_OK(turn.engine.executor().stop(id, turn.text("Type") == "Complete"));
  return json::Object{};
}

struct Ours {
  std::string_view service, operation;
  Answer (*answer)(const Turn&);
};

constexpr std::array table{
    Ours{"events", "PutEvents", put_events},
    Ours{"events", "TestEventPattern", test_event_pattern},
    Ours{"securityhub", "BatchImportFindings", batch_import_findings},
    Ours{"ssm", "StartAutomationExecution", start_automation},
    Ours{"ssm", "GetAutomationExecution", get_automation},
    Ours{"ssm", "SendAutomationSignal", send_signal},
    Ours{"ssm", "StopAutomationExecution", stop_automation},
};

}  // namespace

std::optional<Result<json::Object>> answer_aws(Engine& engine, const Signer& signer, const aws::Call& call,
                                               const Context& context) {
  for (const auto& ours : table)
    if (ours.service == call.service && ours.operation == call.operation)
      return ours.answer({engine, signer, call, context});
  return std::nullopt;
}

}  // namespace aright::server
