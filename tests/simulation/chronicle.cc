#include "chronicle.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

namespace aright::simulation {

namespace {

using remediation::Limit;
using remediation::Resource;

constexpr std::string_view rollback_suffix = ".rollback";

std::string text(const json::Value& body, std::string_view member) { return json::text(body, member, ""); }

// AWS::S3:: of AWS::S3::Bucket.
std::string_view service_of(std::string_view type) { return type.substr(0, type.rfind("::") + 2); }

// Whether two starts count under the same limit.
bool together(Limit::Of of, const std::string& control, const Resource& one, const std::string& other_control,
              const Resource& other) {
  switch (of) {
    case Limit::Of::control: return control == other_control;
    case Limit::Of::account: return one.account == other.account;
    case Limit::Of::region: return one.account == other.account && one.region == other.region;
    case Limit::Of::service:
      return one.account == other.account && service_of(one.type) == service_of(other.type);
    case Limit::Of::type: return one.account == other.account && one.type == other.type;
    case Limit::Of::everything: break;
  }
  return true;
}

bool concerns(const Limit& limit, const Story& story) {
  switch (limit.of) {
    case Limit::Of::control: return glob_match(limit.value, story.control);
    case Limit::Of::account: return glob_match(limit.value, story.resource.account);
    case Limit::Of::region: return glob_match(limit.value, story.resource.region);
    case Limit::Of::service: return glob_match(limit.value + "::*", story.resource.type);
    case Limit::Of::type: return glob_match(limit.value, story.resource.type);
    case Limit::Of::everything: break;
  }
  return true;
}

}  // namespace

std::string key_of(const json::Value& call) {
  return fmt::format("{}:{} {} {} {}", text(call, "service"), text(call, "operation"), text(call, "account"),
                     text(call, "region"), json::canonical(json::at(call, "input")));
}

const Story* Chronicle::find(std::string_view id) const {
  auto found = stories_.find(id);
  return found == stories_.end() ? nullptr : &found->second;
}

const Story* Chronicle::owner_of(std::string_view stream) const {
  if (stream.ends_with(rollback_suffix)) return find(stream.substr(0, stream.size() - rollback_suffix.size()));
  auto found = owners_.find(stream);
  return found == owners_.end() ? nullptr : find(found->second);
}

bool Chronicle::halted(const Story& story, std::string_view service) const {
  auto fits = [](const std::string& wanted, std::string_view is) { return wanted.empty() || wanted == is; };
  return std::ranges::any_of(halts_, [&](const Halt& halt) {
    return fits(halt.account, story.resource.account) && fits(halt.region, story.resource.region) &&
           fits(halt.service, service) && fits(halt.control, story.control);
  });
}

void Chronicle::read(const ledger::Entry& entry) {
  if (entry.stream == "engine") return note_halt(entry);
  if (entry.kind == "exception_set")
    exceptions_[entry.stream] = parse_timestamp(text(entry.body, "until")).value_or(remediation::forever);
  if (entry.kind == "exception_ended") exceptions_.erase(entry.stream);
  if (entry.kind == "scanned")
    for (const auto& [control, judgements] : json::members(json::at(entry.body, "controls"))) {
      auto& sum = judged_[control] = 0;
      for (const auto& [compliance, count] : json::members(judgements))
        if (compliance == "COMPLIANT" || compliance == "NON_COMPLIANT") sum += json::integer(count);
    }
  if (entry.kind == "step_waiting")
    if (const auto* story = owner_of(entry.stream); story && on_news) on_news(*story, entry);
  if (!entry.stream.starts_with("rem_") || entry.stream.ends_with(rollback_suffix)) return;
  auto& story = stories_[entry.stream];
  read_story(story, entry);
  story.last = entry.kind;
  story.reason = text(entry.body, "reason");
  ++counts[entry.kind];
  if (on_news) on_news(story, entry);
}

void Chronicle::read_story(Story& story, const ledger::Entry& entry) {
  const auto& body = entry.body;
  const auto& kind = entry.kind;
  if (kind == "remediation_opened") {
    story.id = entry.stream;
    story.finding = text(body, "finding");
    story.control = text(body, "control");
    story.severity = text(body, "severity");
    story.requester = text(body, "requester");
    story.forced = json::truth(json::at(body, "forced"));
    if (auto resource = remediation::resource_from_json(json::at(body, "resource"))) story.resource = *resource;
    for (const auto& [key, value] : json::members(json::at(body, "tags"))) story.tags[key] = json::text(value);
  } else if (kind == "decided") {
    story.decision = text(body, "decision");
    story.ladder = text(body, "ladder");
    story.policy = text(body, "policy");
  } else if (kind == "planned") {
    take_plan(story, entry);
  } else if (kind == "plan_voided" || kind == "outdated" || kind == "retry_scheduled") {
    story.plan_hash.clear();
    story.voices.clear();
    story.asked = false;
    if (!text(body, "execution").empty()) {  // others came in between: it ended there
      busy_.erase(story.resource.key());
      story.execution.clear();
    }
  } else if (kind == "approval_requested" || kind == "approval_escalated") {
    auto rung = static_cast<std::size_t>(json::integer(json::at(body, "rung")));
    const auto& ladders = policy_->approvers.ladders;
    auto ladder = ladders.find(story.ladder);
    if (rung > 0 && ladder != ladders.end() && rung == story.rung + 1 &&
        entry.time < story.asked_at + ladder->second[story.rung].wait)
      accuse_("the next group was asked too early", entry.stream);
    story.asked = true;
    story.rung = rung;
    story.asked_at = entry.time;
  } else if (kind == "approved") {
    if (text(body, "plan_hash") != story.plan_hash) accuse_("an approval of another plan counts", entry.stream);
    story.voices.push_back({text(body, "principal"), json::text(body, "voice", text(body, "principal")), entry.time});
  } else if (kind == "execution_started") {
    judge_start(story, entry);
  } else if (kind == "execution_ended") {
    busy_.erase(story.resource.key());
    story.execution.clear();
  } else if (kind == "rollback_requested") {
    story.rollback_asked = true;
    if (text(body, "principal").empty()) accuse_("nobody asked for the rollback", entry.stream);
  }
  note_outcome(story, entry);
}

// Sealed: the hash is that of the plan.
void Chronicle::take_plan(Story& story, const ledger::Entry& entry) {
  auto plan = json::members(json::at(entry.body, "plan"));
  story.plan_hash = json::text(plan, "hash");
  plan.erase("hash");
  if (to_hex(sha256(json::canonical(plan))) != story.plan_hash) accuse_("the plan is not sealed", entry.stream);
  story.writes.clear();
  for (const auto& write : json::items(json::at(plan, "writes"))) ++story.writes[key_of(write)];
  story.unrehearsed = !json::items(json::at(plan, "unrehearsed")).empty();
  story.voices.clear();
  story.asked = false;
  story.rung = 0;
}

void Chronicle::judge_start(Story& story, const ledger::Entry& entry) {
  story.execution = text(entry.body, "execution");
  ++story.executions;
  owners_[story.execution] = story.id;
  if (story.plan_hash.empty() || text(entry.body, "plan_hash") != story.plan_hash)
    accuse_("it started without a plan that holds", entry.stream);
  judge_agreement(story, entry);
  auto [held, free] = busy_.try_emplace(story.resource.key(), story.id);
  if (!free && held->second != story.id) accuse_("the resource is being worked on by " + held->second, entry.stream);
  if (halted(story, "") && !policy_->targets.empty()) accuse_("it started while halted", entry.stream);
  auto exception = exceptions_.find(story.finding);
  if (exception != exceptions_.end() && entry.time < exception->second && !story.forced)
    accuse_("it started during an exception", entry.stream);
  judge_limits(story, entry.time);
  judge_canary(story);
  judge_freezes(story, entry.time);
  judge_breaker(story, entry.time);
  starts_.push_back({story.control, story.resource, entry.time});
}

void Chronicle::judge_agreement(const Story& story, const ledger::Entry& entry) const {
  auto accuse = [&](const std::string& what) { accuse_(what, entry.stream); };
  if (story.policy != policy_->hash) accuse("it was decided under another policy");
  if (story.decision != "automatic" && story.decision != "approval") accuse("it was decided " + story.decision);
  if (story.decision != "approval" && !story.unrehearsed) return;
  if (!story.asked) return accuse("nobody was asked");
  int needed = 1;
  std::set<std::string> asked;
  auto ladder = policy_->approvers.ladders.find(story.ladder);
  if (ladder != policy_->approvers.ladders.end()) {
    needed = ladder->second.at(story.rung).needed;
    for (std::size_t i = 0; i <= story.rung; ++i)
      for (const auto& member : policy_->approvers.groups.at(ladder->second[i].group).members) asked.insert(member);
  }
  std::set<std::string> persons, voices;
  for (const auto& voice : story.voices) {
    persons.insert(voice.person);
    voices.insert(voice.whose);
    if (voice.person == story.requester || voice.whose == story.requester) accuse("who asked for it agreed to it");
    if (!asked.empty() && !asked.contains(voice.whose)) accuse(voice.whose + " was not asked");
    bool lent = std::ranges::any_of(policy_->approvers.delegations, [&](const auto& one) {
      return one.from == voice.whose && one.to == voice.person && one.begins <= voice.at && voice.at < one.ends;
    });
    if (voice.person != voice.whose && !lent) accuse(voice.person + " does not speak for " + voice.whose);
    if (voice.at >= story.asked_at + policy_->approvers.expires && story.rung == 0) accuse("an approval came too late");
  }
  if (persons.size() != story.voices.size() || voices.size() != story.voices.size()) accuse("somebody counts twice");
  if (std::cmp_less(persons.size(), needed)) accuse(fmt::format("{} of {} agreed", persons.size(), needed));
}

void Chronicle::judge_limits(const Story& story, Timestamp now) {
  for (const auto& limit : policy_->brakes.limits) {
    if (!concerns(limit, story)) continue;
    if (limit.running != 0) {
      judge_running(limit, story);
      continue;
    }
    std::int64_t allowed = limit.starts;
    if (limit.percent != 0) {
      auto counted = judged_.find(story.control);
      allowed = std::max<std::int64_t>(1, counted == judged_.end() ? 1 : counted->second * limit.percent / 100);
    }
    std::int64_t started = 1;  // this one
    for (auto start = starts_.rbegin(); start != starts_.rend() && start->at > now - limit.window; ++start)
      if (together(limit.of, story.control, story.resource, start->control, start->resource)) ++started;
    if (started > allowed)
      accuse_(fmt::format("{} starts in {} s, and the limit of {} {} is {}", started, limit.window.count(),
                          remediation::name(limit.of), limit.value, allowed), story.id);
  }
}

void Chronicle::judge_running(const remediation::Limit& limit, const Story& story) const {
  std::int64_t running = 0;  // with this one
  for (const auto& [id, other] : stories_)
    if (!other.execution.empty() && together(limit.of, story.control, story.resource, other.control, other.resource))
      ++running;
  if (running > limit.running)
    accuse_(fmt::format("{} are under way, and the limit of {} {} is {}", running, remediation::name(limit.of),
                        limit.value, limit.running), story.id);
}

// As long as no fix of a control was good, or since the last one that was not, no more than the first wave go at once.
void Chronicle::judge_canary(const Story& story) const {
  const auto* target = policy_->target_for(story.resource.account);
  auto tags = story.tags;
  if (target) tags.insert(target->tags.begin(), target->tags.end());
  const auto* canary = remediation::canary_of(policy_->brakes.canaries, {.control = story.control,
                                                                         .severity = story.severity,
                                                                         .resource = story.resource,
                                                                         .tags = tags});
  if (!canary || story.forced) return;
  auto known = endings_.find(story.control);
  if (known != endings_.end() && !known->second.empty() && known->second.back().good) return;
  std::int64_t running = 0;
  for (const auto& [id, other] : stories_)
    if (!other.execution.empty() && other.control == story.control) ++running;
  if (running > canary->waves[0].count)
    accuse_(fmt::format("{} go at once, and the first wave is {}", running, canary->waves[0].count), story.id);
}

void Chronicle::judge_freezes(const Story& story, Timestamp now) const {
  for (const auto& freeze : policy_->brakes.freezes) {
    if (now < freeze.from || now >= freeze.until) continue;
    if (std::ranges::find(freeze.except_severities, story.severity) != freeze.except_severities.end()) continue;
    bool here = freeze.accounts.empty() ||
                std::ranges::find(freeze.accounts, story.resource.account) != freeze.accounts.end();
    const auto* target = policy_->target_for(story.resource.account);
    for (const auto& [key, pattern] : freeze.tags) {
      auto own = story.tags.find(key);
      auto value = own != story.tags.end() ? own->second
                   : target && target->tags.contains(key) ? target->tags.at(key) : "";
      here = here && glob_match(pattern, value);
    }
    if (here) accuse_("it started during the freeze " + freeze.name, story.id);
  }
}

void Chronicle::judge_breaker(const Story& story, Timestamp now) const {
  const auto& breaker = policy_->brakes.breaker;
  auto failures = static_cast<std::size_t>(breaker.failures);
  auto known = endings_.find(story.control);
  if (failures == 0 || known == endings_.end() || known->second.size() < failures) return;
  const auto& all = known->second;
  if (std::any_of(all.end() - breaker.failures, all.end(), [](const Ending& one) { return one.good; })) return;
  auto failed = all.back().at;
  if (failed + breaker.pause > now) return accuse_("it started while the breaker was open", story.id);
  for (auto start = starts_.rbegin(); start != starts_.rend() && start->at > failed; ++start)
    if (start->control == story.control && start->at + breaker.pause > now)
      return accuse_("it started while another was on trial", story.id);
}

void Chronicle::note_outcome(const Story& story, const ledger::Entry& entry) {
  if (story.executions == 0) return;
  bool good = entry.kind == "resolved";
  bool taken_back = entry.kind == "rollback_requested" && json::truth(json::at(entry.body, "by_itself"));
  if (good || entry.kind == "retry_scheduled" || entry.kind == "escalated" || taken_back)
    endings_[story.control].push_back({good, entry.time});
}

void Chronicle::note_halt(const ledger::Entry& entry) {
  const auto& scope = json::at(entry.body, "scope");
  Halt halt{text(scope, "account"), text(scope, "region"), text(scope, "service"), text(scope, "control")};
  if (entry.kind == "halted") halts_.insert(halt);
  if (entry.kind != "resumed") return;
  if (json::truth(json::at(entry.body, "all"))) halts_.clear();
  else halts_.erase(halt);
}

}  // namespace aright::simulation
