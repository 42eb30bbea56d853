// What a call made of an image, and the way back: predict(), inverse() and take_back() of image.h.

#include <algorithm>

#include "cloud/effect.h"
#include "cloud/image.h"
#include "cloud/locate.h"
#include "cloud/merge.h"
#include "cloud/target.h"

namespace aright::cloud {

namespace {

constexpr std::string_view no_way_back_number = "AR-0005";

std::unexpected<Error> unsupported(std::string why) {
  return fail(
      {.code = Errc::unsupported, .message = std::move(why), .number = std::string(no_way_back_number)});
}

// What the call makes of a text, which the answer may say otherwise than the input: a key's ARN, of its alias.
json::Value as_answered(const Target& target, const Aspect& aspect, const aws::Call& call, const json::Object& output,
                        const json::Value& old, json::Value made) {
  if (!made.is_string()) return made;
  const json::Value input(call.input);
  for (auto [written, write] : target.meaning->writes) {
    if (written != &aspect || write->mode != Mode::replace || !engages(*write, call.input)) continue;
    if (write->at.get(input) != made) continue;
    const json::Value answer(output);
    const auto& told = write->at.get(answer);
    if (told.is_string() && told != old) return told;
  }
  return made;
}

void predict_one(const Target& target, const aws::Call& call, const json::Object& output, ResourceImage& image) {
  if (target.effect() == Effect::remove) {
    image = {.resource = image.resource, .exists = false};
    return;
  }
  if (const auto* create = target.meaning->create) {
    if (image.exists && !create->updates) return;  // refused, or the same answer again
    image.exists = true;
  }
  if (!image.exists) return;  // refused: there is nothing to change
  if (renamed(target, call) != nullptr) {
    image = {.resource = image.resource, .exists = false};
    return;
  }
  const auto known = informed(target, call, image.aspects);
  for (const auto* aspect : aspects_of(target, call)) {
    auto& value = image.aspects[aspect->name];
    value = as_answered(target, *aspect, call, output, value, after_call(target, *aspect, known, value));
  }
}

void predict_births(const ResourceRef& collection, const std::vector<ResourceRef>& refs, Image& image) {
  auto known = image.members.find(collection.key());
  if (known == image.members.end()) return;
  for (const auto& ref : refs)
    known->second.push_back(ref.id);
  std::ranges::sort(known->second);
  known->second.erase(std::ranges::unique(known->second).begin(), known->second.end());
}

// One call being taken back.
class Retreat {
 public:
  Retreat(const aws::Call& call, const Image& before, const json::Object& output, const Image& now,
          const Catalog& catalog)
      : call_(call),
        before_(before),
        output_(output),
        now_(now),
        applied_(predict(call, before, output, catalog)),
        unknown_input_(fmt::to_string(fmt::join(unexplained_input(call, catalog), ", "))) {}

  Result<> target(const Target& target) {
    if (target.effect() == Effect::read) return {};
    if (target.births()) return births(target);
    if (!target.one())
      return unsupported(fmt::format("{} names no {}", call_.name(), target.ref.type));
    const auto* was = before_.find(target.ref);
    const auto* is = now_.find(target.ref);
    if (was == nullptr || is == nullptr)
      return unsupported(
          fmt::format("there is no before-image of {} {}", target.ref.type, target.ref.id));
    if (target.effect() == Effect::remove) return removal(target, *was, *is);
    if (target.effect() == Effect::create && !was->exists) return creation(target, is->exists);
    if (target.effect() == Effect::create && !target.meaning->create->updates) return {};
    if (target.effect() == Effect::create && !unknown_input_.empty())
      return unsupported(
          fmt::format("what {} of {} changes is in no description", unknown_input_, call_.name()));
    return aspects(target, *was, *is);
  }

  TakeBack done() && { return {joined(std::move(calls_)), std::move(conflicts_)}; }

  // Calls that must name the state they change do so as it was read last, or as the call answered.
  void match(const Catalog& catalog) {
    for (auto& call : calls_) {
      for (const auto& target : targets(call, catalog)) {
        const auto* match = target.meaning->match();
        if (match == nullptr) continue;
        const auto* is = now_.find(target.ref);
        const auto* aspect = target.type().aspect(match->aspect);
        json::Value token;
        if (is != nullptr)
          if (auto known = is->aspects.find(aspect->name); known != is->aspects.end())
            token = known->second;
        if (token.is_null()) token = aspect->told_by(call_.operation, json::Value(output_));
        if (!token.is_null()) call.input[match->member] = std::move(token);
      }
    }
  }

 private:
  void conflict(const Target& target) { conflicts_.push_back(target.pointer()); }

  Result<> births(const Target& target) {
    auto refs = born(target, output_);
    if (refs.empty())
      return unsupported(fmt::format("it is not known which {} was created", target.ref.type));
    for (const auto& [member, why] : target.meaning->create->also)
      if (call_.input.contains(member)) return unsupported(why);
    auto members = now_.members.find(target.ref.key());
    for (const auto& ref : refs) {
      if (std::ranges::count(key_parts(target.type(), ref.id), "") > 0)
        return unsupported(fmt::format("the call names what {} is of otherwise than by its id", target.ref.type));
      if (!key_parts(target.type(), ref.id).back().starts_with(target.type().id_prefix()))
        return unsupported(fmt::format("the {} that was created has no id yet: {}", target.ref.type, ref.id));
      bool there = members == now_.members.end() ||
                   std::ranges::find(members->second, ref.id) != members->second.end();
      CHECK_OK(remove(target, ref, there));
    }
    return {};
  }

  Result<> creation(const Target& target, bool there) { return remove(target, target.ref, there); }

  Result<> remove(const Target& target, const ResourceRef& ref, bool there) {
    const auto& create = *target.meaning->create;
    if (!there) return {};  // somebody was here before us
    if (!create.irreversible.empty()) return unsupported(create.irreversible);
    const auto* remove = target.type().remove();
    if (remove == nullptr) return unsupported(fmt::format("{} cannot be deleted", ref.type));
    calls_.push_back(address(target.type(), remove->op, ref));
    return {};
  }

  Result<> removal(const Target& target, const ResourceImage& was, const ResourceImage& is) {
    if (!was.exists) return {};
    if (is.exists) {
      if (is != was) conflict(target);  // not removed, or made anew by somebody
      return {};
    }
    if (!target.meaning->remove->recreates || target.type().create() == nullptr)
      return unsupported(fmt::format("a deleted {} does not come back", target.ref.type));
    if (!was.unreadable.empty())
      return unsupported(fmt::format("{} of {} could not be read before it was deleted",
                                     was.unreadable.begin()->first, target.ref.id));
    return recreate(target, was);
  }

  Result<> recreate(const Target& target, const ResourceImage& was) {
    const auto& type = target.type();
    const auto& create = *type.create();
    auto made = address(type, create.op, target.ref);
    json::Value input = std::move(made.input);
    std::vector<aws::Call> later;
    for (const auto& aspect : type.aspects) {
      auto found = was.aspects.find(aspect.name);
      if (found == was.aspects.end()) continue;
      auto given = creation_path(create, aspect);
      if (given && !found->second.is_null()) {
        put(*given, found->second, input);
      } else if (!given && aspect.mutable_after_creation()) {
        auto calls =
            TRY(transition(aspect, target.ref, aspect.initial.value_or(nullptr), found->second));
        std::ranges::move(calls, std::back_inserter(later));
      }
    }
    made.input = std::move(input.as_object());
    calls_.push_back(std::move(made));
    std::ranges::move(later, std::back_inserter(calls_));
    return {};
  }

  // Beside the members that name the resource.
  static void put(const Path& at, const json::Value& value, json::Value& input) {
    const auto& there = at.get(input);
    if (!there.is_object() || !value.is_object()) return at.set(input, value);
    auto all = there.get_object();
    for (const auto& [name, member] : value.get_object())
      all[name] = member;
    at.set(input, std::move(all));
  }

  // Where the create call takes the aspect as it is.
  static std::optional<Path> creation_path(const Creation& create, const Aspect& aspect) {
    auto found = create.takes.find(aspect.name);
    if (found != create.takes.end() && found->second.is_string() &&
        placeholders(found->second).empty())
      if (auto path = Path::parse(found->second.get_string())) return *path;
    for (const auto& write : aspect.writes)
      if (write.op.name == create.op.name && write.compute.empty() && write.to.is_null() &&
          (write.mode == Mode::replace || write.mode == Mode::patch))
        return write.at;
    return std::nullopt;
  }

  Result<> aspects(const Target& target, const ResourceImage& was, const ResourceImage& is) {
    if (!was.exists) return {};
    if (renamed(target, call_) != nullptr) return renaming(target, was, is);
    if (!is.exists) {
      conflict(target);
      return {};
    }
    const auto* applied = applied_.find(target.ref);
    const auto known = informed(target, call_, was.aspects);
    auto touched = aspects_of(target, call_);
    std::ranges::sort(touched);  // as the description has them: what must be set back first stands first
    for (const auto* aspect : touched) {
      if (!aspect->token.empty() || aspect->follows()) continue;  // no write sets it back
      auto old = was.aspects.find(aspect->name);
      if (old == was.aspects.end())
        return unsupported(
            fmt::format("{} of {} was not read before the call", aspect->name, target.ref.id));
      if (same(*aspect, old->second, applied->aspects.at(aspect->name))) continue;
      auto current = is.aspects.find(aspect->name);
      if (current == is.aspects.end())
        return unsupported(fmt::format("{} of {} cannot be read", aspect->name, target.ref.id));
      auto goal = as_answered(target, *aspect, call_, output_, old->second,
                              after_call(target, *aspect, known, old->second, current->second));
      CHECK_OK(this->aspect(target, *aspect, old->second, goal, current->second));
    }
    return {};
  }

  // What has another id since is set back under that one, where it is still there.
  Result<> renaming(const Target& target, const ResourceImage& was, const ResourceImage& is) {
    if (is.exists) {
      if (is != was) conflict(target);  // not replaced, or changed by somebody
      return {};
    }
    auto ref = new_name(target, call_, json::Value(output_));
    if (!ref) ref = the_one_that_came(target);
    if (!ref) return unsupported(fmt::format("it is not known which id {} has now", target.ref.id));
    auto members = now_.members.find(collection_of(target.ref).key());
    if (members != now_.members.end() && std::ranges::find(members->second, ref->id) == members->second.end()) {
      conflict(target);
      return {};
    }
    for (auto [aspect, write] : target.meaning->writes) {
      auto old = was.aspects.find(aspect->name);
      if (!engages(*write, call_.input) || old == was.aspects.end()) continue;
      auto calls = TRY(transition(*aspect, *ref, apply(*aspect, *write, call_.input, old->second), old->second));
      std::ranges::move(calls, std::back_inserter(calls_));
    }
    return {};
  }

  // The answer is lost; there is one more than before.
  std::optional<ResourceRef> the_one_that_came(const Target& target) const {
    const auto collection = collection_of(target.ref);
    auto before = before_.members.find(collection.key()), now = now_.members.find(collection.key());
    if (before == before_.members.end() || now == now_.members.end()) return std::nullopt;
    std::vector<std::string> fresh;
    std::ranges::set_difference(now->second, before->second, std::back_inserter(fresh));
    if (fresh.size() != 1) return std::nullopt;
    auto ref = target.ref;
    ref.id = fresh.front();
    return ref;
  }

  Result<> aspect(const Target& target, const Aspect& aspect, const json::Value& was,
                  const json::Value& applied, const json::Value& is) {
    for (auto [written, write] : target.meaning->writes)
      if (written == &aspect && engages(*write, call_.input) && !write->irreversible.empty())
        return unsupported(write->irreversible);
    auto merge = revert(aspect, was, applied, is);
    for (const auto& pointer : merge.conflicts)
      conflicts_.push_back(target.pointer() + "/" + json::pointer_escape(aspect.name) + pointer);
    auto calls = TRY(transition(aspect, target.ref, is, merge.merged));
    std::ranges::move(calls, std::back_inserter(calls_));
    return {};
  }

  const aws::Call& call_;
  const Image& before_;
  const json::Object& output_;
  const Image& now_;
  const Image applied_;
  const std::string unknown_input_;
  std::vector<aws::Call> calls_;
  std::vector<std::string> conflicts_;
};

}  // namespace

Image predict(const aws::Call& call, const Image& before, const json::Object& output,
              const Catalog& catalog) {
  auto after = before;
  for (const auto& target : targets(call, catalog)) {
    if (target.effect() == Effect::read) continue;
    if (target.births()) predict_births(target.ref, born(target, output), after);
    if (auto name = new_name(target, call, json::Value(output)))
      predict_births(collection_of(target.ref), {*name}, after);
    for (auto& one : after.resources)
      if (one.resource == target.ref) predict_one(target, call, output, one);
  }
  return after;
}

Result<TakeBack> take_back(const aws::Call& call, const Image& before, const json::Object& output,
                           const Image& now, const Catalog& catalog) {
  auto what = classify(call, catalog);
  if (what.reads()) return TakeBack{};
  if (!what.invertible) return unsupported(what.why_not);
  Retreat retreat(call, before, output, now, catalog);
  for (const auto& target : targets(call, catalog))
    CHECK_OK(retreat.target(target));
  retreat.match(catalog);
  return std::move(retreat).done();
}

namespace {

// The state that a call answered: what the next write must name.
Image renewed(Image now, const aws::Call& call, const json::Object& output,
              const Catalog& catalog) {
  const json::Value root = output;
  for (const auto& target : targets(call, catalog)) {
    const auto* match = target.meaning->match();
    const auto* aspect = match == nullptr ? nullptr : target.type().aspect(match->aspect);
    if (aspect == nullptr) continue;
    const auto& token = aspect->told_by(call.operation, root);
    for (auto& one : now.resources)
      if (one.resource == target.ref && !token.is_null()) one.aspects[aspect->name] = token;
  }
  return now;
}

}  // namespace

Result<std::vector<aws::Call>> inverse(const aws::Call& call, const Image& before,
                                       const json::Object& output, const Catalog& catalog) {
  auto now = renewed(predict(call, before, output, catalog), call, output, catalog);
  auto back = TRY(take_back(call, before, output, now, catalog));
  return std::move(back.calls);
}

}  // namespace aright::cloud
