#include "sandbox/overlay.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "cloud/classify.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/target.h"
#include "sandbox/below.h"
#include "sandbox/cloud_state.h"
#include "sandbox/rehearsed_commands.h"
#include "sandbox/window.h"

namespace aright::sandbox {

namespace {

bool not_emulated(const Result<json::Object>& output) { return !output && output.error().http_status == 501; }

// Whether the input says this text anywhere.
void collect_texts(const json::Value& value, std::set<std::string, std::less<>>& out) {
  if (value.is_string()) out.emplace(value.get_string());
  for (const auto& item : json::items(value))
    collect_texts(item, out);
  for (const auto& [name, member] : json::members(value))
    collect_texts(member, out);
}

}  // namespace

struct Overlay::Impl {
  Impl(aws::Caller& caller, OverlayOptions options_, const Clock& clock_)
      : options(std::move(options_)),
        memory(caller),
        catalog(options.catalog ? *options.catalog : cloud::Catalog::embedded()),
        below(memory, catalog, clock_.now()),
        clock(clock_),
        began(clock_.now()),
        stage({.account = options.account,
               .seed = options.seed,
               .catalog = &catalog,
               .models = options.models},
              clock_) {}

  Result<json::Object> call(aws::Call call, const Context& context);
  Result<json::Object> read(const aws::Call& call, const Context& context);
  Result<json::Object> write(const aws::Call& call, cloud::Classification classification,
                             const Context& context);
  bool arrives(const cloud::ResourceRef& ref, const cloud::Aspect& aspect, const json::Value& value) const;
  Result<std::string> changed_unforeseen(const RehearsedWrite& write, const Context& context);
  Result<json::Object> unrehearsable(const aws::Call& call, cloud::Classification classification, std::string why,
                                     cloud::Image before = {});
  json::Object send_command(const aws::Call& call, cloud::Classification classification);
  Result<json::Object> on_stage(const aws::Call& call, const Context& context);
  bool staged(const cloud::Target& target) const;
  bool under_way(const cloud::Target& target, const aws::Call& call) const;
  bool names_staged(const aws::Call& call) const;
  const Error* unreadable(const cloud::Classification& classification) const;
  void note_unreadable(const cloud::Classification& classification);
  Result<> remember_real(const cloud::Image& before, const Context& context);
  cloud::Image originals_of_changed() const;

  OverlayOptions options;
  Remembering memory;
  const cloud::Catalog& catalog;
  Below below;
  const Clock& clock;
  Timestamp began;
  Cloud stage;
  World* world = nullptr;  // the stage's

  std::mutex mutex;  // guards all
  std::vector<RehearsedWrite> writes;
  std::vector<std::string> notes;
  bool made_up_answers = false;
  RehearsedCommands commands;
  cloud::Image real;  // before-images, as the real cloud has them
};

Overlay::Overlay(aws::Caller& below, OverlayOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(below, std::move(options), clock)) {
  impl_->world = &impl_->stage.impl_->world;
  impl_->world->look_in(impl_->below);
}
Overlay::~Overlay() = default;

Result<json::Object> Overlay::call(const aws::Call& call, const Context& context) {
  std::lock_guard lock(impl_->mutex);
  return impl_->call(call, context);
}

Result<json::Object> Overlay::ask_stage(const aws::Call& call, const Context& context) {
  std::lock_guard lock(impl_->mutex);
  impl_->below.use(context);
  return impl_->on_stage(call, context);
}

Result<json::Object> Overlay::Impl::call(aws::Call call, const Context& context) {
  if (call.account.empty()) call.account = options.account;
  below.use(context);
  auto classification = cloud::classify(call, catalog);
  if (RehearsedCommands::sends(call)) return send_command(call, std::move(classification));
  if (auto told = commands.answer(call)) return std::move(*told);
  switch (classification.effect) {
    case cloud::Effect::read:
      return read(call, context);
    case cloud::Effect::write:
    case cloud::Effect::create:
    case cloud::Effect::remove:
      return write(call, std::move(classification), context);
    case cloud::Effect::action:
      return unrehearsable(call, std::move(classification),
                           fmt::format("{} acts outside of what is described", call.name()));
    case cloud::Effect::unknown:
      return unrehearsable(call, std::move(classification),
                           fmt::format("what {} changes is not known", call.name()));
  }
  return read(call, context);
}

// What the real cloud will say to it nobody knows: whoever looks into the answer finds nothing there.
Result<json::Object> Overlay::Impl::unrehearsable(const aws::Call& call, cloud::Classification classification,
                                                  std::string why, cloud::Image before) {
  if (options.unrehearsed == Unrehearsed::refuse)
    return fail(Errc::unsupported, "{} cannot be rehearsed: {}", call.name(), why);
  made_up_answers = true;
  notes.push_back(why);
  writes.push_back({.call = call,
                    .output = {},
                    .before = std::move(before),
                    .after = {},
                    .classification = std::move(classification),
                    .why_irreversible = std::move(why)});
  return json::Object();
}

// One of the plan's writes, which nothing takes back; and what comes of it nobody can say before.
json::Object Overlay::Impl::send_command(const aws::Call& call, cloud::Classification classification) {
  auto output = commands.send(call);
  made_up_answers = true;
  notes.push_back(RehearsedCommands::unknown_of(call));
  writes.push_back({.call = call,
                    .output = output,
                    .before = {},
                    .after = {},
                    .classification = std::move(classification),
                    .why_irreversible = "what a command does on an instance is not taken back"});
  return output;
}

Result<json::Object> Overlay::Impl::on_stage(const aws::Call& call, const Context& context) {
  auto output = stage.call(call, context);
  if (below.failure())
    return wrap(*below.failure(), "the stage could not be set for {}", call.name());
  return output;
}

// Whether what the target shows may be otherwise on stage: it, what it belongs to, or what decides
// over it was changed.
bool Overlay::Impl::staged(const cloud::Target& target) const {
  const auto& type = target.type();
  if (target.one() ? world->changed(target.ref) : world->changed_any(target.ref)) return true;
  for (const auto& name : type.depends) {
    auto singleton = target.ref;
    singleton.type = name;
    singleton.id.clear();
    if (const auto* known = catalog.type(name);
        known != nullptr && world->changed_any(cloud::at_home(*known, singleton)))
      return true;
  }
  const auto* parent = type.parent.empty() ? nullptr : catalog.type(type.parent);
  if (parent == nullptr || target.ref.id.empty()) return false;
  auto parts = cloud::key_parts(type, target.ref.id);
  parts.resize(parent->key.size());
  auto above = target.ref;
  above.type = parent->name;
  above.id = cloud::join_key(parts);
  return world->changed(above);
}

// Whether it was on its way when it was first seen: as the rehearsal's time passes it gets on, and below it stands
// still.
bool Overlay::Impl::under_way(const cloud::Target& target, const aws::Call& call) const {
  if (clock.now() <= began) return false;
  bool has_course = std::ranges::any_of(target.type().aspects, [](const cloud::Aspect& aspect) {
    auto slow = [](const cloud::Write& write) { return !write.via.is_null(); };
    return !aspect.becomes.is_null() || std::ranges::any_of(aspect.writes, slow);
  });
  if (!has_course) return false;
  auto moves = [&](const cloud::ResourceRef& ref) {
    const auto* resource = world->find(ref);
    return resource != nullptr && !resource->coming.empty();
  };
  if (target.one()) return moves(target.ref);
  // A list may be narrowed to some by their ids.
  std::set<std::string, std::less<>> texts;
  collect_texts(json::Value(call.input), texts);
  return std::ranges::any_of(texts, [&](const std::string& text) {
    auto ref = target.ref;
    ref.id += text;
    return text.starts_with(target.type().id_prefix()) && cloud::names_one(target.type(), ref) && moves(ref);
  });
}

// A plain read tells nothing of what it is about. It is answered on stage when it names something
// that was changed.
bool Overlay::Impl::names_staged(const aws::Call& call) const {
  std::set<std::string, std::less<>> texts;
  collect_texts(json::Value(call.input), texts);
  for (const auto* type : catalog.types()) {
    if (type->service != call.service) continue;
    for (const auto& text : texts) {
      cloud::ResourceRef ref{call.account, call.region, type->name, text};
      if (world->changed(cloud::at_home(*type, ref))) return true;
    }
  }
  return false;
}

const Error* Overlay::Impl::unreadable(const cloud::Classification& classification) const {
  for (const auto& touch : classification.touches)
    for (const auto& aspect : touch.aspects)
      if (const auto* error = below.unreadable(touch.resource, aspect)) return error;
  return nullptr;
}

// What is written without being known as it was: its change is not known either, and so no part of the difference.
void Overlay::Impl::note_unreadable(const cloud::Classification& classification) {
  for (const auto& touch : classification.touches)
    for (const auto& aspect : touch.aspects) {
      const auto* error = below.unreadable(touch.resource, aspect);
      if (error == nullptr) continue;
      auto note = fmt::format("{} of {} {} could not be read, and so what changes of it is not known: {}", aspect,
                              touch.resource.type, touch.resource.id, error->text());
      if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
    }
}

Result<json::Object> Overlay::Impl::read(const aws::Call& call, const Context& context) {
  auto targets = cloud::targets(call, catalog);
  auto here_too = [&](const cloud::Target& one) { return staged(one) || under_way(one, call); };
  bool here = targets.empty() ? names_staged(call) : std::ranges::any_of(targets, here_too);
  if (!here) return memory.call(call, context);
  auto output = on_stage(call, context);
  if (not_emulated(output))
    notes.push_back(fmt::format("{} looks at what was changed, and cannot be rehearsed: {}", call.name(),
                                output.error().message));
  if (const auto* error = unreadable(cloud::classify(call, catalog));
      error != nullptr && !below.failure())
    return fail(*error);
  return output;
}

// Notes how the real cloud has what is about to be changed, unless that is known, or only exists on
// stage.
Result<> Overlay::Impl::remember_real(const cloud::Image& before, const Context& context) {
  cloud::Image wanted;
  for (auto one : before.resources) {
    if (world->changed(one.resource) && below.original(one.resource) == nullptr) continue;
    const auto* known = real.find(one.resource);
    if (known != nullptr) {
      std::erase_if(one.aspects,
                    [&](const auto& aspect) { return known->aspects.contains(aspect.first); });
      if (one.aspects.empty()) continue;
    }
    wanted.resources.push_back(std::move(one));
  }
  auto read = TRY(cloud::read_again(memory, wanted, context, catalog));
  for (auto& one : read.resources) {
    auto known = std::ranges::find(real.resources, one.resource, &cloud::ResourceImage::resource);
    if (known == real.resources.end()) {
      real.resources.push_back(std::move(one));
    } else {
      known->aspects.merge(one.aspects);
    }
  }
  std::ranges::sort(real.resources, {}, &cloud::ResourceImage::resource);
  return {};
}

// Whether the stage has the aspect on its way to this value.
bool Overlay::Impl::arrives(const cloud::ResourceRef& ref, const cloud::Aspect& aspect,
                             const json::Value& value) const {
  const auto* resource = world->find(ref);
  if (resource == nullptr) return false;
  auto coming = resource->coming.find(aspect.name);
  return coming != resource->coming.end() && cloud::same(aspect, coming->second.to, value);
}

// What changed on stage although the description foresaw no change of it: no inverse is made for that. What is on its
// way to where it was foreseen (an instance that is being modified) is no surprise.
Result<std::string> Overlay::Impl::changed_unforeseen(const RehearsedWrite& write, const Context& context) {
  auto now = TRY(cloud::read_again(stage, write.before, context, catalog));
  for (const auto& was : write.before.resources) {
    const auto* foreseen = write.after.find(was.resource);
    const auto* is = now.find(was.resource);
    const auto* type = catalog.type(was.resource.type);
    if (foreseen == nullptr || is == nullptr || !foreseen->exists || !is->exists) continue;
    for (const auto& [name, value] : was.aspects) {
      const auto* aspect = type->aspect(name);
      auto expected = foreseen->aspects.find(name), found = is->aspects.find(name);
      if (expected == foreseen->aspects.end() || found == is->aspects.end()) continue;
      if (!aspect->token.empty() || aspect->follows()) continue;
      if (arrives(was.resource, *aspect, expected->second)) continue;
      if (cloud::same(*aspect, value, expected->second) && !cloud::same(*aspect, value, found->second))
        return fmt::format("{} of {} changes in a way that the call does not say", name, was.resource.id);
    }
  }
  return std::string();
}

namespace {

// What the way back leaves otherwise than it was: a value that AWS has no call to make absent again.
std::string left_by_way_back(const RehearsedWrite& write, const cloud::Catalog& catalog) {
  for (const auto& was : write.before.resources) {
    const auto* type = catalog.type(was.resource.type);
    const auto* is = write.after.find(was.resource);
    if (is == nullptr || !was.exists || !is->exists) continue;
    for (const auto& [name, value] : was.aspects) {
      const auto* aspect = type->aspect(name);
      auto found = is->aspects.find(name);
      if (!aspect->instead_of_absent || found == is->aspects.end()) continue;
      if (!cloud::same(*aspect, value, nullptr) || cloud::same(*aspect, value, found->second)) continue;
      return fmt::format("{} is {} from then on, since AWS has no call that makes it absent again", name,
                         json::print(*aspect->instead_of_absent));
    }
  }
  return "";
}

}  // namespace

Result<json::Object> Overlay::Impl::write(const aws::Call& call,
                                          cloud::Classification classification,
                                          const Context& context) {
  auto before = TRY(cloud::read_image(stage, call, context, catalog));
  if (below.failure())
    return wrap(*below.failure(), "the stage could not be set for {}", call.name());
  CHECK_OK(remember_real(before, context));
  auto output = on_stage(call, context);
  if (not_emulated(output))
    return unrehearsable(call, std::move(classification), output.error().message, std::move(before));
  if (!output) return output;

  RehearsedWrite write{.call = call,
                       .output = *output,
                       .before = before,
                       .classification = std::move(classification)};
  write.after = cloud::predict(call, before, *output, catalog);
  auto surprise = TRY(changed_unforeseen(write, context));
  auto inverse = cloud::inverse(call, before, *output, catalog);
  note_unreadable(write.classification);
  if (const auto* error = unreadable(write.classification)) {
    write.why_irreversible = error->text();
  } else if (!surprise.empty()) {
    write.why_irreversible = std::move(surprise);
  } else if (!inverse) {
    write.why_irreversible = inverse.error().message;
  } else {
    write.reversible = true;
    write.inverse = std::move(*inverse);
    write.why_irreversible = left_by_way_back(write, catalog);
  }
  writes.push_back(std::move(write));
  return output;
}

cloud::Image Overlay::Impl::originals_of_changed() const {
  cloud::Image image;
  for (const auto& ref : world->all_changed()) {
    const auto* type = catalog.type(ref.type);
    if (type == nullptr) continue;
    const auto* original = below.original(ref);
    cloud::ResourceImage one{.resource = ref, .exists = original != nullptr};
    for (const auto& aspect : type->aspects) {
      if (below.unreadable(ref, aspect.name) != nullptr) continue;
      if (aspect.hidden && aspect.writes.empty()) continue;  // follows from others: the ids of rules
      if (shows_pending(aspect)) continue;  // what waits is told as the aspects that it changes, whoever asked for it
      one.aspects[aspect.name] =
          original == nullptr ? json::Value() : original->ahead(aspect.name);
    }
    image.resources.push_back(std::move(one));
  }
  return image;
}

std::vector<RehearsedWrite> Overlay::writes() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->writes;
}

std::vector<std::string> Overlay::unrehearsed() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->notes;
}

bool Overlay::made_up_answers() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->made_up_answers;
}

std::vector<json::Change> Overlay::difference() const {
  std::lock_guard lock(impl_->mutex);
  auto before = impl_->originals_of_changed();
  auto now = cloud::read_again(impl_->stage, before, {}, impl_->catalog);
  return now ? cloud::diff(before, *now, impl_->catalog) : std::vector<json::Change>();
}

std::vector<aws::Call> Overlay::inverse() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<aws::Call> out;
  for (auto it = impl_->writes.rbegin(); it != impl_->writes.rend(); ++it)
    out.insert(out.end(), it->inverse.begin(), it->inverse.end());
  return out;
}

cloud::Image Overlay::precondition() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->real;
}

std::string Overlay::fingerprint() const {
  return cloud::fingerprint(precondition(), impl_->catalog);
}

Cloud& Overlay::stage() {
  return impl_->stage;
}

}  // namespace aright::sandbox
