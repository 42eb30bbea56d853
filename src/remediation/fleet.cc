#include "remediation/fleet.h"

#include <algorithm>

namespace aright::remediation {

namespace {

Error lost_by(const std::string& worker) {
  return {.code = Errc::conflict,
          .message = fmt::format("{} held it no more: another worker may have it now", worker),
          .number = ledger::lost_number};
}

}  // namespace

Result<> Fleet::Grip::check(store::Transaction& tx) const {
  std::lock_guard lock(mutex_);
  for (const auto& lease : leases_) CHECK_OK(ledger::leases::require(tx, lease, lost_by(fleet_.worker())));
  return {};
}

Result<> Fleet::Grip::check_now() const {
  if (fleet_.lapses_ == lapses_ && fleet_.is_in_time()) return {};
  return fail(lost_by(fleet_.worker()));
}

Fleet::Fleet(ledger::Ledger& ledger, FleetOptions options) : ledger_(ledger), options_(std::move(options)) {}
Fleet::~Fleet() { stop(); }

bool Fleet::is_in_time() const { return Context{.deadline = valid_until_, .stop = {}}.check().has_value(); }

Result<> Fleet::start() {
  auto until = Context::within(options_.term).deadline;
  CHECK_OK(ledger_.database().transact([&](store::Transaction& tx) -> Result<> {
    auto name = std::string(worker_prefix) + worker();
    for (const auto& other : TRY(ledger::leases::all(tx, name)))
      if (other.lease.name == name && other.left.count() > 0)
        return fail(Errc::conflict, "another worker is called {} as well", worker());
    CHECK_OK(ledger::leases::release_all(tx, worker()));  // of an earlier life of the same name
    CHECK_OK(ledger::leases::take(tx, name, worker(), options_.term));
    return options_.clock ? options_.clock->look(tx) : Result<>();
  }));
  valid_until_ = until;
  renewing_ = std::jthread([this](std::stop_token stop) { renew(stop); });
  return {};
}

void Fleet::stop() {
  if (!renewing_.joinable()) return;
  renewing_.request_stop();
  renewing_.join();
  valid_until_ = Context::SteadyTime{};
  // What cannot be given back runs out.
  std::ignore = ledger_.database().transact(
      [&](store::Transaction& tx) { return ledger::leases::release_all(tx, worker()); });
}

// The term begins when it was asked for, not when the answer came.
void Fleet::renew(std::stop_token stop) {
  Context context{.stop = stop};
  while (context.sleep(options_.term / renewals_per_term)) {
    auto until = Context::within(options_.term).deadline;
    if (!is_in_time()) lapse();
    auto renewed = ledger_.database().transact_beside([&](store::Transaction& tx) -> Result<> {
      auto held = TRY(ledger::leases::renew(tx, worker(), options_.term));
      CHECK_OK(ledger::leases::prune(tx));
      if (held == 0) CHECK_OK(ledger::leases::take(tx, std::string(worker_prefix) + worker(), worker(), options_.term));
      return options_.clock ? options_.clock->look(tx) : Result<>();
    });
    if (renewed) valid_until_ = until;
  }
}

void Fleet::lapse() {
  ++lapses_;
  std::lock_guard lock(mutex_);
  for (const auto& held : grips_)
    if (auto grip = held.lock()) grip->lost_.request_stop();
  grips_.clear();
}

Result<std::vector<Fleet::Claimed>> Fleet::claim(Timestamp now, std::size_t limit,
                                                 const std::set<std::string>& at_it) {
  std::vector<ledger::Lease> returned;
  {
    std::lock_guard lock(mutex_);
    returned.swap(returned_);
  }
  std::vector<ledger::Lease> taken;
  auto claimed = ledger_.database().transact([&](store::Transaction& tx) -> Result<> {
    for (const auto& lease : returned) CHECK_OK(ledger::leases::release(tx, lease));
    taken = TRY(ledger::leases::take_due(tx, worker(), options_.term, now, limit));
    return {};
  });
  if (!claimed) {
    give_back(std::move(returned));
    return fail(claimed.error());
  }
  // Under way here, and its lease ran out: the turn ends first.
  auto late = std::ranges::stable_partition(taken, [&](const auto& lease) { return !at_it.contains(lease.name); });
  give_back({late.begin(), late.end()});
  taken.erase(late.begin(), late.end());
  std::vector<Claimed> out;
  std::lock_guard lock(mutex_);
  std::erase_if(grips_, [](const auto& held) { return held.expired(); });
  for (auto& lease : taken) {
    auto stream = lease.name;
    out.push_back({std::move(stream), std::make_shared<Grip>(*this, std::move(lease))});
    grips_.push_back(out.back().grip);
  }
  return out;
}

void Fleet::give_back(std::vector<ledger::Lease> leases) {
  std::lock_guard lock(mutex_);
  returned_.insert(returned_.end(), leases.begin(), leases.end());
}

void Fleet::done(const Grip& grip) {
  std::lock_guard lock(grip.mutex_);
  give_back(grip.leases_);
}

Result<bool> Fleet::hold(Grip& grip, const std::string& resource) {
  std::optional<ledger::Lease> taken;
  CHECK_OK(ledger_.transact([&](store::Transaction& tx) -> Result<> {
    taken = TRY(ledger::leases::take(tx, std::string(resource_prefix) + resource, worker(), options_.term));
    return {};
  }));
  if (!taken) return false;
  std::lock_guard lock(grip.mutex_);
  grip.leases_.push_back(std::move(*taken));
  return true;
}

void Fleet::let_go(Grip& grip, const std::string& resource) {
  std::vector<ledger::Lease> gone;
  {
    std::lock_guard lock(grip.mutex_);
    auto of_it = [&](const ledger::Lease& lease) { return lease.name == std::string(resource_prefix) + resource; };
    std::ranges::copy_if(grip.leases_, std::back_inserter(gone), of_it);
    std::erase_if(grip.leases_, of_it);
  }
  give_back(std::move(gone));
}

Result<bool> Fleet::is_first() {
  bool first = false;
  CHECK_OK(ledger_.database().transact([&](store::Transaction& tx) -> Result<> {
    first = TRY(ledger::leases::take(tx, first_name, worker(), options_.term)).has_value();
    return {};
  }));
  return first;
}

}  // namespace aright::remediation
