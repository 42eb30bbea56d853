#include "play.h"

#include "base/digest.h"
#include "base/seeded_ids.h"
#include "cloud/catalog.h"
#include "documents.h"
#include "ledger/timers.h"
#include "remediation/engine.h"
#include "sandbox/cloud.h"

namespace aright::simulation {

namespace {

using namespace remediation;

constexpr int looks_max = 10'000;  // of one execution, before it counts as lost
const Actor person{"ana", approver};

// Members that differ between runs that are the same: times, ids that are drawn anew, and raw answers: of one that got
// lost, only that much is known again as a read shows. What steps select from answers is compared.
bool passing(std::string_view key) {
  return key.ends_with("Time") || key.ends_with("Id") || key == "id" || key == "ExecutedBy" || key == "OutputPayload";
}

// Every UUID is somebody's execution id.
std::string without_ids(std::string text) {
  constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  auto is_id = [&](std::size_t at) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      char c = text[at + i];
      if (shape[i] == '-' ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
  };
  for (std::size_t at = 0; at + shape.size() <= text.size(); ++at)
    if (is_id(at)) text.replace(at, shape.size(), "ID");
  return text;
}

json::Value without_passing(const json::Value& value) {
  if (value.is_string()) return json::Value(without_ids(std::string(value.get_string())));
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(without_passing(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [key, member] : value.get_object())
    if (!passing(key)) out[key] = without_passing(member);
  return out;
}

class Stage {
 public:
  explicit Stage(const Plot& plot)
      : plot_(plot), ids_(plot.seed), world_({.account = account, .seed = plot.seed + 1}, clock_),
        cloud_(world_, life_, plot.losses, plot.seed) {
    for (const auto& call : world()) must(world_.call(call, {}));
    policy_.targets.push_back({.account = account, .regions = {region}});
    policy_.runbooks = random_documents(plot.seed);
  }

  End play() {
    End end;
    auto library = Library::open(policy_);
    if (!library) return {.fault = library.error().text()};
    library_.emplace(std::move(*library));
    ledger_ = *ledger::Ledger::open({.clock = &clock_, .crash_at = {}, .engine = mortal_store(life_),
                                     .strongbox = known_strongbox()});
    start();
    auto id = engine_->start_runbook("Main", {}, account, region, person, {});
    if (!id) return {.fault = id.error().text()};
    execution_ = id->str();
    life_.revive(next_death());
    end.fault = carry_on(*id);
    end.commits = life_.commits();
    end.calls = life_.calls();
    if (end.fault.empty()) {
      auto told = engine_->executor().describe(*id);
      end.told = told ? json::canonical(without_passing(*told)) : told.error().text();
    }
    end.writes = cloud_.effects();
    end.deaths = deaths_;
    end.lost = cloud_.lost();
    auto verified = ledger_->verify();
    end.trace = sha256((verified ? verified->hash : verified.error().text()) + cloud_.trace() + end.told +
                       json::canonical(world_.export_state()));
    return end;
  }

 private:
  static void must(const Result<json::Object>& answer) {
    if (!answer) throw_away(answer.error().text());
  }
  [[noreturn]] static void throw_away(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::abort();
  }

  Death next_death() { return deaths_ < plot_.deaths.size() ? plot_.deaths[deaths_] : Death{}; }

  void start() {
    engine_.reset();
    auto opened = Engine::open({.policy = &policy_, .controls = &rules::Controls::embedded(),
                                .catalog = &cloud::Catalog::embedded(), .models = &model::Models::embedded(),
                                .cloud = &cloud_, .ledger = ledger_.get(), .clock = &clock_, .library = &*library_,
                                .pause = [this](milliseconds time, const Context&) -> Result<> {
                                  clock_.advance(time);
                                  return {};
                                }});
    if (!opened) throw_away(opened.error().text());
    engine_ = std::move(*opened);
  }

  // Until the execution ends. What is wrong, if it does not.
  std::string carry_on(const ExecutionId& id) {
    for (int look = 0; look < looks_max; ++look) {
      auto settled = engine_->settle({});
      if (life_.dead()) {
        ++deaths_;
        life_.revive(next_death());
        start();
        continue;
      }
      if (!settled) return settled.error().text();
      auto told = engine_->executor().describe(id);
      if (!told) return told.error().text();
      if (told->as_object().contains("ExecutionEndTime")) return "";
      if (!somebody_answers() && !time_passes()) return "it waits for nothing";
    }
    return "it goes on for ever";
  }

  // True when something was said. Who waits is answered once, by the seed and the step's name; some never.
  bool somebody_answers() {
    auto waiting = engine_->executor().waiting_for_people();
    if (!waiting) return false;
    for (const auto& one : *waiting) {
      auto step = json::text(one, "step");
      auto mood = Random(plot_.seed ^ number_of(step)).below(10);
      if (mood == 0) continue;
      const char* type = json::text(one, "message").empty() ? "Resume" : mood < 3 ? "Reject" : "Approve";
      auto id = ExecutionId::parse(json::text(one, "execution"));
      auto sent = engine_->signal_execution(*id, type, step, person, "so they say");
      if (sent || life_.dead()) return true;
    }
    return false;
  }

  bool time_passes() {
    std::optional<Timestamp> due;
    auto looked = ledger_->database().read([&](store::Transaction& tx) -> Result<> {
      due = TRY(ledger::timers::next(tx));
      return {};
    });
    if (!looked) return life_.dead();
    if (!due) return false;
    clock_.set(std::max(*due, clock_.now() + milliseconds(1)));
    return true;
  }

  const Plot& plot_;
  SeededIds ids_;
  Life life_;
  VirtualClock clock_;
  sandbox::Cloud world_;
  MortalCloud cloud_;
  Policy policy_;
  std::optional<Library> library_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Engine> engine_;
  std::string execution_;
  std::size_t deaths_ = 0;
};

}  // namespace

End play(const Plot& plot) { return Stage(plot).play(); }

}  // namespace aright::simulation
