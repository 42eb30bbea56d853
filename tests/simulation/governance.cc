#include "governance.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/seeded_ids.h"
#include "ledger/timers.h"
#include "mortal.h"
#include "people.h"
#include "policies.h"
#include "remediation/refold.h"
#include "weather.h"

namespace aright::simulation {

namespace {

using namespace remediation;

constexpr std::uint64_t refolded_of = 8;  // seeds, one has its documents made again: that takes as long as the run
constexpr int jumps_max = 100'000;       // of one run, before it counts as lost
constexpr std::size_t story_lines_max = 80, body_chars_max = 500;
constexpr std::uint64_t day_s = 20'000, morning_s = 600;  // in which it happens, and most of it

// Of all runs: it costs more to read than a run.
const Library& shared_library() {
  static const Library library = [] {
    Policy policy;
    policy.runbooks = own_runbooks();
    auto opened = Library::open(policy);
    if (!opened) {
      fmt::print(stderr, "{}\n", opened.error().text());
      std::abort();
    }
    return std::move(*opened);
  }();
  return library;
}

std::vector<Place> random_places(Random& random) {
  constexpr std::array accounts{"111122223333", "444455556666", "777788889999"};
  constexpr std::array regions{"us-east-1", "us-west-2"};
  std::vector<Place> out;
  auto count = 1 + random.below(accounts.size());
  for (std::uint64_t i = 0; i < count; ++i)
    for (std::uint64_t j = 0; j <= random.below(regions.size()); ++j) out.push_back({accounts[i], regions[j]});
  return out;
}

Climate random_climate(Random& random) {
  auto drawn = random.below(10);
  if (drawn < 3) return {};
  if (drawn < 5) return {.throttled = 20, .failed = 10};
  if (drawn < 7) return {.throttled = 5, .failed = 5, .lost_before = 10, .lost_after = 10};
  if (drawn < 8) return {.throttled = 40, .failed = 20};
  return {.throttled = 5, .failed = 5, .lost_before = 5, .lost_after = 5, .stale = 300};
}

class Stage {
 public:
  explicit Stage(std::uint64_t seed)
      : seed_(seed), ids_(seed), random_(seed * 7 + 1), world_({.account = "111122223333", .seed = seed + 1}, clock_),
        estate_(world_, random_places(random_)), witness_(world_, estate_),
        weather_(witness_, random_climate(random_), seed + 2, clock_), cloud_(weather_, life_),
        people_([this]() -> Engine& { return *engine_; }, agenda_, estate_, clock_, seed + 3) {}

  Run play() {
    estate_.build(12 + random_.below(60), random_);
    weather_.on_mirage = [this] { witness_.mirage(); };
    witness_.chronicle().on_news = [this](const Story& story, const ledger::Entry& entry) {
      people_.hear(story, entry);
    };
    ledger_ = ledger::Ledger::open({.clock = &clock_, .crash_at = {}, .engine = mortal_store(life_),
                                    .strongbox = known_strongbox()}).value();
    witness_.attend(*ledger_);
    adopt();
    deaths_left_ = random_.below(3) == 0 ? 0 : random_.below(6);
    start();
    life_.revive(next_death());
    plan_the_day();
    live(std::nullopt);
    wind_up();
    return report();
  }

 private:
  void adopt() {
    auto text = random_policy(estate_.places(), clock_.now(), random_);
    auto parsed = parse_policy(text, ".");
    if (!parsed) {
      fmt::print(stderr, "{}\n{}\n", text, parsed.error().text());
      std::abort();
    }
    engine_.reset();
    policies_.push_back(std::make_unique<Policy>(std::move(*parsed)));
    witness_.chronicle().governed_by(*policies_.back());
  }

  // Dies while it starts, too.
  void start() {
    for (;;) {
      engine_.reset();
      auto opened = Engine::open({.policy = policies_.back().get(), .controls = &rules::Controls::embedded(),
                                  .catalog = &cloud::Catalog::embedded(), .models = &model::Models::embedded(),
                                  .cloud = &cloud_, .ledger = ledger_.get(), .clock = &clock_,
                                  .library = &shared_library(),
                                  .pause = [this](milliseconds time, const Context&) -> Result<> {
                                    clock_.advance(time);
                                    return {};
                                  }});
      if (opened) {
        engine_ = std::move(*opened);
        return;
      }
      if (!life_.dead()) return witness_.accuse("it does not start: " + opened.error().text(), "");
      rise();
    }
  }

  Death next_death() {
    if (deaths_left_ == 0) return {};
    --deaths_left_;
    return {static_cast<Death::At>(1 + random_.below(4)), 1 + random_.below(400)};
  }

  void rise() {
    ++deaths_;
    life_.revive(next_death());
    witness_.catch_up();
  }

  // After anything that may have ended the process.
  void mend() {
    if (!life_.dead()) return;
    rise();
    if (random_.below(3) == 0)  // it is down for a while
      for (auto until = clock_.now() + seconds(random_.below(600)); agenda_.next() && *agenda_.next() < until;) {
        auto thing = random_.below(estate_.things().size());
        clock_.set(std::max(clock_.now(), *agenda_.next()));
        if (random_.below(4) == 0) estate_.edit(estate_.things()[thing], random_);
        put_off_.push_back(agenda_.take());
      }
    start();
    for (auto& act : put_off_) agenda_.put(clock_.now(), std::move(act));
    put_off_.clear();
  }

  void plan_the_day() {
    auto at = [&](std::uint64_t within_s) { return clock_.now() + milliseconds(random_.below(within_s * 1'000)); };
    for (auto& thing : estate_.things())
      for (const auto& concern : thing.kind->concerns)
        agenda_.put(at(random_.below(3) == 0 ? day_s : morning_s), [this, &thing, &concern] {
          people_.tell(thing, concern);
        });
    for (auto i = random_.below(6); i > 0; --i)
      agenda_.put(at(random_.below(2) == 0 ? morning_s : day_s), [this] { people_.halt_and_resume(); });
    for (auto i = random_.below(2 * estate_.things().size()); i > 0; --i)
      agenda_.put(at(day_s), [this] {
        auto& thing = estate_.things()[random_.below(estate_.things().size())];
        if (random_.below(2) == 0) return estate_.edit(thing, random_);
        const auto& concern = thing.kind->concerns[random_.below(thing.kind->concerns.size())];
        estate_.breach(thing, concern);
        people_.tell(thing, concern);
      });
    if (random_.below(3) == 0)
      agenda_.put(at(day_s), [this] {
        adopt();
        start();
      });
    if (random_.below(4) == 0) {
      auto from = at(day_s);
      agenda_.put(from, [this] { weather_.deny(std::array{"s3", "sqs", "ecr", "athena"}[random_.below(4)]); });
      agenda_.put(from + seconds(random_.below(3'000)), [this] { weather_.deny(""); });
    }
    if (random_.below(6) == 0) agenda_.put(at(day_s), [this] { scan(); });
  }

  // It reads from many threads: the weather is calm meanwhile, and nobody dies.
  void scan() {
    life_.revive({});
    weather_.calm(true);
    if (auto scanned = engine_->scan({}, {}); !scanned) witness_.accuse("a scan failed: " + scanned.error().text(), "");
    weather_.calm(false);
    life_.revive(next_death());
  }

  std::optional<Timestamp> timer() {
    std::optional<Timestamp> due;
    std::ignore = ledger_->database().read([&](store::Transaction& tx) -> Result<> {
      due = TRY(ledger::timers::next(tx));
      return {};
    });
    return due;
  }

  // From instant to instant, until nothing is to come, or nothing before `until`.
  void live(std::optional<Timestamp> until) {
    for (int jump = 0; jump < jumps_max && witness_.violations().empty(); ++jump) {
      auto settled = engine_->settle({});
      if (life_.dead()) {
        mend();
        continue;
      }
      if (!settled) return witness_.accuse("it does not settle: " + settled.error().text(), "");
      auto wake = timer(), act = agenda_.next();
      if (!until && agenda_.empty()) return;
      if (!wake && !act) return;
      auto next = wake && act ? std::min(*wake, *act) : wake ? *wake : *act;
      if (until && next > *until) return;
      clock_.set(std::max(next, clock_.now()));
      while (agenda_.next() && *agenda_.next() <= clock_.now()) {
        agenda_.take()();
        mend();
      }
    }
    if (witness_.violations().empty()) witness_.accuse("it goes on for ever", "");
  }

  // People go home, halts end or stay, and what is under way comes to an end or waits for somebody.
  void wind_up() {
    if (!witness_.violations().empty()) return;
    people_.go_home();
    weather_.calm(true);
    weather_.deny("");
    life_.revive({});
    bool resumes = random_.below(8) != 0;
    if (resumes && witness_.chronicle().halted()) std::ignore = engine_->resume_all(person("ana"), "home");
    auto until = clock_.now() + seconds(7 * 86'400);
    while (clock_.now() < until && witness_.violations().empty() && unfinished() > 0) {
      auto before = clock_.now();
      live(std::min(until, clock_.now() + seconds(6 * 3'600)));
      if (clock_.now() == before) clock_.set(std::min(until, clock_.now() + seconds(6 * 3'600)));
    }
    for (const auto& [id, story] : witness_.chronicle().stories())
      if (witness_.violations().empty() && !at_rest(story))
        witness_.accuse("it neither ends nor waits for a person", id);
  }

  std::size_t unfinished() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        witness_.chronicle().stories(), [&](const auto& item) { return !at_rest(item.second); }));
  }

  // Ended, or waiting for a person: who asked it to wait, halted it, or has to see to those that failed.
  bool at_rest(const Story& story) const {
    auto id = RemediationId::parse(story.id);
    auto state = id ? engine_->remediation(*id) : fail(id.error());
    if (!state) return false;
    if (!open(*state)) return true;
    if (story.decision == "deferred" && story.last == "decided") return true;
    if (story.last == "deferred" && story.reason.starts_with("ErrorPercentage")) return true;
    return witness_.chronicle().halted();
  }

  Run report() {
    Run run;
    run.violations = witness_.violations();
    if (run.violations.empty()) {
      auto verified = ledger_->verify();
      if (!verified || verified->fault)
        witness_.accuse("the ledger is damaged: " + (verified ? verified->fault->what : verified.error().text()), "");
      if (seed_ % refolded_of == 0) judge_documents();
      run.violations = witness_.violations();
      if (verified) run.trace = sha256(verified->hash + witness_.trace() + json::canonical(world_.export_state()));
    }
    auto& figures = run.figures;
    figures = {.runs = 1, .remediations = witness_.chronicle().stories().size(), .entries = ledger_->size(),
               .writes = witness_.writes(), .again = witness_.again(), .deaths = deaths_, .faults = weather_.faults(),
               .compared = witness_.rollbacks_compared(), .refused = people_.refused(), .ends = {},
               .kinds = witness_.chronicle().counts};
    for (const auto& [id, story] : witness_.chronicle().stories())
      if (auto state = engine_->remediation(*RemediationId::parse(id))) ++figures.ends[std::string(name(state->stage))];
    if (!run.violations.empty()) run.story = tell(run.violations.front());
    return run;
  }

  // Lists and pages show what the entries say.
  void judge_documents() {
    auto differences = compare_projections(*ledger_, rules::Controls::embedded());
    if (!differences) return witness_.accuse("the documents cannot be made again: " + differences.error().text(), "");
    for (const auto& [kind, id, what] : *differences)
      witness_.accuse(fmt::format("the {} {} is not what its entries say: {}", kind, id, what), id);
  }

  // All entries about the remediation of the violation and its resource, the newest last.
  std::vector<std::string> tell(const Violation& violation) {
    const auto* story = witness_.chronicle().owner_of(violation.stream);
    if (!story) story = witness_.chronicle().find(violation.stream);
    std::vector<std::string> out;
    auto entries = ledger_->read(1, ledger::read_entries_max);
    if (!entries) return out;
    std::set<std::string> streams{violation.stream, "engine"};
    if (story)
      for (const auto& entry : *entries)
        if (entry.kind == "execution_started" && entry.stream == story->id)
          streams.insert(json::text(entry.body, "execution", ""));
    if (story) streams.insert({story->id, story->finding, story->id + ".rollback"});
    for (const auto& entry : *entries)
      if (streams.contains(entry.stream))
        out.push_back(fmt::format("{:>6} {} {:<32} {:<20} {}", entry.position, entry.time.iso(), entry.stream,
                                  entry.kind, json::print(entry.body).substr(0, body_chars_max)));
    if (out.size() > story_lines_max) out.erase(out.begin(), out.end() - story_lines_max);
    return out;
  }

  const std::uint64_t seed_;
  SeededIds ids_;
  Random random_;
  VirtualClock clock_;
  Life life_;
  sandbox::Cloud world_;
  Estate estate_;
  std::unique_ptr<ledger::Ledger> ledger_;
  Witness witness_;
  Weather weather_;
  MortalDoor cloud_;
  Agenda agenda_;
  People people_;
  std::vector<std::unique_ptr<Policy>> policies_;
  std::unique_ptr<Engine> engine_;
  std::vector<Agenda::Act> put_off_;
  std::uint64_t deaths_left_ = 0;
  std::size_t deaths_ = 0;
};

}  // namespace

Figures& Figures::operator+=(const Figures& other) {
  runs += other.runs;
  remediations += other.remediations;
  entries += other.entries;
  writes += other.writes;
  again += other.again;
  deaths += other.deaths;
  faults += other.faults;
  compared += other.compared;
  refused += other.refused;
  for (const auto& [stage, count] : other.ends) ends[stage] += count;
  for (const auto& [kind, count] : other.kinds) kinds[kind] += count;
  return *this;
}

Run play_governance(std::uint64_t seed) { return Stage(seed).play(); }

}  // namespace aright::simulation
