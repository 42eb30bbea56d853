#include "inventory/inventory.h"

#include <mutex>
#include <thread>

namespace aright::inventory {

namespace {

struct Item {
  cloud::ResourceRef ref;
  const Want* want;
};

// What the listing found; gaps are added to the report.
std::vector<Item> list_all(aws::Caller& reader, const std::vector<Place>& places, const std::vector<Want>& wants,
                           const Context& context, Report& report) {
  std::vector<Item> items;
  for (const auto& place : places) {
    for (const auto& want : wants) {
      auto refs = cloud::list_resources(reader, want.type, place.account, place.region, context);
      if (!refs) {
        report.gaps.push_back({fmt::format("{} in {} {}", want.type, place.account, place.region),
                               refs.error().text()});
        continue;
      }
      for (auto& ref : *refs) items.push_back({std::move(ref), &want});
    }
  }
  return items;
}

}  // namespace

Result<Report> scan(aws::Caller& reader, const std::vector<Place>& places, const std::vector<Want>& wants,
                    const Clock& clock, const Context& context,
                    const std::function<void(const cloud::Snapshot&)>& seen) {
  Report report;
  auto items = list_all(reader, places, wants, context, report);
  std::mutex mutex;  // guards report, seen and the position
  std::size_t position = 0;
  auto work = [&] {
    for (;;) {
      std::unique_lock lock(mutex);
      if (position == items.size() || !context.check()) return;
      const Item& item = items[position++];
      lock.unlock();
      auto snapshot = cloud::read_snapshot(reader, item.ref, item.want->aspects, clock, context);
      lock.lock();
      if (snapshot) {
        ++report.resources;
        seen(*snapshot);
      } else if (snapshot.error().code != Errc::not_found) {
        report.gaps.push_back({item.ref.key(), snapshot.error().text()});
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::min<std::size_t>(readers_max, items.size()); ++i) threads.emplace_back(work);
  }
  CHECK_OK(context.check());
  return report;
}

}  // namespace aright::inventory
