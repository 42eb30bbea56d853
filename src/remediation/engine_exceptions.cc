// Exceptions: what nothing is done about by itself until they end.

#include <algorithm>

#include "remediation/engine.h"

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

std::optional<Exception> Engine::exception_of(const Finding& finding) const {
  auto now = clock_.now();
  if (auto held = policy_.exception_for(finding.control, finding.resource, now)) return held;
  return finding.exception && finding.exception->holds(now) ? finding.exception : std::nullopt;
}

Result<std::optional<Hold>> Engine::held_by_exception(const State& state) const {
  if (state.forced) return std::nullopt;
  auto found = TRY(finding(state.finding));
  auto exception = exception_of(found);
  if (!exception) return std::nullopt;
  return Hold{.until = exception->until, .reason = reason_of(*exception), .by_exception = true};
}

Result<> Engine::except(const FindingId& id, const Actor& actor, std::string message, Timestamp until) {
  auto found = TRY(finding(id));
  if (!found.open) return fail(Errc::conflict, "{} is resolved; an exception is for what is not", id.str());
  if (until <= clock_.now()) return fail(Errc::invalid, "the exception would be over already");
  const Exception exception{.message = std::move(message), .by = actor.name, .until = until};
  auto body = by(actor);
  body["message"] = exception.message;
  body["until"] = exception.until.iso();
  auto told = telling();
  told.about(found, entry::exception_set, std::move(body));
  if (!found.remediation.empty()) {
    auto current = TRY(remediation(found.remediation));
    if (may_wait(current))
      told.about(current, entry::decided,
                 {{"decision", name(Decision::deferred)},
                  {"reasons", json::Array{json::Value(reason_of(exception))}},
                  {"policy", policy_.hash},
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
  const auto* configuration = policy_.remediation_for(state.control);
  const auto attempts = state.attempted_at.size();
  if (!configuration || !configuration->automatic || state.forced || attempts == 0) return {};
  const auto counted = static_cast<std::size_t>(configuration->attempts_max);
  if (attempts < counted) return {};
  if (clock_.now() - state.attempted_at[attempts - counted] > configuration->retry_window) return {};
  auto found = TRY(finding(state.finding));
  told.about(found, entry::exception_set,
             {{"principal", "aright"},
              {"message", fmt::format("{} attempts within {} seconds came to nothing", counted,
                                      configuration->retry_window.count())},
              {"until", forever.iso()}});
  return {};
}

}  // namespace aright::remediation
