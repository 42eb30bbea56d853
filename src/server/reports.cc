#include "server/reports.h"

#include <algorithm>

#include "report/review.h"

namespace aright::server {

namespace {

Result<json::Object> review_of(remediation::Engine& engine, const std::string& since, const std::string& until,
                               std::uint64_t size) {
  const auto& ledger = engine.ledger();
  auto window = TRY(report::parse_window(since, until, engine.clock().now()));
  auto page = TRY(ledger.read(1, ledger::read_entries_max));
  // Nobody asked for the time before there was anything to tell.
  if (since.empty() && !page.empty() && page[0].time < window.until)
    window.since = std::max(window.since, page[0].time);
  report::Review review(window);
  while (!page.empty()) {
    for (const auto& entry : page) review.add(entry);
    auto next = page.back().position + 1;
    if (next > size) break;
    page = TRY(ledger.read(next, ledger::read_entries_max));
  }
  return review.tell();
}

}  // namespace

Result<json::Object> Reports::tell(remediation::Engine& engine, const std::string& since, const std::string& until) {
  const auto now = engine.clock().now();
  const auto size = engine.ledger().size();
  {
    std::lock_guard lock(mutex_);
    for (const auto& one : told_)
      if (one.since == since && one.until == until && one.entries == size && one.at + report_age_max > now)
        return one.review;
  }
  auto review = TRY(review_of(engine, since, until, size));
  std::lock_guard lock(mutex_);
  std::erase_if(told_, [&](const Told& one) { return one.since == since && one.until == until; });
  told_.push_back({.since = since, .until = until, .entries = size, .at = now, .review = review});
  if (told_.size() > reports_kept_max) told_.pop_front();
  return review;
}

}  // namespace aright::server
