#include "calendar/calendar.h"

#include <libical/ical.h>

#include <algorithm>
#include <mutex>

namespace aright::calendar {

namespace {

constexpr std::int64_t ms_per_second = 1000;
constexpr std::int64_t day_s = 86'400;

struct Free {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};

struct Search {
  std::int64_t now_s;
  std::int64_t whole_days_s;  // how long an event of whole days takes; 0: it is none
  std::string summary;
  std::optional<Span> found;
};

void look(icalcomponent*, icaltime_span* span, void* data) {
  auto& search = *static_cast<Search*>(data);
  auto end = search.whole_days_s > 0 ? span->start + search.whole_days_s : span->end;
  bool under_way = span->start <= search.now_s && search.now_s < end;
  if (!under_way || (search.found && search.found->until.ms >= end * ms_per_second)) return;
  search.found = Span{{span->start * ms_per_second}, {end * ms_per_second}, search.summary};
}

// libical takes the day on which such an event ends as one of its days; RFC 5545 does not.
std::int64_t whole_days_of(icalcomponent* event) {
  auto from = icalcomponent_get_dtstart(event), until = icalcomponent_get_dtend(event);
  if (!from.is_date) return 0;
  if (icaltime_is_null_time(until)) return day_s;
  return std::max<std::int64_t>(icaltime_as_timet(until) - icaltime_as_timet(from), day_s);
}

}  // namespace

// Walking through a component moves a cursor in it, so only one walks at a time.
struct Calendar::Parsed {
  std::mutex mutex;
  std::unique_ptr<icalcomponent, Free> root;
};

Result<Calendar> Calendar::parse(std::string_view text) {
  if (text.size() > text_bytes_max) return fail(Errc::invalid, "a calendar has at most {} bytes", text_bytes_max);
  // Faults are told by the components, and never by ending the process.
  icalerror_set_errors_are_fatal(false);
  auto parsed = std::make_shared<Parsed>();
  parsed->root.reset(icalparser_parse_string(std::string(text).c_str()));
  auto* root = parsed->root.get();
  if (!root || icalcomponent_isa(root) != ICAL_VCALENDAR_COMPONENT)
    return fail(Errc::invalid, "this is no iCalendar file: it has to begin with BEGIN:VCALENDAR");
  if (auto faults = icalcomponent_count_errors(root); faults > 0)
    return fail(Errc::invalid, "{} properties of the calendar cannot be read", faults);
  int events = icalcomponent_count_components(root, ICAL_VEVENT_COMPONENT);
  if (events > events_max) return fail(Errc::invalid, "a calendar has at most {} events", events_max);
  for (auto* event = icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT); event;
       event = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT))
    if (icaltime_is_null_time(icalcomponent_get_dtstart(event)))
      return fail(Errc::invalid, "an event of the calendar has no DTSTART");
  Calendar calendar;
  calendar.parsed_ = std::move(parsed);
  return calendar;
}

std::optional<Span> Calendar::at(Timestamp now) const {
  std::lock_guard lock(parsed_->mutex);
  auto* root = parsed_->root.get();
  Search search{.now_s = now.ms / ms_per_second, .whole_days_s = 0, .summary = "", .found = {}};
  auto* utc = icaltimezone_get_utc_timezone();
  auto from = icaltime_from_timet_with_zone(search.now_s, 0, utc);
  auto until = icaltime_from_timet_with_zone(search.now_s + 1, 0, utc);
  for (auto* event = icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT); event;
       event = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT)) {
    if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED) continue;
    const char* summary = icalcomponent_get_summary(event);
    search.summary = summary ? summary : "";
    search.whole_days_s = whole_days_of(event);
    icalcomponent_foreach_recurrence(event, from, until, look, &search);
  }
  return search.found;
}

}  // namespace aright::calendar
