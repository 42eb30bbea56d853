// Where other workers share the ledger: what this one takes on, and what it hears of them.

#include "ledger/timers.h"
#include "remediation/engine.h"
#include "remediation/put.h"

namespace aright::remediation {

namespace {

constexpr std::size_t claims_at_once = 32;  // streams that one look takes on; the rest is for others
constexpr int join_attempts_max = 8;        // against workers that begin at the same moment

Result<std::uint64_t> length_of(const ledger::Ledger& ledger, std::string_view stream) {
  std::uint64_t out = 0;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    out = TRY(ledger::last_sequence(tx, stream));
    return {};
  }));
  return out;
}

}  // namespace

Result<> Engine::join_fleet() {
  gateway_.share_halts({.knows_all =
                            [this](store::Transaction& tx) -> Result<bool> {
                              return TRY(ledger::last_sequence(tx, engine_stream)) == halts_known_;
                            },
                        .learn = [this] { return follow_halts(); }});
  put_known_ = TRY(length_of(ledger_, put_stream));
  CHECK_OK(follow_others());
  CHECK_OK(fleet_->start());
  bell_ = ledger_.database().bell([this] {
    if (auto followed = follow_others(); !followed) log(followed.error().text());
    nudge();
  });
  if (bell_) rings_ = ledger_.subscribe([this](const auto&) { bell_->ring(); });
  auto begun = begin_edition();
  for (int attempt = 1; !begun && begun.error().code == Errc::conflict && attempt < join_attempts_max; ++attempt)
    begun = begin_edition();
  return begun;
}

// As take_due(): "" when nothing is due that nobody is at.
Result<std::string> Engine::claim_due() {
  std::lock_guard one_at_a_time(claiming_);
  std::set<std::string> at_it;
  {
    std::lock_guard lock(mutex_);
    if (auto stream = pop_ready(); !stream.empty() || leaving_) return stream;
    at_it = busy_;
  }
  auto claimed = TRY(fleet_->claim(clock_.now(), claims_at_once, at_it));
  std::lock_guard lock(mutex_);
  for (auto& [stream, grip] : claimed) {
    grips_[stream] = std::move(grip);
    queued_.insert(stream);
    ready_.push_back(std::move(stream));
  }
  return pop_ready();
}

std::shared_ptr<Fleet::Grip> Engine::grip_of(const std::string& stream) {
  std::lock_guard lock(mutex_);
  auto found = grips_.find(stream);
  return found == grips_.end() ? nullptr : found->second;
}

Result<> Engine::follow_halts() {
  std::lock_guard one_at_a_time(following_);
  auto said = TRY(length_of(ledger_, engine_stream));
  if (said == halts_known_) return {};
  CHECK_OK(halt_again());
  halts_known_ = said;
  nudge();
  return {};
}

Result<> Engine::follow_others() {
  CHECK_OK(ledger_.refresh());
  CHECK_OK(follow_halts());
  auto put = TRY(length_of(ledger_, put_stream));
  if (put_known_.exchange(put) != put && hears_others_) hears_others_();
  return {};
}

// One signal at a time judges a resource, in whichever worker: what is told of it is told in order.
Result<> Engine::judge_alone(const std::string& stream, const std::vector<std::string>& resources,
                             const std::function<Result<>()>& judges) {
  auto grip = grip_of(stream);
  if (!grip) return judges();
  std::vector<std::string> held;
  bool all = true;
  for (const auto& resource : resources) {
    auto name = "judgement of " + resource;
    all = TRY(fleet_->hold(*grip, name));
    if (!all) break;
    held.push_back(std::move(name));
  }
  auto judged = all ? judges() : wake_at(stream, clock_.now() + resource_pause);
  for (const auto& name : held) fleet_->let_go(*grip, name);
  return judged;
}

bool Engine::is_first() {
  if (!fleet_) return true;
  auto first = fleet_->is_first();
  if (!first) log(first.error().text());
  return first.value_or(false);
}

}  // namespace aright::remediation
