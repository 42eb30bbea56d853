#include "remediation/approvals.h"

#include <algorithm>

#include "base/text.h"
#include "remediation/story.h"

namespace aright::remediation {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view one) {
  return std::ranges::find(list, one) != list.end();
}

// The rung's group is asked beside those before it.
void ask(const Approvers& approvers, const Rung& rung, bool last, Timestamp now, Request& request) {
  if (auto group = approvers.groups.find(rung.group); group != approvers.groups.end())
    for (const auto& member : group->second.members)
      if (!contains(request.asked, member)) request.asked.push_back(member);
  request.needed = rung.needed;
  request.escalates.reset();
  if (!last) request.escalates = now + rung.wait;
}

const Ladder* ladder_of(const Approvers& approvers, const std::string& name) {
  auto found = approvers.ladders.find(name);
  return found == approvers.ladders.end() || found->second.empty() ? nullptr : &found->second;
}

// Whom they may speak for: themselves first.
std::vector<std::string> voices(const Approvers& approvers, const Request& request, std::string_view person,
                                Timestamp now) {
  std::vector<std::string> out;
  if (request.asked.empty() || contains(request.asked, person)) out.emplace_back(person);
  for (const auto& delegation : approvers.delegations) {
    bool holds = delegation.to == person && delegation.begins <= now && now < delegation.ends;
    if (holds && contains(request.asked, delegation.from)) out.push_back(delegation.from);
  }
  return out;
}

}  // namespace

json::Object to_json(const Request& request) {
  json::Object out{{"expires", request.expires.iso()}, {"needed", request.needed}};
  if (!request.ladder.empty()) {
    out["ladder"] = request.ladder;
    out["rung"] = request.rung;
    out["asked"] = json::Array(request.asked.begin(), request.asked.end());
  }
  if (request.escalates) out["escalates"] = request.escalates->iso();
  if (request.reminds) out["reminds"] = request.reminds->iso();
  return out;
}

Request request_from_json(const json::Value& value) {
  return {.ladder = json::text(value, "ladder", ""),
          .rung = static_cast<std::size_t>(std::max<std::int64_t>(0, json::integer(json::at(value, "rung"), 0))),
          .needed = static_cast<int>(json::integer(json::at(value, "needed"), 1)),
          .asked = json::texts(json::at(value, "asked")),
          .expires = time_at(value, "expires").value_or(Timestamp{}),
          .escalates = time_at(value, "escalates"),
          .reminds = time_at(value, "reminds")};
}

Request first_request(const Approvers& approvers, const std::string& ladder, Timestamp now) {
  Request request{.ladder = ladder, .asked = {}, .expires = now + approvers.expires, .escalates = {}, .reminds = {}};
  const auto* rungs = ladder_of(approvers, ladder);
  if (rungs) ask(approvers, rungs->front(), rungs->size() == 1, now, request);
  return reminded(approvers, std::move(request), now);
}

Request escalated(const Approvers& approvers, Request request, Timestamp now) {
  request.escalates.reset();
  const auto* rungs = ladder_of(approvers, request.ladder);
  if (!rungs || request.rung + 1 >= rungs->size()) return request;
  ++request.rung;
  ask(approvers, (*rungs)[request.rung], request.rung + 1 == rungs->size(), now, request);
  return reminded(approvers, std::move(request), now);
}

Request reminded(const Approvers& approvers, Request request, Timestamp now) {
  request.reminds.reset();
  bool again = approvers.remind.count() > 0 && now + approvers.remind < request.expires;
  if (again) request.reminds = now + approvers.remind;
  return request;
}

std::vector<std::string> channels_of(const Approvers& approvers, const Request& request, std::size_t from) {
  std::vector<std::string> out;
  const auto* rungs = ladder_of(approvers, request.ladder);
  for (auto rung = from; rungs && rung <= request.rung && rung < rungs->size(); ++rung) {
    auto group = approvers.groups.find((*rungs)[rung].group);
    if (group == approvers.groups.end() || group->second.tell.empty() || contains(out, group->second.tell)) continue;
    out.push_back(group->second.tell);
  }
  return out;
}

Result<> check_reason(std::string_view comment) {
  if (!trim(comment).empty()) return {};
  return fail(Errc::invalid,
              "say why you reject it, for whoever asked: with -m, as `comment`, or as Comment of the payload");
}

Result<std::string> voice_of(const Approvers& approvers, const Request& request, const std::vector<Approval>& given,
                             std::string_view requester, std::string_view person, Timestamp now) {
  auto own = [&] {
    return fail({.code = Errc::denied,
                 .message = "who asked for a fix does not approve it; another approver has to",
                 .number = "AR-0012"});
  };
  if (person == requester) return own();
  auto allowed = voices(approvers, request, person, now);
  if (allowed.empty())
    return fail({.code = Errc::denied,
                 .message = fmt::format("{} is not asked; those who are: {}", person, fmt::join(request.asked, ", ")),
                 .number = "AR-0019"});
  auto counted = [&](std::string_view name) {
    return std::ranges::any_of(given, [&](const Approval& one) { return one.principal == name || one.voice == name; });
  };
  bool spoke = std::ranges::any_of(given, [&](const Approval& one) { return one.principal == person; });
  bool only_requester = true;
  for (const auto& voice : allowed) {
    if (voice == requester) continue;
    only_requester = false;
    if (!spoke && !counted(voice)) return voice;
  }
  if (only_requester) return own();
  return fail({.code = Errc::conflict,
               .message = fmt::format("{} agreed already; {} of {} have, and another person has to", person,
                                      given.size(), request.needed),
               .number = "AR-0020"});
}

}  // namespace aright::remediation
