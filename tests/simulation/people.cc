#include "people.h"

#include "base/text.h"
#include "policies.h"

namespace aright::simulation {

namespace {

constexpr std::uint64_t soon_s = 30, late_s = 6'000, too_late_s = 40'000;
constexpr std::uint64_t halt_s = 20;  // each waiting remediation looks every two seconds whether it is over

const Concern* concern_of(const Thing& thing, std::string_view control) {
  for (const auto& concern : thing.kind->concerns)
    if (concern.control == control) return &concern;
  return nullptr;
}

}  // namespace

std::string People::anybody() { return people[random_.below(people.size())]; }

Thing* People::thing_of(const Story& story) {
  const auto& resource = story.resource;
  return estate_.find(resource.account, resource.region, resource.type, resource.id);
}

void People::hear(const Story& story, const ledger::Entry& entry) {
  if (home_) return;
  const auto& kind = entry.kind;
  if (kind == "approval_requested" || kind == "approval_escalated") return asked(story);
  if (kind == "step_waiting") return step_asks(entry.stream, json::text(entry.body, "step", ""));
  if (kind == "resolved" || kind == "escalated") return resolved(story);
  bool left = kind == "closed" || kind == "rejected" || kind == "approval_expired" ||
              (kind == "decided" && story.decision == "manual");
  if (left) closed(story);
}

void People::agree(const std::string& remediation, const std::string& hash, const std::string& who, Timestamp at) {
  agenda_.put(at, [=, this] {
    if (auto id = RemediationId::parse(remediation))
      count(desk_().approve(*id, hash, person(who), "as agreed"));
  });
}

void People::asked(const Story& story) {
  auto now = clock_.now();
  const auto& id = story.id;
  auto hash = story.plan_hash;
  auto drawn = random_.below(100);
  auto when = now + (drawn % 2 == 0 ? within(soon_s) : within(late_s));
  if (drawn < 4) return;                                                  // nobody looks
  if (drawn < 10) {
    auto too_late = now + within(too_late_s);
    return agree(id, hash, anybody(), too_late);
  }
  if (drawn < 15) return agree(id, std::string(hash.rbegin(), hash.rend()), anybody(), when);
  if (drawn < 22) {
    auto who = anybody();
    return agenda_.put(when, [=, this] {
      if (auto parsed = RemediationId::parse(id)) count(desk_().reject(*parsed, hash, person(who), "not today"));
    });
  }
  if (drawn < 30) {  // one person tries to be two
    auto who = anybody();
    agree(id, hash, who, when);
    agree(id, hash, who, when + within(soon_s));
  }
  if (drawn == 30) {
    auto until = now + within(too_late_s);
    return later(within(late_s), [=, this, finding = story.finding] {
      if (auto parsed = FindingId::parse(finding))
        count(desk_().except(*parsed, person(anybody()), {.message = "not now", .by = {}, .until = until}));
    });
  }
  if (drawn < 45)  // others change the resource meanwhile
    if (auto* thing = thing_of(story))
      agenda_.put(now + within(soon_s), [this, thing] { estate_.edit(*thing, random_); });
  // As many as it may take, in any order.
  for (const auto* who : people)
    if (random_.below(10) < 7) agree(id, hash, who, when + within(late_s / 10));
}

void People::step_asks(const std::string& execution, const std::string& step) {
  auto drawn = random_.below(10);
  if (drawn == 0) return;
  const char* answer = drawn < 3 ? "Reject" : "Approve";
  std::string who = drawn < 5 ? anybody() : "ben";
  later(within(drawn % 2 == 0 ? soon_s : late_s), [=, this] {
    if (auto id = ExecutionId::parse(execution))
      count(desk_().signal_execution(*id, answer, step, person(who), "so they say"));
  });
}

void People::resolved(const Story& story) {
  auto drawn = random_.below(100);
  auto* thing = thing_of(story);
  if (drawn < 25 && story.executions > 0) {
    auto when = within(random_.below(2) == 0 ? soon_s : late_s);
    if (drawn < 12 && thing)
      later(milliseconds(when.count() / 2), [this, thing] { estate_.edit(*thing, random_); });
    auto who = anybody();
    later(when, [=, this, id = story.id] {
      if (auto parsed = RemediationId::parse(id)) count(desk_().roll_back(*parsed, person(who), "it broke the site"));
    });
  } else if (drawn < 60 && thing) {  // somebody undoes it
    const auto* concern = concern_of(*thing, story.control);
    later(within(late_s), [=, this] {
      if (!concern) return;
      estate_.breach(*thing, *concern);
      tell(*thing, *concern);
    });
  }
}

// What was left to people, somebody may ask for: after a look at the plan, which may be old by then.
void People::closed(const Story& story) {
  auto drawn = random_.below(100);
  auto who = anybody();
  if (drawn >= 90) {  // it is to stay as it is for a while
    auto until = clock_.now() + within(too_late_s);
    return later(within(late_s), [=, this, finding = story.finding] {
      auto id = FindingId::parse(finding);
      if (id) count(desk_().except(*id, person(who), {.message = "for a while", .by = {}, .until = until}));
    });
  }
  if (drawn >= 40) return;
  auto thinks = random_.below(2) == 0 ? milliseconds(0) : within(late_s);
  later(within(late_s), [=, this, finding = story.finding] {
    auto id = FindingId::parse(finding);
    auto plan = id ? desk_().plan(*id, person(who), {}) : fail(id.error());
    if (!plan) return void(++refused_);
    later(thinks, [=, this, id = *id, hash = plan->hash] {
      auto opened = desk_().fix(id, hash, person(who));
      if (!opened) ++refused_;
    });
  });
}

void People::tell(const Thing& thing, const Concern& concern) {
  auto serial = ++events_;
  json::Object event{{"id", fmt::format("event-{}", serial)},
                     {"source", "aws.config"},
                     {"detail-type", "Config Rules Compliance Change"},
                     {"account", thing.place.account},
                     {"region", thing.place.region},
                     {"time", clock_.now().iso_seconds()},
                     {"detail", json::Object{{"resourceType", thing.kind->type},
                                             {"resourceId", thing.id},
                                             {"configRuleName", concern.control},
                                             {"newEvaluationResult",
                                              json::Object{{"complianceType", "NON_COMPLIANT"}}}}}};
  auto times = 1 + (random_.below(5) == 0 ? 1 : 0);
  for (int i = 0; i < times; ++i)
    later(within(random_.below(4) == 0 ? late_s : soon_s), [this, event] {
      std::ignore = desk_().accept_event(event);
    });
}

void People::halt_and_resume() {
  gateway::Scope scope;
  const auto& place = estate_.places()[random_.below(estate_.places().size())];
  const auto& kind = kinds()[random_.below(kinds().size())];
  switch (random_.below(5)) {
    case 0: break;
    case 1: scope.account = place.account; break;
    case 2: scope.account = place.account, scope.region = place.region; break;
    case 3: scope.control = kind.concerns[0].control; break;
    default: scope.service = split(kind.make.call, ':')[0];
  }
  auto who = anybody();
  count(desk_().halt(scope, person(who), "an incident"));
  later(within(halt_s), [=, this] {
    count(random_.below(4) == 0 ? desk_().resume_all(person(who), "over") : desk_().resume(scope, person(who), "over"));
  });
}

}  // namespace aright::simulation
