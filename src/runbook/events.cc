// What happens to an execution, and how it began, as JSON: the form in which the ledger keeps them.

#include <algorithm>
#include <array>

#include "runbook/machine.h"

namespace aright::runbook {

namespace {

constexpr std::array<Errc, 12> codes = {Errc::invalid,     Errc::not_found, Errc::denied,
                                        Errc::throttled,   Errc::conflict,  Errc::unavailable,
                                        Errc::deadline,    Errc::cancelled, Errc::corrupt,
                                        Errc::unsupported, Errc::drifted,   Errc::internal};

std::string_view retry_name(Retry retry) {
  switch (retry) {
    case Retry::never:
      return "never";
    case Retry::later:
      return "later";
    case Retry::unknown_outcome:
      return "unknown_outcome";
  }
  return "never";
}

json::Object error_json(const Error& error) {
  return {{"code", aright::name(error.code)}, {"message", error.message},
          {"retry", retry_name(error.retry)},       {"wire_code", error.wire_code},
          {"http_status", error.http_status}, {"number", error.number}};
}

Error error_of(const json::Value& value) {
  Error error{.message = json::text(value, "message", ""),
              .wire_code = json::text(value, "wire_code", ""),
              .http_status = static_cast<int>(json::integer(json::at(value, "http_status"))),
              .number = json::text(value, "number", "")};
  auto code = json::text(value, "code", "");
  auto found = std::ranges::find_if(codes, [&](Errc each) { return aright::name(each) == code; });
  if (found != codes.end()) error.code = *found;
  for (auto retry : {Retry::later, Retry::unknown_outcome})
    if (json::text(value, "retry", "") == retry_name(retry)) error.retry = retry;
  return error;
}

json::Object happening(const Returned& event) {
  json::Object told{{"type", "returned"}, {"token", event.token}, {"output", event.output}};
  if (event.http_status != Returned().http_status) told["http_status"] = event.http_status;
  if (event.error) told["error"] = error_json(*event.error);
  return told;
}
json::Object happening(const Woke& event) {
  return {{"type", "woke"}, {"token", event.token}};
}
json::Object happening(const Signalled& event) {
  return {{"type", "signalled"},
          {"signal", event.type},
          {"principal", event.principal},
          {"comment", event.comment},
          {"step", event.step}};
}
json::Object happening(const StopRequested& event) {
  json::Object told{{"type", "stop_requested"}, {"complete", event.complete}};
  if (!event.principal.empty()) told["principal"] = event.principal;
  if (!event.reason.empty()) told["reason"] = event.reason;
  return told;
}

}  // namespace

json::Object to_json(const Event& event) {
  auto told = std::visit([](const auto& what) { return happening(what); }, event.what);
  told["at"] = event.at.ms;
  return told;
}

Result<Event> event_from_json(const json::Value& value) {
  auto text = [&](std::string_view member) { return json::text(value, member, ""); };
  Event event{.at = {json::integer(json::at(value, "at"))}};
  auto type = text("type");
  if (type == "returned") {
    Returned returned{.token = text("token"), .output = json::at(value, "output")};
    const auto& error = json::at(value, "error");
    if (!error.is_null()) returned.error = error_of(error);
    returned.http_status = static_cast<int>(json::integer(json::at(value, "http_status"), returned.http_status));
    event.what = std::move(returned);
  } else if (type == "woke") {
    event.what = Woke{text("token")};
  } else if (type == "signalled") {
    event.what = Signalled{.type = text("signal"),
                           .principal = text("principal"),
                           .comment = text("comment"),
                           .step = text("step")};
  } else if (type == "stop_requested") {
    event.what = StopRequested{.complete = json::truth(json::at(value, "complete")),
                               .principal = text("principal"),
                               .reason = text("reason")};
  } else {
    return fail(Errc::corrupt, "'{}' is no event of an execution", type);
  }
  return event;
}

json::Object to_json(const Start& start) {
  json::Object told{{"execution_id", start.execution_id},
          {"account", start.account},
          {"region", start.region},
          {"partition", start.partition},
          {"parameters", start.parameters},
          {"executed_by", start.executed_by},
          {"parent", start.parent},
          {"depth", start.depth},
          {"at", start.at.ms},
          {"interactive", start.interactive},
          {"seed", start.seed}};
  if (start.run_at.ms != 0) told["run_at"] = start.run_at.ms;
  if (!start.about.empty()) told["about"] = start.about;
  return told;
}

Result<Start> start_from_json(const json::Value& value) {
  auto text = [&](std::string_view member) { return json::text(value, member, ""); };
  Start start{.execution_id = text("execution_id"),
              .account = text("account"),
              .region = text("region"),
              .partition = text("partition"),
              .parameters = json::members(json::at(value, "parameters")),
              .executed_by = text("executed_by"),
              .parent = text("parent"),
              .depth = static_cast<int>(json::integer(json::at(value, "depth"))),
              .at = {json::integer(json::at(value, "at"))},
              .run_at = {json::integer(json::at(value, "run_at"))},
              .interactive = json::truth(json::at(value, "interactive")),
              .seed = text("seed"),
              .about = json::members(json::at(value, "about"))};
  if (start.execution_id.empty()) return fail(Errc::corrupt, "an execution starts with its id");
  return start;
}

std::string_view name(Status status) {
  switch (status) {
    case Status::pending:
      return "Pending";
    case Status::in_progress:
      return "InProgress";
    case Status::waiting:
      return "Waiting";
    case Status::success:
      return "Success";
    case Status::timed_out:
      return "TimedOut";
    case Status::cancelling:
      return "Cancelling";
    case Status::cancelled:
      return "Cancelled";
    case Status::failed:
      return "Failed";
    case Status::exited:
      return "Exited";
  }
  return "Failed";
}

bool ended(Status status) {
  switch (status) {
    case Status::success:
    case Status::timed_out:
    case Status::cancelled:
    case Status::failed:
    case Status::exited:
      return true;
    case Status::pending:
    case Status::in_progress:
    case Status::waiting:
    case Status::cancelling:
      return false;
  }
  return false;
}

bool ended(std::string_view status) {
  constexpr Status all[] = {Status::success, Status::timed_out, Status::cancelled, Status::failed, Status::exited};
  return std::ranges::any_of(all, [&](Status one) { return name(one) == status; });
}

std::string_view token(const Command& command) {
  return std::visit(
      [](const auto& held) -> std::string_view {
        if constexpr (requires { held.token; }) return held.token;
        return "";
      },
      command);
}

}  // namespace aright::runbook
