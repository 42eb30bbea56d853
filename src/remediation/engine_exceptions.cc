// Exceptions: what nothing is done about by itself until they end.

#include <algorithm>

#include "remediation/engine.h"
#include "remediation/excepted.h"

namespace aright::remediation {

namespace {

// Nothing was started, so that it may wait as well.
bool may_wait(const State& state) {
  bool waits = std::holds_alternative<Opened>(state.stage) || std::holds_alternative<Deferred>(state.stage) ||
               std::holds_alternative<Planning>(state.stage) || std::holds_alternative<NeedingApproval>(state.stage) ||
               std::holds_alternative<AwaitingApproval>(state.stage) || std::holds_alternative<Ready>(state.stage) ||
               std::holds_alternative<Retrying>(state.stage);
  return waits && !state.forced;
}

}  // namespace

std::optional<Exception> Engine::exception_of(const Finding& finding,
                                              const std::map<std::string, std::string>& tags) const {
  return exception_at(policy(), finding, tags, clock_.now());
}

Result<std::optional<Hold>> Engine::held_by_exception(const State& state) const {
  if (state.forced) return std::nullopt;
  auto found = TRY(finding(state.finding));
  auto exception = exception_of(found, state.tags);
  if (!exception) return std::nullopt;
  return Hold{.until = exception->until, .reason = reason_of(*exception), .by_exception = true};
}

// Those of the policy may be others than before.
Result<> Engine::plant_exceptions() {
  for (const auto& item : TRY(list_remediations(ledger_, {.status = "deferred", .parent = ""}))) {
    auto state = TRY(remediation(TRY(RemediationId::parse(json::text(item, "id", "")))));
    if (state.excepted) CHECK_OK(wake_at(state.finding.str(), clock_.now()));
  }
  return {};
}

Result<> Engine::turn_finding(const std::string& stream, const Context& context) {
  auto id = TRY(FindingId::parse(stream));
  auto found = TRY(finding(id));
  State current;
  if (!found.remediation.empty()) current = TRY(remediation(found.remediation));
  auto exception = exception_of(found, current.tags);
  if (!exception || !found.open) return rest(stream, {}, std::nullopt);
  auto told = telling();
  auto now = clock_.now();
  if (auto broken = TRY(broken_promise(found, *exception, context)); !broken.empty()) {
    auto reason = fmt::format("the exception of {} is void: {}", exception->by, broken);
    told.about(found, entry::exception_voided, {{"exception", exception->key()}, {"reason", reason}});
    if (std::holds_alternative<Deferred>(current.stage) && current.excepted)
      told.about(current, entry::deferred, {{"until", now.iso()}, {"reason", reason}});
    tell_owner(found, *exception, "exception_void", reason, told);
  } else if (auto before = reminder_due(*exception, found, now)) {
    told.about(found, entry::exception_reminded, {{"exception", exception->key()}, {"before_s", before->count()}});
    auto subject = fmt::format("An exception for {} {} ends at {}", found.resource.type, found.resource.id,
                               exception->until.iso_seconds());
    tell_owner(found, *exception, "exception_ends", subject, told);
  }
  if (told.empty()) return rest(stream, {{stream, found.sequence}}, next_look(*exception, now));
  told.also(wake(stream, next_look(*exception, now).value_or(exception->until)));
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// Why what was to make up for it does not; "" when it does. What can't be read is no reason to act.
Result<std::string> Engine::broken_promise(const Finding& found, const Exception& exception,
                                           const Context& context) const {
  if (exception.compensating.empty()) return "";
  const auto* control = controls().find(exception.compensating);
  if (!control) return "there is no control " + exception.compensating + " any more";
  if (control->resource_type != found.resource.type)
    return fmt::format("{} judges {}, and this is {}", control->id, control->resource_type, found.resource.type);
  auto judged = TRY(detector().evaluate(exception.compensating, found.resource, context));
  if (judged.evaluation.compliance != rules::Compliance::non_compliant) return "";
  return fmt::format("{} is not met: {}", exception.compensating, judged.evaluation.annotation);
}

void Engine::tell_owner(const Finding& found, const Exception& exception, const char* kind, const std::string& subject,
                        Telling& told) const {
  notify::Notice notice{.id = fmt::format("{}/{}/{}", found.id.str(), kind, found.sequence),
                        .kind = kind,
                        .subject = subject,
                        .body = {{"finding", found.id.str()},
                                 {"control", found.control},
                                 {"resource", to_json(found.resource)},
                                 {"exception", to_json(exception)}}};
  if (policy().channel_named(exception.tell)) told.notify(exception.tell, notice);
  told.notify(std::move(notice));
}

Result<> Engine::except(const FindingId& id, const Actor& actor, Exception exception) {
  auto found = TRY(finding(id));
  if (!found.open) return fail(Errc::conflict, "{} is resolved; an exception is for what is not", id.str());
  if (exception.until <= clock_.now()) return fail(Errc::invalid, "the exception would be over already");
  if (!exception.compensating.empty() && !controls().find(exception.compensating))
    return fail(Errc::not_found, "there is no control {}", exception.compensating);
  exception.by = actor.name;
  auto body = to_json(exception);
  for (auto& [key, value] : by(actor)) body[key] = value;
  auto told = telling();
  told.also(wake(id.str(), clock_.now()));
  told.about(found, entry::exception_set, std::move(body));
  if (!found.remediation.empty()) {
    auto current = TRY(remediation(found.remediation));
    if (may_wait(current))
      told.about(current, entry::decided,
                 {{"decision", name(Decision::deferred)},
                  {"reasons", json::Array{json::Value(reason_of(exception))}},
                  {"policy", policy().hash},
                  {"until", exception.until.iso()},
                  {"excepted", true}});
  }
  CHECK_OK(told.commit());
  nudge();
  return {};
}

Result<> Engine::end_exception(const FindingId& id, const Actor& actor) {
  auto found = TRY(finding(id));
  if (!found.exception || !found.exception->holds(clock_.now()))
    return fail(Errc::not_found, "there is no exception for {}", id.str());
  auto told = telling();
  told.about(found, entry::exception_ended, by(actor));
  if (!found.remediation.empty()) {
    auto current = TRY(remediation(found.remediation));
    bool waits = std::holds_alternative<Deferred>(current.stage) && current.excepted;
    if (waits)
      told.about(current, entry::deferred,
                 {{"until", clock_.now().iso()}, {"reason", actor.name + " ended the exception"}});
  }
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// Attempts that came in no quick succession were each begun by what Config saw anew; then it would go on for ever, and
// here a person is told.
Result<> Engine::except_after_attempts(const State& state, Telling& told) {
  const auto* configuration = policy().remediation_for(state.control);
  const auto attempts = state.attempted_at.size();
  if (!configuration || !configuration->automatic || state.forced || attempts == 0) return {};
  const auto counted = static_cast<std::size_t>(configuration->attempts_max);
  if (attempts < counted) return {};
  if (clock_.now() - state.attempted_at[attempts - counted] > configuration->retry_window) return {};
  auto found = TRY(finding(state.finding));
  told.about(found, entry::exception_set,
             {{"principal", engine_name},
              {"message", fmt::format("{} attempts within {} seconds came to nothing", counted,
                                      configuration->retry_window.count())},
              {"until", forever.iso()}});
  return {};
}

}  // namespace aright::remediation
