#pragma once
// One of several workers on one ledger. What it does it holds under leases, and what it appends stands behind a fence:
// a worker that was away for longer than its term finds its leases with others, and then can neither append nor call.
//
// Thread-safe.

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/context.h"
#include "ledger/database_clock.h"
#include "ledger/fence.h"
#include "ledger/leases.h"
#include "ledger/ledger.h"

namespace aright::remediation {

struct FleetOptions {
  std::string worker;  // its name, unlike every other's, those of earlier processes included
  milliseconds term = ledger::leases::term_default;
  ledger::DatabaseClock* clock = nullptr;  // kept right while it works; null: somebody else's business
};

inline constexpr int renewals_per_term = 5;
inline constexpr std::string_view worker_prefix = "worker ", resource_prefix = "resource ", first_name = "first";

class Fleet {
 public:
  Fleet(ledger::Ledger& ledger, FleetOptions options);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Is seen by the others from now on, and renews what it holds, until stop(), which gives all of it back.
  Result<> start();
  void stop();

  // The work of one turn: the leases that it stands on.
  class Grip final : public ledger::Fence {
   public:
    Grip(const Fleet& fleet, ledger::Lease of_stream) : fleet_(fleet), leases_{std::move(of_stream)} {}
    Result<> check(store::Transaction& tx) const override;
    Result<> check_now() const override;
    std::stop_token lost() const override { return lost_.get_token(); }

   private:
    friend class Fleet;
    const Fleet& fleet_;
    const std::uint64_t lapses_ = fleet_.lapses_;  // how often the fleet's leases had run out when it was taken
    std::stop_source lost_;
    mutable std::mutex mutex_;
    std::vector<ledger::Lease> leases_;  // guarded by mutex_
  };
  struct Claimed {
    std::string stream;
    std::shared_ptr<Grip> grip;
  };

  // Streams that are due and that nobody is at, not even this worker (`at_it`); now they are this worker's. Gives back
  // what it has done with.
  Result<std::vector<Claimed>> claim(Timestamp now, std::size_t limit, const std::set<std::string>& at_it);
  // The turn is over; the stream is given back with the next claim.
  void done(const Grip& grip);
  // Whether the resource is this turn's now, until let_go().
  Result<bool> hold(Grip& grip, const std::string& resource);
  void let_go(Grip& grip, const std::string& resource);

  // Whether this worker is the one that does what one has to do for all.
  Result<bool> is_first();

  const std::string& worker() const { return options_.worker; }

 private:
  void renew(std::stop_token stop);
  void give_back(std::vector<ledger::Lease> leases);
  bool is_in_time() const;
  // What it held may be others' by now.
  void lapse();

  ledger::Ledger& ledger_;
  const FleetOptions options_;
  std::atomic<Context::SteadyTime> valid_until_{};  // what it holds is its own for certain
  std::atomic<std::uint64_t> lapses_ = 0;
  std::mutex mutex_;
  std::vector<ledger::Lease> returned_;  // guarded by mutex_
  std::vector<std::weak_ptr<Grip>> grips_;  // of turns under way; guarded by mutex_
  std::jthread renewing_;
};

}  // namespace aright::remediation
