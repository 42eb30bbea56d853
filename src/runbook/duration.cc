#include "runbook/duration.h"

#include <charconv>
#include <cmath>

namespace aright::runbook {

namespace {

// 0 for a letter that means nothing in this place.
std::int64_t unit_seconds(char letter, bool time) {
  if (!time && letter == 'W') return 604'800;
  if (!time && letter == 'D') return 86'400;
  if (time && letter == 'H') return 3'600;
  if (time && letter == 'M') return 60;
  if (time && letter == 'S') return 1;
  return 0;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  constexpr double number_max = 1e8;
  auto bad = [&] {
    return fail(Errc::invalid, "'{}' is no ISO 8601 duration such as PT10M", text);
  };
  if (text.size() < 3 || text[0] != 'P') return bad();
  double total = 0;  // seconds
  bool time = false;
  for (auto rest = text.substr(1); !rest.empty();) {
    if (rest[0] == 'T') {
      if (time || rest.size() == 1) return bad();
      time = true;
      rest.remove_prefix(1);
      continue;
    }
    double number = 0;
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    auto used = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc() || used == rest.size() || !(number >= 0 && number <= number_max)) return bad();
    auto unit = unit_seconds(rest[used], time);
    if (unit == 0) return bad();
    total += number * static_cast<double>(unit);
    rest.remove_prefix(used + 1);
  }
  return milliseconds(std::llround(total * 1000));
}

}  // namespace aright::runbook
