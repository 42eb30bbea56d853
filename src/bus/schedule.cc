#include "bus/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

namespace aright::bus {

namespace {

constexpr std::int64_t minute_ms = 60'000, minutes_a_day = 1'440;

struct Field {
  const char* name;
  int min, max;
  bool wraps;  // 20-2 goes over the end
  std::array<std::string_view, 12> names;
};
constexpr Field minute_field{"minutes", 0, 59, true, {}};
constexpr Field hour_field{"hours", 0, 23, true, {}};
constexpr Field month_day_field{"day-of-month", 1, 31, true, {}};
constexpr Field month_field{
    "month", 1, 12, true, {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}};
constexpr Field week_day_field{"day-of-week", 1, 7, true, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}};
constexpr Field year_field{"year", year_min, year_max, false, {}};

// A piece of the expression, and where it begins in it.
struct Piece {
  std::string_view text;
  std::size_t column = 0;  // from 1
};

std::vector<Piece> pieces(Piece whole, char separator) {
  std::vector<Piece> out;
  for (std::size_t from = 0;;) {
    auto to = std::min(whole.text.find(separator, from), whole.text.size());
    out.push_back({whole.text.substr(from, to - from), whole.column + from});
    if (to == whole.text.size()) return out;
    from = to + 1;
  }
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  bool digits = !text.empty() && text[0] >= '0' && text[0] <= '9';
  if (!digits || fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::unexpected<Error> wrong(const Field& field, const Piece& piece, std::string_view what) {
  return fail(Errc::invalid, "column {}: {}: {}", piece.column, field.name, what);
}

Result<int> value_of(const Field& field, const Piece& piece) {
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (!field.names[i].empty() &&
        std::ranges::equal(piece.text, field.names[i], {}, [](unsigned char c) { return std::toupper(c); }))
      return static_cast<int>(i) + 1;
  auto value = number(piece.text);
  if (!value) return wrong(field, piece, fmt::format("'{}' is no number", piece.text));
  if (*value < field.min || *value > field.max)
    return wrong(field, piece, fmt::format("{} is not from {} to {}", *value, field.min, field.max));
  return static_cast<int>(*value);
}

// One of a list: *, 5, 5-9, 5/2, 5-9/2, */2.
template <typename Set>
Result<> add_item(const Field& field, const Piece& item, Set set) {
  auto halves = pieces(item, '/');
  if (halves.size() > 2) return wrong(field, item, "there is one '/' at most");
  auto ends = pieces(halves[0], '-');
  if (ends.size() > 2) return wrong(field, item, "there is one '-' at most");
  int first = field.min, last = field.max;
  bool every = halves[0].text == "*";
  if (!every) {
    first = TRY(value_of(field, ends[0]));
    if (ends.size() == 2)
      last = TRY(value_of(field, ends[1]));
    else if (halves.size() == 1)
      last = first;
  }
  int step = 1;
  if (halves.size() == 2) {
    auto said = number(halves[1].text);
    if (!said || *said < 1 || *said > field.max) return wrong(field, halves[1], "this is no step");
    step = static_cast<int>(*said);
  }
  if (last < first && !field.wraps) return wrong(field, item, "the range ends before it begins");
  const int width = field.max - field.min + 1;
  if (last < first) last += width;
  for (int at = first; at <= last; at += step)
    set(at > field.max ? at - width : at);
  return {};
}

template <typename Set>
Result<> read_list(const Field& field, const Piece& piece, Set set) {
  for (const auto& item : pieces(piece, ','))
    CHECK_OK(add_item(field, item, set));
  return {};
}

using Days = Schedule::Days;

Result<Days> read_month_days(const Piece& piece) {
  if (piece.text == "?") return Days{};
  if (piece.text == "L") return Days{.kind = Days::Kind::last};
  if (piece.text == "LW") return Days{.kind = Days::Kind::last_workday};
  if (piece.text.starts_with("L-")) {
    auto before = number(piece.text.substr(2));
    if (!before || *before < 1 || *before >= month_day_field.max)
      return wrong(month_day_field, {piece.text, piece.column + 2}, "behind 'L-' stands a number from 1 to 30");
    return Days{.kind = Days::Kind::last, .day = static_cast<int>(*before)};
  }
  if (piece.text.ends_with('W')) {
    int day = TRY(value_of(month_day_field, {piece.text.substr(0, piece.text.size() - 1), piece.column}));
    return Days{.kind = Days::Kind::nearest_workday, .day = day};
  }
  Days out{.kind = Days::Kind::listed};
  CHECK_OK(read_list(month_day_field, piece, [&](int day) { out.listed.set(static_cast<std::size_t>(day)); }));
  return out;
}

Result<Days> read_week_days(const Piece& piece) {
  if (piece.text == "?") return Days{};
  if (auto sharp = piece.text.find('#'); sharp != std::string_view::npos) {
    int day = TRY(value_of(week_day_field, {piece.text.substr(0, sharp), piece.column}));
    auto nth = number(piece.text.substr(sharp + 1));
    if (!nth || *nth < 1 || *nth > 5)
      return wrong(week_day_field, {piece.text, piece.column + sharp + 1}, "behind '#' stands one number from 1 to 5");
    return Days{.kind = Days::Kind::nth, .day = day, .nth = static_cast<int>(*nth)};
  }
  if (piece.text == "L") return Days{.kind = Days::Kind::listed, .listed = std::bitset<32>(1u << 7)};
  if (piece.text.ends_with('L')) {
    int day = TRY(value_of(week_day_field, {piece.text.substr(0, piece.text.size() - 1), piece.column}));
    return Days{.kind = Days::Kind::last_weekday_name, .day = day};
  }
  Days out{.kind = Days::Kind::listed};
  CHECK_OK(read_list(week_day_field, piece, [&](int day) { out.listed.set(static_cast<std::size_t>(day)); }));
  return out;
}

// A month as days need it: how long it is, and the weekday of its first day (1 is Sunday).
struct Month {
  int length = 31, first_weekday = 1;
  int weekday(int day) const { return (first_weekday - 1 + day - 1) % 7 + 1; }
};

// The nearest of Monday to Friday, in the same month.
int nearest_workday(const Month& month, int day) {
  day = std::min(day, month.length);
  if (month.weekday(day) == 7) return day > 1 ? day - 1 : day + 2;
  if (month.weekday(day) == 1) return day < month.length ? day + 1 : day - 2;
  return day;
}

bool asks_for(const Days& days, bool of_week, const Month& month, int day) {
  switch (days.kind) {
    case Days::Kind::any:
      return true;
    case Days::Kind::listed:
      return days.listed[static_cast<std::size_t>(of_week ? month.weekday(day) : day)];
    case Days::Kind::last:
      return day == month.length - days.day;
    case Days::Kind::last_workday:
      return day == nearest_workday(month, month.length);
    case Days::Kind::last_weekday_name:
      return month.weekday(day) == days.day && day + 7 > month.length;
    case Days::Kind::nearest_workday:
      return days.day <= month.length && day == nearest_workday(month, days.day);
    case Days::Kind::nth:
      return month.weekday(day) == days.day && (day - 1) / 7 + 1 == days.nth;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  auto from = text.find_first_not_of(' '), to = text.find_last_not_of(' ');
  return from == std::string_view::npos ? std::string_view() : text.substr(from, to - from + 1);
}

// The inside of "name(…)"; none when the text has another form.
std::optional<Piece> inside(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || !text.ends_with(')')) return std::nullopt;
  return Piece{text.substr(name.size(), text.size() - name.size() - 1), name.size() + 1};
}

Result<std::int64_t> read_rate(const Piece& piece) {
  auto parts = pieces(piece, ' ');
  if (parts.size() != 2) return fail(Errc::invalid, "column {}: a rate is a number and a unit", piece.column);
  auto count = number(parts[0].text);
  if (!count || *count < 1 || *count > rate_max)
    return fail(Errc::invalid, "column {}: '{}' is not a number from 1 to {}", parts[0].column, parts[0].text,
                rate_max);
  auto unit = parts[1].text;
  bool plural = unit.ends_with('s');
  auto one = plural ? unit.substr(0, unit.size() - 1) : unit;
  std::int64_t minutes = one == "minute" ? 1 : one == "hour" ? 60 : one == "day" ? minutes_a_day : 0;
  if (minutes == 0)
    return fail(Errc::invalid, "column {}: the unit is minute, hour or day, and their plurals", parts[1].column);
  if (plural == (*count == 1))
    return fail(Errc::invalid, "column {}: the unit of {} is {}{}", parts[1].column, *count, one, plural ? "" : "s");
  return *count * minutes * minute_ms;
}

}  // namespace

class CronReader {
 public:
  static Result<Schedule> read(const Piece& piece) {
    std::vector<Piece> fields;
    for (const auto& one : pieces(piece, ' '))
      if (!one.text.empty()) fields.push_back(one);
    if (fields.size() != 6)
      return fail(Errc::invalid,
                  "column {}: cron has six fields: minutes hours day-of-month month day-of-week year; "
                  "here are {}",
                  piece.column, fields.size());
    Schedule out;
    auto into = [](auto& set, int offset) {
      return [&set, offset](int value) { set.set(static_cast<std::size_t>(value - offset)); };
    };
    CHECK_OK(read_list(minute_field, fields[0], into(out.minutes_, 0)));
    CHECK_OK(read_list(hour_field, fields[1], into(out.hours_, 0)));
    out.of_month_ = TRY(read_month_days(fields[2]));
    CHECK_OK(read_list(month_field, fields[3], into(out.months_, 0)));
    out.of_week_ = TRY(read_week_days(fields[4]));
    CHECK_OK(read_list(year_field, fields[5], into(out.years_, year_min)));
    if ((fields[2].text == "?") == (fields[4].text == "?"))
      return wrong(week_day_field, fields[4], "exactly one of day-of-month and day-of-week must be '?'");
    return out;
  }
};

Result<Schedule> Schedule::parse(std::string_view text, const std::string& zone) {
  text = trimmed(text);
  Schedule out;
  if (auto rate = inside(text, "rate(")) {
    if (!zone.empty()) return fail(Errc::invalid, "a rate counts from when the rule was made, in no time zone");
    out.period_ms_ = TRY(read_rate(*rate));
    return out;
  }
  if (auto cron = inside(text, "cron(")) {
    out = TRY(CronReader::read(*cron));
  } else if (auto at = inside(text, "at(")) {
    auto time = parse_timestamp(fmt::format("{}Z", at->text));
    if (!time) return fail(Errc::invalid, "column {}: a time is like 2026-12-20T10:00:00", at->column);
    out.at_ = *time;
  } else {
    return fail(Errc::invalid, "column 1: a schedule is rate(…), cron(…) or at(…)");
  }
  if (!zone.empty()) out.zone_ = TRY(calendar::Zone::find(zone));
  return out;
}

std::string as_of_rules(std::string_view scheduler_expression) {
  auto rate = inside(trimmed(scheduler_expression), "rate(");
  auto parts = rate ? pieces(*rate, ' ') : std::vector<Piece>();
  if (parts.size() != 2) return std::string(scheduler_expression);
  auto unit = parts[1].text;
  if (unit.ends_with('s')) unit.remove_suffix(1);
  return fmt::format("rate({} {}{})", parts[0].text, unit, number(parts[0].text) == 1 ? "" : "s");
}

std::optional<Timestamp> Schedule::next(Timestamp after, Timestamp start) const {
  if (period_ms_ == 0 && !zone_) return next_shown(after);
  if (period_ms_ == 0) {
    auto shown = next_shown({zone_->shown_at(after)});
    for (; shown; shown = next_shown(*shown))
      if (auto instant = zone_->first_when(shown->ms); instant && *instant > after) return instant;
    return std::nullopt;
  }
  auto passed = after.ms < start.ms ? 0 : (after.ms - start.ms) / period_ms_;
  return Timestamp{start.ms + (passed + 1) * period_ms_};
}

std::optional<Timestamp> Schedule::next_shown(Timestamp after) const {
  if (at_) return *at_ > after ? at_ : std::nullopt;
  return next_cron(after);
}

std::optional<Timestamp> Schedule::next_cron(Timestamp after) const {
  using namespace std::chrono;
  const auto minute = std::chrono::floor<minutes>(sys_time<milliseconds>(milliseconds(after.ms))) + minutes(1);
  const auto first_day = std::chrono::floor<days>(minute);
  const auto from = (minute - first_day).count();
  const year_month_day begin(first_day);
  for (int y = std::max(static_cast<int>(begin.year()), year_min); y <= year_max; ++y) {
    if (!years_[static_cast<std::size_t>(y - year_min)]) continue;
    for (unsigned m = y == static_cast<int>(begin.year()) ? static_cast<unsigned>(begin.month()) : 1; m <= 12; ++m) {
      if (!months_[m]) continue;
      const sys_days first = year(y) / month(m) / 1;
      const Month here{.length = static_cast<int>(static_cast<unsigned>((year(y) / month(m) / last).day())),
                       .first_weekday = static_cast<int>(weekday(first).c_encoding()) + 1};
      for (int day = 1; day <= here.length; ++day) {
        const auto on = first + days(day - 1);
        if (on < first_day || !asks_for(of_month_, false, here, day) || !asks_for(of_week_, true, here, day)) continue;
        if (auto found = next_on_day(on.time_since_epoch().count(), on == first_day ? from : 0)) return found;
      }
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> Schedule::next_on_day(std::int64_t day, std::int64_t from_minute) const {
  for (auto minute = from_minute; minute < minutes_a_day; ++minute)
    if (hours_[static_cast<std::size_t>(minute / 60)] && minutes_[static_cast<std::size_t>(minute % 60)])
      return Timestamp{(day * minutes_a_day + minute) * minute_ms};
  return std::nullopt;
}

}  // namespace aright::bus
