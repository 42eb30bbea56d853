// Policies come and go while the engine runs: each turn and each request goes by the one that it began with.

#include <algorithm>

#include "remediation/engine.h"
#include "remediation/first_look.h"
#include "remediation/projection.h"

namespace aright::remediation {

namespace {

constexpr int adopt_attempts_max = 8;  // against turns that tell of the same meanwhile

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
  CHECK_OK(let_go());
  CHECK_OK(release_held());
  CHECK_OK(outdate_approvals());
  CHECK_OK(plant_exceptions());
  CHECK_OK(plant_schedules());
  return plant_watches();
}

std::string Engine::why_let_go(const std::string& control, const std::string& account) const {
  if (auto off = policy().switched_off.find(control); off != policy().switched_off.end())
    return "the control is off in Security Hub: " + off->second;
  if (control.starts_with("rule:") || policy().judges_by(control, account)) return "";
  if (!controls().find(control)) return fmt::format("there is no control {} any more", control);
  bool elsewhere = std::ranges::find(policy().controls, control, &EnabledControl::id) != policy().controls.end();
  return fmt::format("the policy has the control {} no more{}", control, elsewhere ? " in this account" : "");
}

Result<> Engine::let_go() {
  for (const auto& control : TRY(controls_of_findings(ledger_)))
    if (!why_let_go(control, "").empty()) CHECK_OK(let_go_of(control));
  return {};
}

// A list has so many at most; what was let go is not on the next one.
Result<> Engine::let_go_of(const std::string& control) {
  for (bool more = true; more;) {
    more = false;
    const auto open = TRY(list_findings(ledger_, {.status = "open", .parent = control}));
    for (const auto& item : open) {
      auto why = why_let_go(control, json::text(json::at(item, {"resource", "account"})));
      if (why.empty()) continue;
      bool gone = TRY(let_go_of(TRY(finding(TRY(FindingId::parse(json::text(item, "id", ""))))), why));
      more = more || (gone && open.size() >= list_max);
    }
  }
  return {};
}

Result<bool> Engine::let_go_of(const Finding& found, const std::string& why) {
  auto told = telling();
  State current;
  if (!found.remediation.empty()) current = TRY(remediation(found.remediation));
  if (is_at_work(current)) return false;
  if (!found.remediation.empty() && aright::remediation::open(current))
    told.about(current, entry::closed, {{"reason", why}});
  told.about(found, entry::finding_resolved, {{"by", "policy"}, {"annotation", why}});
  CHECK_OK(told.commit());
  return true;
}

Result<> Engine::let_go_of(const State& state, const std::string& why) {
  auto found = TRY(finding(state.finding));
  if (!found.open || found.remediation != state.id) return tell(state, entry::closed, {{"reason", why}});
  TRY(let_go_of(found, why));
  return {};
}

void Engine::resolve_let_go(const Finding& found, Telling& told) const {
  auto why = why_let_go(found.control, found.resource.account);
  if (found.open && !why.empty()) told.about(found, entry::finding_resolved, {{"by", "policy"}, {"annotation", why}});
}

}  // namespace aright::remediation
