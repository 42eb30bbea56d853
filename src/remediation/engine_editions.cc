// Policies come and go while the engine runs: each turn and each request goes by the one that it began with.

#include "remediation/engine.h"
#include "remediation/first_look.h"
#include "remediation/projection.h"

namespace aright::remediation {

namespace {

constexpr int adopt_attempts_max = 8;  // against turns that tell of the same meanwhile

// Whether something is being done to the resource.
bool is_under_way(const State& state) {
  return std::holds_alternative<Executing>(state.stage) || std::holds_alternative<Verifying>(state.stage) ||
         std::holds_alternative<RollingBack>(state.stage);
}

struct Pinned {
  const Engine* engine = nullptr;
  std::shared_ptr<Edition> edition;
};
thread_local Pinned pinned;

}  // namespace

Engine::Pin::Pin(const Engine& engine) : before_{pinned.engine}, edition_(pinned.edition) {
  if (pinned.engine != &engine) pinned = {&engine, engine.latest()};
}

Engine::Pin::Pin(const Engine& engine, std::shared_ptr<Edition> edition)
    : before_{pinned.engine}, edition_(std::move(pinned.edition)) {
  pinned = {&engine, std::move(edition)};
}

Engine::Pin::~Pin() { pinned = {before_, std::move(edition_)}; }

std::shared_ptr<Edition> Engine::latest() const {
  std::lock_guard lock(editions_mutex_);
  return edition_;
}

Edition& Engine::edition() const {
  if (pinned.engine == this) return *pinned.edition;
  std::lock_guard lock(editions_mutex_);
  return *edition_;
}

std::shared_ptr<Edition> Engine::edition_of(std::shared_ptr<const Policy> policy,
                                            std::shared_ptr<const Library> library, const rules::Controls& controls) {
  return std::make_shared<Edition>(
      std::move(policy), std::move(library), controls, Footing{cloud_, catalog_, gateway_, ledger_, clock_,
              [this](const cloud::ResourceRef& ref, const cloud::Snapshot* snapshot) {
                if (hears_readings_) hears_readings_(ref, snapshot);
              }},
      [this](const json::Object& event, const std::string& bus, int hops) -> Result<> {
        CHECK_OK(accept_event(event, {.bus = bus, .hops = hops, .at = {}}));
        return {};
      });
}

Result<> Engine::adopt(Policy policy, const Actor& actor, const json::Object& because) {
  auto whole = std::make_shared<const Policy>(std::move(policy));
  auto library = std::make_shared<const Library>(TRY(Library::open(*whole)));
  std::lock_guard one_at_a_time(adopting_);
  auto body = by(actor);
  for (const auto& [key, value] : because) body[key] = value;
  body["before"] = latest()->policy->hash;
  body["policy"] = whole->hash;
  auto next = edition_of(whole, std::move(library), *whole->known);
  const auto fresh = types_to_look_at(*latest()->policy, *whole);
  std::vector<ledger::Draft> drafts;
  drafts.push_back(
      {.stream = std::string(engine_stream), .kind = entry::policy_adopted, .body = std::move(body), .sequence = {}});
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
    return plan_first_looks(tx, fresh, clock_.now());
  }));
  put_into_force(std::move(next));
  return {};
}

Result<> Engine::follow(Policy policy) {
  auto whole = std::make_shared<const Policy>(std::move(policy));
  auto library = std::make_shared<const Library>(TRY(Library::open(*whole)));
  std::lock_guard one_at_a_time(adopting_);
  put_into_force(edition_of(whole, std::move(library), *whole->known));
  return {};
}

void Engine::put_into_force(std::shared_ptr<Edition> next) {
  bursts_.set_window(next->policy->burst_window);
  {
    std::lock_guard lock(editions_mutex_);
    edition_ = std::move(next);
  }
  slots_.clear();
  // Turns go on meanwhile, and what they tell comes first; what was told already is not told again. Whoever adopts may
  // hold the edition before.
  Pin pin(*this, latest());
  auto begun = begin_edition();
  for (int attempt = 1; !begun && begun.error().code == Errc::conflict && attempt < adopt_attempts_max; ++attempt)
    begun = begin_edition();
  if (!begun) log("after the policy changed: " + begun.error().text());
  nudge();
}

Result<> Engine::begin_edition() {
  CHECK_OK(close_switched_off());
  CHECK_OK(release_held());
  CHECK_OK(outdate_approvals());
  CHECK_OK(plant_exceptions());
  CHECK_OK(plant_schedules());
  return plant_watches();
}

// A control that is off in Security Hub finds nothing more, and what it found is no finding. What is being set right
// ends as it would have.
Result<> Engine::close_switched_off() {
  for (const auto& [control, reason] : policy().switched_off)
    for (const auto& item : TRY(list_findings(ledger_, {.status = "open", .parent = control}))) {
      auto found = TRY(finding(TRY(FindingId::parse(json::text(item, "id", "")))));
      auto why = "the control is off in Security Hub: " + reason;
      auto told = telling();
      State current;
      if (!found.remediation.empty()) current = TRY(remediation(found.remediation));
      if (is_under_way(current)) continue;
      if (!found.remediation.empty() && aright::remediation::open(current))
        told.about(current, entry::closed, {{"reason", why}});
      told.about(found, entry::finding_resolved, {{"by", "policy"}, {"annotation", why}});
      CHECK_OK(told.commit());
    }
  return {};
}

}  // namespace aright::remediation
