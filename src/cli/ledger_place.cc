#include "cli/ledger_place.h"

#include <filesystem>

#include "cli/house.h"
#include "store/postgres.h"

namespace aright::cli {

std::string ledger_place(const Settings& settings) {
  return settings.store.empty() ? (std::filesystem::path(settings.state) / ledger_file).string() : settings.store;
}

// postgresql://user:password@host/database?password=…
std::string shown_place(const std::string& place) {
  if (!store::is_postgres_url(place)) return place;
  auto out = place;
  auto begin = out.find("://") + 3, end = out.find('@', begin), colon = out.find(':', begin);
  if (end != std::string::npos && colon < end) out.replace(colon + 1, end - colon - 1, "…");
  if (auto asked = out.find("password="); asked != std::string::npos) {
    asked += std::string_view("password=").size();
    out.replace(asked, std::min(out.find_first_of("&#", asked), out.size()) - asked, "…");
  }
  return out;
}

Result<std::unique_ptr<ledger::Ledger>> open_ledger(const Settings& settings) {
  auto place = ledger_place(settings);
  if (!store::is_postgres_url(place) && !std::filesystem::exists(place))
    return fail(Errc::not_found, "there is no ledger at {}; say where it is with --state DIRECTORY, or --store URL",
                place);
  return ledger::Ledger::open({.path = place});
}

}  // namespace aright::cli
