#include "report/review.h"
#include "server/views.h"

namespace aright::server {

Result<json::Object> report_view(remediation::Engine& engine, std::string_view since, std::string_view until) {
  const auto& ledger = engine.ledger();
  auto window = TRY(report::parse_window(since, until, engine.clock().now()));
  auto size = ledger.size();
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

}  // namespace aright::server
