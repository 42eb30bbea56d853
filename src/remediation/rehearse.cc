#include "remediation/rehearse.h"

#include <mutex>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

#include "remediation/runner.h"
#include "sandbox/overlay.h"

namespace aright::remediation {

namespace {

using namespace runbook;

bool passes(const Error& error) {
  return error.retry == Retry::later || error.code == Errc::throttled || error.code == Errc::unavailable ||
         error.code == Errc::deadline;
}

// Makes calls by the names that the execution makes them by, whatever a document writes, and notes which operations go
// by, and the last failure that may pass by itself.
class Noting final : public aws::Caller {
 public:
  Noting(aws::Caller& below, const gateway::Gateway& gateway, const Resource& resource)
      : below_(below), gateway_(gateway), resource_(resource) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto known = TRY(gateway_.normalise(call, resource_.account, resource_.region));
    {
      std::lock_guard lock(mutex_);
      operations_.insert(known.name());
    }
    auto answer = below_.call(known, context);
    if (!answer && passes(answer.error())) {
      std::lock_guard lock(mutex_);
      passing_ = answer.error();
    }
    return answer;
  }
  const std::optional<Error>& passing() const { return passing_; }
  std::vector<std::string> operations() const { return {operations_.begin(), operations_.end()}; }

 private:
  aws::Caller& below_;
  const gateway::Gateway& gateway_;
  const Resource& resource_;
  std::mutex mutex_;
  std::set<std::string> operations_;
  std::optional<Error> passing_;
};

class Rehearsing {
 public:
  Rehearsing(const Library& library, aws::Caller& door, VirtualClock& clock)
      : library_(library), clock_(clock), run_at_(clock.now()) {
    ground_ = {.library = &library,
               .door = &door,
               .clock = &clock,
               .scope = {},
               .pass_time = [&clock](milliseconds time) { clock.advance(time); },
               .post =
                   [this](const PostWebhook& webhook, const Context&) -> Result<> {
                     unrehearsed.push_back(fmt::format("step {} posts to the webhook {}", webhook.step,
                                                       webhook.integration));
                     return {};
                   }};
  }

  Result<Machine> run(const Prepared& prepared, Start start, const Context& context) {
    Machine machine(prepared.document, std::move(start));
    while (!std::holds_alternative<Finished>(machine.next())) {
      CHECK_OK(context.check());
      if (++commands_ > rehearsal_commands_max)
        return fail(Errc::unsupported, "the rehearsal took more than {} commands", rehearsal_commands_max);
      auto event = TRY(advance(machine, context));
      CHECK_OK(machine.apply(event));
    }
    return machine;
  }

  std::vector<std::string> approvals, unrehearsed;

 private:
  Result<Event> advance(const Machine& machine, const Context& context) {
    const auto& command = machine.next();
    if (const auto* wait = std::get_if<runbook::WaitUntil>(&command)) {
      if (wait->due > clock_.now()) clock_.set(wait->due);
      return Event{clock_.now(), Woke{wait->token}};
    }
    if (const auto* await = std::get_if<AwaitSignal>(&command)) return Event{clock_.now(), everyone_says_yes(*await)};
    // One after the other, each to its end: their writes are the same.
    const auto* running = std::get_if<RunChildren>(&command);
    auto returned = TRY(running ? run_child(running->children.front(), context)
                                : perform(command, machine.start(), ground_, context));
    return Event{clock_.now(), std::move(returned)};
  }

  Happening everyone_says_yes(const AwaitSignal& await) {
    if (await.kind == AwaitSignal::Kind::pause)
      return Signalled{.type = "Resume", .principal = "", .comment = "rehearsal", .step = await.step};
    auto said = answered_[await.token]++;
    if (said == 0) approvals.push_back(await.step);
    auto who = said < await.approvers.size() ? await.approvers[said] : "";
    return Signalled{.type = "Approve", .principal = who, .comment = "rehearsal", .step = await.step};
  }

  Result<Returned> run_child(const Child& child, const Context& context) {
    const Start parent{.execution_id = child.token, .account = account, .region = region, .depth = depth_};
    auto prepared = prepare_child(library_, child, parent, *ground_.door, context);
    if (!prepared) return Returned{child.token, {}, prepared.error()};
    Start start = parent;
    if (!child.account.empty()) start.account = child.account;
    if (!child.region.empty()) start.region = child.region;
    start.execution_id = uuid_from(child.token);
    start.depth = ++depth_;
    start.parameters = prepared->parameters;
    start.at = clock_.now();
    start.run_at = run_at_;
    auto here = std::make_pair(std::exchange(account, start.account), std::exchange(region, start.region));
    auto machine = TRY(run(*prepared, std::move(start), context));
    std::tie(account, region) = std::move(here);
    --depth_;
    return Returned{child.token, child_output(machine), std::nullopt};
  }

  const Library& library_;
  VirtualClock& clock_;
  const Timestamp run_at_;
  Ground ground_;
  int commands_ = 0, depth_ = 0;
  std::map<std::string, std::size_t> answered_;

 public:
  std::string account, region;
};

// Each control: before, and on the rehearsed image.
Result<json::Object> outlook_of(const Rehearsed& what, aws::Caller& stage) {
  json::Object out;
  if (!what.judge) return out;
  auto before = TRY(what.judge(nullptr));
  auto after = TRY(what.judge(&stage));
  for (const auto& [id, compliance] : before)
    out[id] = json::Object{{"before", compliance}, {"after", json::at(after, id)}};
  return out;
}

Plan sealed(const Rehearsed& what, const Prepared& prepared, sandbox::Overlay& overlay, const Rehearsing& rehearsal,
            const gateway::Redactor& redactor, std::vector<std::string> operations, json::Object outlook, PlanId id,
            const std::string& execution_name, Timestamp now) {
  Plan plan{.id = std::move(id),
            .finding = what.finding,
            .control = what.control,
            .resource = what.resource,
            .action = what.action,
            .runbook_hash = prepared.hash,
            .execution_name = execution_name,
            .difference = overlay.difference(),
            .inverse = overlay.inverse(),
            .permissions = std::move(operations),
            .unrehearsed = rehearsal.unrehearsed,
            .approvals = rehearsal.approvals,
            .preimage = cloud::to_json(overlay.precondition()),
            .precondition = overlay.fingerprint(),
            .made_at = now};
  plan.dependents = what.dependents.found;
  plan.dependents_unknown = what.dependents.unknown;
  plan.last_used = what.dependents.last_used;
  plan.outlook = std::move(outlook);
  auto notes = overlay.unrehearsed();
  plan.unrehearsed.insert(plan.unrehearsed.begin(), notes.begin(), notes.end());
  for (auto& write : overlay.writes())
    plan.writes.push_back({.call = redactor.call(write.call),
                           .output = redactor.output(write.call, write.output),
                           .before = cloud::to_json(write.before),
                           .after = cloud::to_json(write.after),
                           .reversible = write.reversible,
                           .why_irreversible = write.why_irreversible});
  seal(plan);
  return plan;
}

}  // namespace

Result<Plan> rehearse(const Library& library, gateway::Gateway& gateway, const Rehearsed& what, const Clock& clock,
                      const Context& context) {
  const auto now = clock.now();
  VirtualClock virtual_clock(now);
  auto reader = gateway.reader(what.resource.account, what.resource.region);
  sandbox::OverlayOptions options{.account = what.resource.account, .catalog = &gateway.catalog(),
                                  .models = &gateway.models()};
  options.unrehearsed = sandbox::Unrehearsed::pass;
  sandbox::Overlay overlay(*reader, options, virtual_clock);
  Noting door(overlay, gateway, what.resource);
  auto prepared = TRY(prepare(library, what.action, what.resource, what.control, door, context));
  auto id = PlanId::make(now);
  Start start{.execution_id = uuid_from(id.str()),
              .account = what.resource.account,
              .region = what.resource.region,
              .parameters = prepared.parameters,
              .executed_by = "aright",
              .at = now,
              .seed = id.str()};
  auto execution_name = start.execution_id;
  Rehearsing rehearsal(library, door, virtual_clock);
  rehearsal.account = start.account;
  rehearsal.region = start.region;
  auto machine = TRY(rehearsal.run(prepared, std::move(start), context));
  const auto& finished = std::get<Finished>(machine.next());
  // A runbook that failed over a read that was throttled says nothing of what it would do.
  if (finished.status != Status::success && door.passing())
    return wrap(*door.passing(), "the rehearsal of {}", prepared.name);
  if (finished.status != Status::success && !overlay.made_up_answers())
    return fail(Errc::unsupported, "the rehearsal of {} ended {}: {}", prepared.name, name(finished.status),
                finished.failure);
  if (finished.status != Status::success)
    rehearsal.unrehearsed.push_back(fmt::format(
        "the rehearsal went no further than this ({}): what comes after it is not in the plan, and is refused",
        finished.failure));
  auto outlook = TRY(outlook_of(what, overlay));
  return sealed(what, prepared, overlay, rehearsal, gateway.redactor(), door.operations(), std::move(outlook),
                std::move(id), execution_name, now);
}

namespace {

// Without what these writes touched.
cloud::Image untouched(cloud::Image image, const gateway::Journal& made) {
  for (const auto& intent : made.intents()) {
    for (const auto& touched : intent->before.resources)
      for (auto& resource : image.resources)
        if (resource.resource.key() == touched.resource.key())
          for (const auto& [aspect, value] : touched.aspects) resource.aspects.erase(aspect);
    for (const auto& [collection, ids] : intent->before.members) image.members.erase(collection);
  }
  std::erase_if(image.resources, [](const auto& resource) { return resource.exists && resource.aspects.empty(); });
  return image;
}

}  // namespace

Result<std::vector<std::string>> moved_since(const Plan& plan, const gateway::Journal* made, aws::Caller& reader,
                                             const cloud::Catalog& catalog, const Context& context) {
  auto then = TRY(cloud::image_from_json(plan.preimage));
  if (made) then = untouched(std::move(then), *made);
  auto now = TRY(cloud::read_again(reader, then, context, catalog));
  std::vector<std::string> out;
  if (cloud::fingerprint(now, catalog) == cloud::fingerprint(then, catalog)) return out;
  for (const auto& change : cloud::diff(then, now)) out.push_back(change.pointer);
  if (out.empty()) out.push_back("what the plan read");
  return out;
}

namespace {

// One aspect of one resource, or that the resource is there, as an image of its own.
cloud::Image only(const cloud::ResourceImage& image, const std::string& aspect) {
  cloud::ResourceImage out{.resource = image.resource, .exists = image.exists, .aspects = {}, .unreadable = {}};
  if (auto found = image.aspects.find(aspect); found != image.aspects.end()) out.aspects.insert(*found);
  return {.resources = {std::move(out)}, .members = {}};
}

// Whether one of the images knows this aspect, and has it like that.
struct Remembered {
  bool knows = false, agrees = false;
};
Remembered known_by(const cloud::Image& expected, const cloud::ResourceImage& now, const std::string& aspect,
                    const cloud::Catalog& catalog) {
  const auto* then = expected.find(now.resource);
  if (!then || (then->exists && !aspect.empty() && !then->aspects.contains(aspect))) return {};
  return {true, cloud::fingerprint(only(*then, aspect), catalog) == cloud::fingerprint(only(now, aspect), catalog)};
}

// How the execution's own latest write to this aspect left it, where that was seen: a write without an answer is
// settled elsewhere, and one that shows no effect yet, or had none, tells nothing.
Remembered left_by(const gateway::Journal& made, const cloud::ResourceImage& now, const std::string& aspect,
                   const cloud::Catalog& catalog) {
  for (const auto& intent : made.intents() | std::views::reverse) {
    bool touches = known_by(intent->before, now, aspect, catalog).knows;
    if (!touches || (intent->returned && !intent->returned->ok)) continue;
    if (!intent->returned) return {};
    const auto* after = intent->returned->after.find(now.resource);
    if (!after || known_by(intent->before, *after, aspect, catalog).agrees) return {};
    return known_by(intent->returned->after, now, aspect, catalog);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> moved_under(const PlannedWrite& write, const Plan& plan, const cloud::Image& before,
                                             const gateway::Journal& made, const cloud::Catalog& catalog) {
  auto then = TRY(cloud::image_from_json(plan.preimage));
  auto rehearsed = TRY(cloud::image_from_json(write.before));
  auto others = untouched(before, made);
  std::vector<std::string> out;
  for (const auto& resource : before.resources) {
    const auto* foreign = others.find(resource.resource);
    auto look = [&](const std::string& aspect) {
      auto first = known_by(then, resource, aspect, catalog), later = known_by(rehearsed, resource, aspect, catalog);
      bool ours = !foreign || (!aspect.empty() && !foreign->aspects.contains(aspect));
      auto last = ours ? left_by(made, resource, aspect, catalog) : first;
      if (!last.knows || last.agrees || first.agrees || later.agrees) return;
      auto at = fmt::format("/{}/{}", resource.resource.type, resource.resource.id);
      out.push_back(aspect.empty() ? at : at + "/" + aspect);
    };
    if (!resource.exists || resource.aspects.empty()) look("");
    const auto* type = catalog.type(resource.resource.type);
    for (const auto& [name, value] : resource.aspects) {
      const auto* aspect = type ? type->aspect(name) : nullptr;
      if (!aspect || aspect->token.empty()) look(name);  // a token is another one after each write
    }
  }
  return out;
}

}  // namespace aright::remediation
