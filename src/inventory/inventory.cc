#include "inventory/inventory.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "inventory/under_way.h"

namespace aright::inventory {

namespace {

struct Listing {
  const Place* place;
  const Want* want;
};

struct Item {
  cloud::ResourceRef ref;
  const Want* want;
};

// One pool of threads for both kinds of work. Who lists and finds too much waiting reads some of it, so nothing ever
// blocks on a full queue, and there are never more calls on their way than threads.
class Scan {
 public:
  Scan(aws::Caller& reader, const Clock& clock, const Context& context, const Listener& listener,
       std::deque<Listing> listings)
      : reader_(reader), clock_(clock), context_(context), listener_(listener), listings_(std::move(listings)),
        progress_{.listings_all = listings_.size()}, under_way_(progress_) {}

  Result<Report> run(unsigned readers) {
    if (listings_.empty()) readers = 0;
    if (readers == 1) {
      work();
    } else {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < readers; ++i) threads.emplace_back([this] { work(); });
    }
    CHECK_OK(context_.check());
    return std::move(report_);
  }

 private:
  // Until there is nothing to do, and nobody who may find more.
  void work() {
    std::unique_lock lock(mutex_);
    while (context_.check()) {
      if (!items_.empty()) {
        read_one(lock);
      } else if (!listings_.empty()) {
        list_one(lock);
      } else if (listing_now_ > 0) {
        changed_.wait(lock);
      } else {
        break;
      }
    }
    changed_.notify_all();
  }

  // Lets go of the lock while the cloud is asked.
  void read_one(std::unique_lock<std::mutex>& lock) {
    Item item = std::move(items_.front());
    items_.pop_front();
    lock.unlock();
    auto snapshot = cloud::read_snapshot(reader_, item.ref, item.want->aspects, clock_, context_);
    lock.lock();
    if (snapshot) {
      ++report_.resources;
      listener_.seen(*snapshot);
      progress_.resources = report_.resources;
      under_way_.tell(progress_);
      if (listener_.progress && report_.resources % progress_every == 0) listener_.progress(progress_);
    } else if (snapshot.error().code != Errc::not_found) {
      gap(item.ref.key(), snapshot.error(), std::move(item.ref));
    }
  }

  void list_one(std::unique_lock<std::mutex>& lock) {
    Listing listing = listings_.front();
    listings_.pop_front();
    ++listing_now_;
    lock.unlock();
    const auto& [account, region] = *listing.place;
    auto listed = cloud::each_resource(reader_, listing.want->type, account, region, context_,
                                       [&](cloud::ResourceRef ref) { return found({std::move(ref), listing.want}); });
    lock.lock();
    --listing_now_;
    ++progress_.listings;
    under_way_.tell(progress_);
    if (!listed)
      gap(fmt::format("{} in {} {}", listing.want->type, account, region), listed.error(),
          {.account = account, .region = region, .type = listing.want->type, .id = ""});
    changed_.notify_all();
  }

  Result<> found(Item item) {
    CHECK_OK(context_.check());
    std::unique_lock lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_one();
    while (items_.size() > waiting_max) read_one(lock);
    return {};
  }

  void gap(std::string what, const Error& why, cloud::ResourceRef where) {
    if (report_.gaps.size() < gaps_max)
      report_.gaps.push_back({std::move(what), why.text(), std::move(where)});
    else
      ++report_.gaps_unnamed;
  }

  aws::Caller& reader_;
  const Clock& clock_;
  const Context& context_;
  const Listener& listener_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Listing> listings_;
  std::deque<Item> items_;
  unsigned listing_now_ = 0;
  Progress progress_;
  UnderWay under_way_;
  Report report_;
};

}  // namespace

Result<Report> scan(aws::Caller& reader, const std::vector<Place>& places, const std::vector<Want>& wants,
                    const Clock& clock, const Context& context, const Listener& listener, unsigned readers) {
  std::deque<Listing> listings;
  for (const auto& place : places)
    for (const auto& want : wants) listings.push_back({&place, &want});
  return Scan(reader, clock, context, listener, std::move(listings)).run(readers);
}

}  // namespace aright::inventory
