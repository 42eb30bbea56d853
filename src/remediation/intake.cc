#include "remediation/intake.h"

#include <algorithm>

#include "base/digest.h"
#include "base/utf8.h"

namespace aright::remediation {

void Intake::run() {
  for (const auto& source : engine_.policy().sources)
    threads_.emplace_back([this, source](std::stop_token stop) { keep_polling(source, stop); });
}

void Intake::stop() {
  for (auto& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

void Intake::keep_polling(const Source& source, std::stop_token stop) {
  Context context{.stop = stop};
  auto pause = intake_pause;
  while (!stop.stop_requested()) {
    auto taken = poll(source, context.at_most(intake_timeout));
    if (!taken && stop.stop_requested()) return;
    if (!taken) log_(fmt::format("source {}: {}", source.name, taken.error().text()));
    pause = taken ? intake_pause : std::min(pause * 2, intake_pause_max);
    if (taken && *taken > 0) continue;
    auto wait = taken && !source.bucket.empty() ? std::max<milliseconds>(pause, source.every) : pause;
    if (taken && source.stream) continue;  // it was waited for already
    if (!context.sleep(wait)) return;
  }
}

Result<std::size_t> Intake::poll(const Source& source, const Context& context) {
  if (source.stream) return poll_stream(source, context);
  return source.bucket.empty() ? poll_queue(source, context) : poll_bucket(source, context);
}

Result<json::Object> Intake::call(const Source& source, const char* service, const char* operation, json::Object input,
                                  const Context& context) {
  aws::Call call{.service = service,
                 .operation = operation,
                 .region = source.region,
                 .account = source.account,
                 .input = std::move(input)};
  return cloud_.call(call, context);
}

struct Intake::Sorting {
  const Source& source;
  const std::vector<Parcel>& parcels;
  const Context& context;
  Sorted out;
  std::set<std::string> held;  // groups in which one was left
  std::vector<std::size_t> together = {};          // parcels that are put on record at once,
  std::vector<std::vector<json::Object>> events = {};  // and what each of them holds

  void leave(std::size_t which, const Error& why) {
    out.failure = why;
    if (!parcels[which].group.empty()) held.insert(parcels[which].group);
  }
};

// Messages that name log files are taken by themselves, in their place.
Sorted Intake::sort(const Source& source, const std::vector<Parcel>& parcels, const Context& context) {
  Sorting sorting{.source = source, .parcels = parcels, .context = context,
                  .out = {.fates = std::vector<Fate>(parcels.size(), Fate::left)}, .held = {}};
  for (std::size_t i = 0; i < parcels.size(); ++i) {
    const auto& parcel = parcels[i];
    if (sorting.held.contains(parcel.group)) continue;
    auto inbound = parcel.fault ? std::unexpected(*parcel.fault) : bus::read_inbound(parcel.text);
    if (!inbound) {
      refuse_parcel(sorting, i, inbound.error());
      continue;
    }
    for (std::size_t n = 0; n < inbound->events.size(); ++n)
      if (auto& event = inbound->events[n]; !event.contains("id"))
        event["id"] = fmt::format("message/{}", parcel.id) + (n == 0 ? "" : fmt::format("/{}", n));
    if (inbound->files.empty()) {
      sorting.together.push_back(i);
      sorting.events.push_back(std::move(inbound->events));
      continue;
    }
    take_together(sorting);
    if (!sorting.held.contains(parcel.group)) take_alone(sorting, i, *inbound);
  }
  take_together(sorting);
  return std::move(sorting.out);
}

// In one append; where an event is none, each message by itself, so that it alone is refused.
void Intake::take_together(Sorting& sorting) {
  auto which = std::exchange(sorting.together, {});
  auto events = std::exchange(sorting.events, {});
  std::vector<json::Object> all;
  for (const auto& some : events) all.insert(all.end(), some.begin(), some.end());
  auto accepted = engine_.accept_events(all, {.bus = sorting.source.bus});
  bool one_is_none = !accepted && accepted.error().code == Errc::invalid;
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (one_is_none) {
      if (sorting.held.contains(sorting.parcels[which[i]].group)) continue;
      take_alone(sorting, which[i], {.events = std::move(events[i]), .files = {}});
    } else if (accepted) {
      sorting.out.fates[which[i]] = Fate::taken;
      sorting.out.taken += std::max<std::size_t>(1, events[i].size());  // the message itself, where it held nothing
    } else {
      sorting.leave(which[i], accepted.error());
    }
  }
}

void Intake::take_alone(Sorting& sorting, std::size_t which, const bus::Inbound& inbound) {
  auto accepted = engine_.accept_events(inbound.events, {.bus = sorting.source.bus});
  if (!accepted && accepted.error().code == Errc::invalid) return refuse_parcel(sorting, which, accepted.error());
  if (!accepted) return sorting.leave(which, accepted.error());
  std::size_t taken = inbound.events.size();
  for (const auto& file : inbound.files) {
    auto read = take_file(sorting.source, file, sorting.context);
    if (!read) {
      bool passing = read.error().code != Errc::denied && read.error().code != Errc::not_found;
      if (passing || sorting.parcels[which].receives < receives_max) return sorting.leave(which, read.error());
      return refuse_parcel(sorting, which, read.error());
    }
    taken += *read;
  }
  sorting.out.fates[which] = Fate::taken;
  sorting.out.taken += std::max<std::size_t>(1, taken);
}

void Intake::refuse_parcel(Sorting& sorting, std::size_t which, const Error& why) {
  const auto& parcel = sorting.parcels[which];
  auto told = refuse(sorting.source, parcel.id, parcel.text, why);
  if (!told) return sorting.leave(which, told.error());
  sorting.out.fates[which] = Fate::refused;
  ++sorting.out.taken;
}

// Once, though it may come again: from a queue that buries its dead, or when its deletion was lost.
Result<> Intake::refuse(const Source& source, std::string_view what, std::string_view body, const Error& why) {
  auto key = fmt::format("{}/{}", source.name, what);
  {
    std::lock_guard lock(mutex_);
    if (refused_.contains(key)) return {};
  }
  log_(fmt::format("source {}: {} is refused: {}", source.name, what, why.text()));
  auto kept = std::string(body.substr(0, refused_bytes_max));
  bool is_text = utf8_fault(kept) == kept.size();
  ledger::Draft draft{
      .stream = std::string(source_prefix) + source.name, .kind = entry::source_refused, .body = {}, .sequence = {}};
  draft.body["what"] = what;
  draft.body["why"] = why.text();
  draft.body[is_text ? "text" : "base64"] = is_text ? kept : to_base64(kept);
  draft.body["bytes"] = body.size();
  CHECK_OK(engine_.ledger().append({std::move(draft)}));
  std::lock_guard lock(mutex_);
  if (refused_.size() == refused_known_max) refused_.clear();
  refused_.insert(std::move(key));
  return {};
}

}  // namespace aright::remediation
