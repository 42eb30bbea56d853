// How people are asked, and what they answer.

#include "remediation/engine.h"

namespace aright::remediation {

namespace {

Error not_waiting(const State& state) {
  return {.code = Errc::conflict,
          .message = fmt::format("{} waits for no approval: it is {}", state.id.str(), name(state.stage))};
}

json::Object answer_by(const Actor& actor, const State& state, std::string comment) {
  auto body = by(actor);
  body["plan_hash"] = state.plan->hash;
  body["comment"] = std::move(comment);
  return body;
}

}  // namespace

Result<> Engine::ask(const State& state, const char* kind, const Request& request, std::string notice_kind,
                     std::size_t from_rung) {
  const auto* control = controls().find(state.control);
  auto body = to_json(request);
  body["plan_hash"] = state.plan->hash;
  auto told = telling();
  told.about(state, kind, body);
  body["agreed"] = state.approvals.size();
  body["may_break"] = control ? control->may_break : "";
  body["difference"] = json::to_json(state.plan->difference);
  auto asking = notice(state, std::move(notice_kind), "Approve the fix of " + what(state) + "?", std::move(body));
  for (const auto& channel : channels_of(policy().approvers, request, from_rung)) told.notify(channel, asking);
  ask_each(state, request, from_rung, asking, told);
  told.notify(std::move(asking));
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// Whoever could answer now is told in a channel of their own, with a link that answers; on a higher rung only those who
// could not before.
void Engine::ask_each(const State& state, const Request& request, std::size_t from_rung, const notify::Notice& asking,
                      Telling& told) const {
  auto may = [&](const Request& asked, const Principal& person) {
    return voice_of(policy().approvers, asked, state.approvals, state.requester, person.name, clock_.now()).has_value();
  };
  const auto* before = std::get_if<AwaitingApproval>(&state.stage);
  for (const auto& person : policy().principals) {
    if (person.tell.empty() || !policy().approver(person.name) || !may(request, person)) continue;
    if (from_rung > 0 && before && may(before->request, person)) continue;
    told.notify(person.tell, asking,
                AnswerLink{.remediation = state.id, .plan_hash = state.plan->hash, .person = person.name,
                           .expires = request.expires});
  }
}

Result<> Engine::ask_approval(const State& state) {
  return ask(state, entry::approval_requested, first_request(policy().approvers, state.ladder, clock_.now()),
             "approval_requested", 0);
}

Result<> Engine::escalate_approval(const State& state) {
  auto request = escalated(policy().approvers, std::get<AwaitingApproval>(state.stage).request, clock_.now());
  return ask(state, entry::approval_escalated, request, "approval_requested", request.rung);
}

Result<> Engine::remind_approvers(const State& state) {
  auto request = reminded(policy().approvers, std::get<AwaitingApproval>(state.stage).request, clock_.now());
  return ask(state, entry::approval_reminded, request, "approval_reminder", 0);
}

Result<> Engine::expire_approval(const State& state) {
  auto told = telling();
  told.about(state, entry::approval_expired, {});
  told.notify(notice(state, "escalated", "Nobody approved the fix of " + what(state) + " in time",
                     {{"escalation", name(Reason::unapproved)}}));
  CHECK_OK(told.commit());
  return {};
}

bool Engine::is_outdated(const State& state) const {
  return state.basis.empty() ? state.policy != policy().hash : state.basis != policy().hash_for(state.control);
}

Result<> Engine::outdate_approvals() {
  auto list = TRY(list_remediations(ledger_, {.status = "awaiting_approval", .parent = ""}));
  for (const auto& item : list) {
    auto id = TRY(RemediationId::parse(json::text(item, "id", "")));
    auto state = TRY(remediation(id));
    if (!is_outdated(state)) continue;
    CHECK_OK(tell(state, entry::outdated, {{"reason", other_policy}}));
  }
  return {};
}

Result<> Engine::answer(const State& state, const char* kind, json::Object body) {
  auto told = tell(state, kind, std::move(body));
  if (told || told.error().code != Errc::conflict) return told;
  // Somebody was quicker.
  auto now = TRY(remediation(state.id));
  return fail(Errc::conflict, "{} waits for no approval any more: it is {}", state.id.str(), name(now.stage));
}

// What an answer rests on is checked against the very state that it is appended to.
Result<> Engine::reply(const RemediationId& id, std::string_view plan_hash, const Reply& reply) {
  for (int attempt = 0; attempt < tell_attempts_max; ++attempt) {
    auto state = TRY(remediation(id));
    if (reply.link) CHECK_OK(check_holds(*reply.link, state, clock_.now()));
    const auto* waiting = std::get_if<AwaitingApproval>(&state.stage);
    if (!waiting || !state.plan) return fail(not_waiting(state));
    const auto& request = waiting->request;
    auto gone = why_let_go(state.control, state.resource.account);
    if (reply.approves && !gone.empty()) return fail(Errc::conflict, "{} is not done any more: {}", id.str(), gone);
    if (reply.approves && clock_.now() >= request.expires)
      return fail(Errc::conflict, "the time to approve {} is over", id.str());
    if (plan_hash != state.plan->hash)
      return fail(Errc::conflict, "the plan of {} is another one now; look at it again", id.str());
    auto body = answer_by(reply.actor, state, reply.comment);
    if (reply.approves || reply.link) {
      const auto& who = reply.actor.name;
      auto voice =
          TRY(voice_of(policy().approvers, request, state.approvals, state.requester, who, clock_.now()));
      if (voice != who) body["voice"] = voice;
    }
    if (!reply.approves) CHECK_OK(check_reason(reply.comment));
    if (reply.link) body["via"] = "link";
    auto told = answer(state, reply.approves ? entry::approved : entry::rejected, std::move(body));
    // Where several have to agree, who was quicker may have left room for one more voice.
    bool raced = !told && told.error().code == Errc::conflict && request.needed > 1;
    if (!raced) return told;
  }
  return fail(Errc::conflict, "{}: others kept answering; try again", id.str());
}

Result<> Engine::approve(const RemediationId& id, std::string_view plan_hash, const Actor& actor, std::string comment) {
  return reply(id, plan_hash, {.actor = actor, .approves = true, .comment = std::move(comment)});
}

Result<> Engine::reject(const RemediationId& id, std::string_view plan_hash, const Actor& actor, std::string comment) {
  return reply(id, plan_hash, {.actor = actor, .approves = false, .comment = std::move(comment)});
}

Result<> Engine::answer_by_link(const AnswerLink& link, bool approves, std::string comment) {
  const auto* person = policy().approver(link.person);
  if (!person)
    return fail({.code = Errc::denied, .message = link.person + " approves nothing any more", .number = "AR-0021"});
  if (link.is_for_step()) return answer_step(link, *person, approves, std::move(comment));
  return reply(link.remediation, link.plan_hash,
               {.actor = {.name = person->name, .arn = person->arn}, .approves = approves,
                .comment = std::move(comment), .link = &link});
}

Result<> Engine::answer_step(const AnswerLink& link, const Principal& person, bool approves, std::string comment) {
  auto waiting = TRY(executor().waiting_step(link.execution));
  CHECK_OK(check_holds(link, waiting ? &*waiting : nullptr, person, clock_.now()));
  bool pauses = waiting->kind == "pause";
  if (pauses && !approves) return fail(Errc::invalid, "a step that pauses is resumed, or let be");
  if (!approves) CHECK_OK(check_reason(comment));
  auto type = pauses ? "Resume" : approves ? "Approve" : "Reject";
  runbook::Signalled signalled{.type = type, .principal = signals_as(person),
                               .comment = std::move(comment), .step = link.step};
  auto said = executor().signal(link.execution, signalled, waiting->token);
  // They answered in another window, or the step waits no more.
  if (!said && (said.error().code == Errc::conflict || said.error().code == Errc::invalid))
    return fail({.code = Errc::conflict, .message = said.error().message, .number = "AR-0021"});
  CHECK_OK(said);
  nudge();
  return {};
}

}  // namespace aright::remediation
