#include "cloud/classify.h"

#include <algorithm>

#include "cloud/effect.h"
#include "cloud/target.h"

namespace aright::cloud {

std::string_view name(Effect effect) {
  switch (effect) {
    case Effect::read:
      return "read";
    case Effect::write:
      return "write";
    case Effect::create:
      return "create";
    case Effect::remove:
      return "remove";
    case Effect::action:
      return "action";
    case Effect::unknown:
      return "unknown";
  }
  return "unknown";
}

namespace {

// An operation that means several things is what it means at worst.
Effect graver(Effect left, Effect right) {
  for (auto effect : {Effect::remove, Effect::create, Effect::write})
    if (left == effect || right == effect) return effect;
  return left;
}

bool has(const Aspect& aspect, std::initializer_list<Mode> modes) {
  return std::ranges::any_of(aspect.writes, [&](const Write& write) {
    return std::ranges::find(modes, write.mode) != modes.end() && write.irreversible.empty() &&
           !write.decided && (write.compute.empty() || !write.at.empty() || !write.form.empty());
  });
}

// A set whose items are always there (the attributes of a load balancer): adding one changes it.
bool only_changes(const Aspect& aspect) {
  return aspect.set && aspect.initial && has(aspect, {Mode::add});
}

// It comes back to where it started, by itself: available → modifying → available.
bool returns(const Write& write) {
  return write.from.size() == 1 && write.from.front() == write.to;
}

// It is refused where there is something already, so that removing it leads back, whatever is lost with that.
bool comes_first(const Write& write) {
  return write.from.size() == 1 && write.from.front().is_null();
}
bool clears(const Aspect& aspect) {
  return std::ranges::any_of(aspect.writes, [](const Write& write) { return write.mode == Mode::clear; });
}

// Why there is no way back from this write, whatever the state before it; "" when there may be one.
std::string no_way_back(const Aspect& aspect, const Write& write) {
  if (!write.irreversible.empty()) return write.irreversible;
  bool way = false;
  switch (write.mode) {
    case Mode::clear:
      way = has(aspect, {Mode::replace, Mode::patch, Mode::entry, Mode::add, Mode::constant});
      break;
    case Mode::constant:
      way = returns(write) || std::ranges::any_of(aspect.writes, [&](const Write& other) {
              return other.mode != Mode::constant || other.to != write.to;
            });
      break;
    case Mode::replace:
      way = has(aspect, {Mode::replace}) || (has(aspect, {Mode::add}) && has(aspect, {Mode::drop})) ||
            (comes_first(write) && clears(aspect));
      break;
    case Mode::amend:
      way = true;
      break;
    case Mode::patch:
      way = has(aspect, {Mode::patch, Mode::replace});
      break;
    case Mode::add:
      way = has(aspect, {Mode::drop, Mode::replace}) || only_changes(aspect);
      break;
    case Mode::drop:
      way = has(aspect, {Mode::add, Mode::replace});
      break;
    case Mode::entry:
    case Mode::unentry:
      way = has(aspect, {Mode::entry});
      break;
  }
  return way ? "" : fmt::format("no described operation sets {} back", aspect.name);
}

// Why what the meaning makes or removes can't be taken back; "" for the other writes.
std::string no_way_back(const Meaning& meaning) {
  if (meaning.create != nullptr) {
    if (!meaning.create->irreversible.empty()) return meaning.create->irreversible;
    if (meaning.type->remove() == nullptr)
      return fmt::format("{} cannot be deleted", meaning.type->name);
    return "";
  }
  if (meaning.remove != nullptr)
    return meaning.remove->recreates
               ? ""
               : fmt::format("a deleted {} does not come back", meaning.type->name);
  return "";
}

std::string no_way_back(const Target& target, const aws::Call& call) {
  if (auto why = no_way_back(*target.meaning); !why.empty()) return why;
  if (target.meaning->create != nullptr)
    for (const auto& [member, why] : target.meaning->create->also)
      if (call.input.contains(member)) return why;
  if (target.meaning->create != nullptr || target.meaning->remove != nullptr) return "";
  for (auto [aspect, write] : target.meaning->writes) {
    if (!engages(*write, call.input)) continue;
    if (auto why = no_way_back(*aspect, *write); !why.empty()) return why;
  }
  return "";
}

// Why part of what a write does is not known; "" when all of it is.
std::string not_understood(const aws::Call& call, Effect effect, const Catalog& catalog) {
  if (effect == Effect::read || effect == Effect::unknown) return "";
  auto strangers = unexplained(call, catalog);
  if (!strangers.empty()) return fmt::format("{} is in no description", fmt::join(strangers, ", "));
  if (effect != Effect::write) return "";  // what was created is deleted whole
  auto members = unexplained_input(call, catalog);
  if (!members.empty())
    return fmt::format("what {} of {} changes is in no description", fmt::join(members, ", "),
                       call.name());
  // An attribute that no aspect is about, a rule named in a way that no function knows.
  bool engaged = std::ranges::any_of(
      catalog.meanings(call.service, call.operation), [&](const Meaning& meaning) {
        return std::ranges::any_of(
            meaning.writes, [&](const auto& pair) { return engages(*pair.second, call.input); });
      });
  return engaged ? "" : fmt::format("what this {} changes is in no description", call.name());
}

}  // namespace

Classification classify(const aws::Call& call, const Catalog& catalog) {
  Classification out;
  if (catalog.plain_read(call.service, call.operation)) {
    out.effect = Effect::read;
    return out;
  }
  if (catalog.plain_action(call.service, call.operation)) {
    out.effect = Effect::action;
    out.why_not = "what an action did cannot be undone";
    return out;
  }
  bool first = true;
  for (auto& target : targets(call, catalog)) {
    out.effect = first ? target.effect() : graver(out.effect, target.effect());
    first = false;
    if (out.why_not.empty() && target.effect() != Effect::read)
      out.why_not = no_way_back(target, call);
    Touch touch{.resource = std::move(target.ref)};
    for (const auto* aspect : aspects_of(target, call))
      touch.aspects.push_back(aspect->name);
    out.touches.push_back(std::move(touch));
  }
  if (out.why_not.empty()) out.why_not = not_understood(call, out.effect, catalog);
  if (out.effect == Effect::unknown)
    out.why_not = fmt::format("{} is in no description", call.name());
  out.invertible =
      out.effect != Effect::unknown && out.effect != Effect::read && out.why_not.empty();
  return out;
}

bool has_way_back(const Meaning& meaning) {
  if (meaning.create != nullptr || meaning.remove != nullptr) return no_way_back(meaning).empty();
  return std::ranges::any_of(meaning.writes,
                             [](const auto& one) { return no_way_back(*one.first, *one.second).empty(); });
}

}  // namespace aright::cloud
