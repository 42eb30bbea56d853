// What became of a write whose answer never came: judge() of image.h.

#include <algorithm>

#include "cloud/description_check.h"
#include "cloud/effect.h"
#include "cloud/image.h"
#include "cloud/locate.h"
#include "cloud/merge.h"
#include "cloud/reading.h"
#include "cloud/target.h"

namespace aright::cloud {

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::applied:
      return "applied";
    case Outcome::not_applied:
      return "not applied";
    case Outcome::drifted:
      return "drifted";
  }
  return "drifted";
}

namespace {

// What several observations say together; nothing: no observation yet.
class Verdict {
 public:
  void add(Outcome outcome) {
    outcome_ = !outcome_ || *outcome_ == outcome ? outcome : Outcome::drifted;
  }
  // Nothing was to change, and the service may have refused for that reason: only its answer tells.
  void add_vain() { vain_ = true; }
  Outcome outcome() const {
    return outcome_.value_or(vain_ ? Outcome::not_applied : Outcome::applied);
  }

 private:
  std::optional<Outcome> outcome_;
  bool vain_ = false;
};

// Whether a service may refuse this write where it has nothing to do: add what is there, take away what is not.
bool may_be_in_vain(const Target& target, const Aspect& aspect, const aws::Call& call) {
  for (auto [written, write] : target.meaning->writes) {
    if (written != &aspect || !engages(*write, call.input)) continue;
    switch (write->mode) {
      case Mode::add:
      case Mode::drop:
      case Mode::unentry:
      case Mode::clear: return true;
      case Mode::patch:
      case Mode::entry:
      case Mode::amend:
      case Mode::replace:
      case Mode::constant: break;
    }
  }
  return false;
}

// Writes of single pieces say nothing about the others: what somebody else did to those does not
// matter.
bool writes_pieces(const Target& target, const Aspect& aspect, const aws::Call& call) {
  bool pieces = true;
  for (auto [written, write] : target.meaning->writes) {
    if (written != &aspect || !engages(*write, call.input)) continue;
    switch (write->mode) {
      case Mode::patch:
      case Mode::add:
      case Mode::drop:
      case Mode::entry:
      case Mode::unentry:
      case Mode::amend:
        pieces = pieces && write->compute.empty();
        break;
      case Mode::replace:
      case Mode::constant:
      case Mode::clear:
        pieces = false;
        break;
    }
  }
  return pieces;
}

Outcome judge_piece(const json::Change& change, const json::Value& now) {
  const auto* is = json::pointer_get(now, change.pointer);
  auto equal = [&](const std::optional<json::Value>& value) {
    return is == nullptr ? !value : value && json::equal(*is, *value);
  };
  return equal(change.after)    ? Outcome::applied
         : equal(change.before) ? Outcome::not_applied
                                : Outcome::drifted;
}

void judge_aspect(const Target& target, const Aspect& aspect, const aws::Call& call, const json::Value& before,
                  const json::Value& applied, const json::Value& now, Verdict& verdict) {
  const auto& is = arrived(aspect, now);
  if (same(aspect, is, applied)) {
    if (!same(aspect, before, applied))
      verdict.add(Outcome::applied);
    else if (may_be_in_vain(target, aspect, call))
      verdict.add_vain();
  } else if (same(aspect, now, before)) {
    verdict.add(Outcome::not_applied);
  } else if (writes_pieces(target, aspect, call)) {
    auto whole = comparable(aspect, is);
    for (const auto& change : pieces(aspect, before, applied))
      verdict.add(judge_piece(change, whole));
  } else {
    verdict.add(Outcome::drifted);
  }
}

void judge_resource(const Target& target, const aws::Call& call, const ResourceImage& before,
                    const ResourceImage& applied, const ResourceImage& now, Verdict& verdict) {
  if (before.exists != applied.exists) {
    verdict.add(now.exists == applied.exists ? Outcome::applied : Outcome::not_applied);
    return;
  }
  if (now.exists != before.exists) {
    verdict.add(Outcome::drifted);
    return;
  }
  bool creates_again = target.effect() == Effect::create && now.exists && !target.meaning->create->updates;
  bool removes_again = target.effect() == Effect::remove && !now.exists;
  if (creates_again || removes_again) return verdict.add_vain();
  const auto known = informed(target, call, before.aspects);
  for (const auto* aspect : aspects_of(target, call)) {
    if (!aspect->token.empty() || aspect->follows()) continue;  // nobody knows what it will be
    auto was = before.aspects.find(aspect->name), goal = applied.aspects.find(aspect->name),
         is = now.aspects.find(aspect->name);
    if (was == before.aspects.end() || goal == applied.aspects.end() || is == now.aspects.end()) {
      verdict.add(Outcome::drifted);
      continue;
    }
    auto expected = after_call(target, *aspect, known, was->second, is->second);
    judge_aspect(target, *aspect, call, was->second, expected, is->second, verdict);
  }
}

// Whether a new member is as the call would have made it.
Result<bool> looks_made_by(aws::Caller& caller, const Target& target, const ResourceRef& ref,
                           const aws::Call& call, const Context& context, const Catalog& catalog) {
  Reading reading(caller, target.type(), ref, context, catalog);
  for (const auto* aspect : aspects_of(target, call)) {
    auto goal = after_call(target, *aspect, call, nullptr);
    if (goal.is_null()) continue;
    auto is = TRY(reading.ahead(*aspect));
    if (!same(*aspect, arrived(*aspect, is), goal)) return false;
  }
  return true;
}

// What the lost answer held of the new resource, as far as a view shows it now: where name and shape, or the whole
// shape, are the very same.
Result<json::Object> answer_about(aws::Caller& caller, const Target& target, const ResourceRef& ref,
                                  const aws::Call& call, const Context& context, const Catalog& catalog) {
  const auto& type = target.type();
  const auto& view = type.get ? type.get : type.list;
  auto service = catalog.models().service(call.service);
  if (!view || !service) return json::Object{};
  auto created = service->operation(call.operation), viewed = service->operation(view->op.name);
  auto item = viewed ? shape_at(viewed->output(), view->at) : std::nullopt;
  if (!created || !created->output() || !item) return json::Object{};
  auto shown = TRY(Reading(caller, type, ref, context, catalog).shown());
  if (!shown) return json::Object{};
  json::Object output;
  for (const auto& member : created->output().members()) {
    auto inside = item->type() == model::Type::structure ? item->member(member.name()) : std::nullopt;
    if (member.shape() == *item)
      output[member.name()] = *shown;
    else if (inside && inside->shape() == member.shape() && json::members(*shown).contains(member.name()))
      output[member.name()] = json::at(*shown, member.name());
  }
  return output;
}

// A creation whose answer is lost is recognised by the one new member that looks like it. Anything
// less clear counts as drifted: making it twice would be worse.
Result<Judgement> judge_birth(aws::Caller& caller, const Target& target, const aws::Call& call,
                              const Image& before, const Image& now, const Context& context,
                              const Catalog& catalog) {
  auto old = before.members.find(target.ref.key());
  auto current = now.members.find(target.ref.key());
  if (old == before.members.end() || current == now.members.end() ||
      target.meaning->create->id.empty())
    return Judgement{.outcome = Outcome::drifted};
  std::vector<std::string> fresh, likely;
  std::ranges::set_difference(current->second, old->second, std::back_inserter(fresh));
  if (fresh.empty()) return Judgement{.outcome = Outcome::not_applied};
  for (const auto& id : fresh) {
    auto ref = target.ref;
    ref.id = id;
    bool likeness = TRY(looks_made_by(caller, target, ref, call, context, catalog));
    if (likeness) likely.push_back(id);
  }
  if (likely.size() != 1) return Judgement{.outcome = Outcome::drifted};
  auto ref = target.ref;
  ref.id = likely.front();
  json::Value output = TRY(answer_about(caller, target, ref, call, context, catalog));
  target.meaning->create->id.set(output, json::Value(key_parts(target.type(), ref.id).back()));
  return Judgement{.outcome = Outcome::applied, .output = std::move(output.as_object())};
}

}  // namespace

Result<Judgement> judge(aws::Caller& caller, const aws::Call& call, const Image& before,
                        const Context& context, const Catalog& catalog) {
  auto concerned = targets(call, catalog);
  // Nobody can read back what an undescribed call did.
  if (concerned.empty()) return Judgement{.outcome = Outcome::drifted};
  auto now = TRY(read_again(caller, before, context, catalog));
  auto applied = predict(call, before, {}, catalog);
  Verdict verdict;
  json::Object output;
  for (const auto& target : concerned) {
    if (target.effect() == Effect::read) continue;
    if (target.births()) {
      auto birth = TRY(judge_birth(caller, target, call, before, now, context, catalog));
      verdict.add(birth.outcome);
      output = std::move(birth.output);
      continue;
    }
    const auto *was = before.find(target.ref), *goal = applied.find(target.ref),
               *is = now.find(target.ref);
    if (was == nullptr || goal == nullptr || is == nullptr)
      verdict.add(Outcome::drifted);
    else
      judge_resource(target, call, *was, *goal, *is, verdict);
    if (target.effect() == Effect::create && verdict.outcome() == Outcome::applied)
      output = TRY(answer_about(caller, target, target.ref, call, context, catalog));
  }
  return Judgement{.outcome = verdict.outcome(), .output = std::move(output)};
}

}  // namespace aright::cloud
