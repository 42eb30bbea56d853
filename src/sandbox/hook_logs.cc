// Log events: kept in the order of their time, for as long as the group keeps them.
#include <algorithm>

#include "base/text.h"
#include "sandbox/hook.h"
#include "sandbox/paging.h"

namespace aright::sandbox::logs_hooks {

namespace {

constexpr std::string_view group_type = "AWS::Logs::LogGroup";
constexpr std::string_view stream_type = "AWS::Logs::LogStream";
constexpr std::size_t events_max = 10'000, batch_max = 10'000;

std::string stream_id(const Scene& scene) {
  return scene.text("logGroupName") + "|" + scene.text("logStreamName");
}

// Of one stream, sorted by time; without those that are too old.
json::Array events_of(const Scene& scene, const Resource& stream) {
  json::Array out;
  const auto* group = scene.find(group_type, stream.ref.id.substr(0, stream.ref.id.find('|')));
  auto days = group == nullptr ? 0 : json::integer(group->aspect("RetentionInDays"));
  auto oldest = days == 0 ? 0 : (scene.now - std::chrono::days(days)).ms;
  for (const auto& event : json::items(json::at(stream.internals, "events")))
    if (json::integer(json::at(event, "timestamp")) >= oldest) out.push_back(event);
  return out;
}

Result<json::Object> put_events(Scene& scene) {
  CHECK_OK(scene.need(group_type, scene.text("logGroupName")));
  auto stream = scene.need(stream_type, stream_id(scene));
  if (!stream)
    return fail(
        scene.error("ResourceNotFoundException", "The specified log stream does not exist."));
  const auto& given = json::items(scene.input("logEvents"));
  if (given.empty() || given.size() > batch_max)
    return fail(scene.error("InvalidParameterException",
                            fmt::format("A batch has between 1 and {} log events", batch_max)));
  auto events = json::items(json::at((*stream)->internals, "events"));
  std::int64_t before = 0;
  for (const auto& event : given) {
    auto time = json::integer(json::at(event, "timestamp"));
    if (time < before)
      return fail(scene.error(
          "InvalidParameterException",
          "Log events in a single PutLogEvents request must be in chronological order."));
    before = time;
    events.push_back(json::Object{{"timestamp", time},
                                  {"message", json::at(event, "message")},
                                  {"ingestionTime", scene.now.ms},
                                  {"eventId", scene.ids.digits(56)}});
  }
  std::ranges::stable_sort(events, {}, [](const json::Value& event) {
    return json::integer(json::at(event, "timestamp"));
  });
  if (events.size() > events_max)
    events.erase(events.begin(),
                 events.begin() + static_cast<std::ptrdiff_t>(events.size() - events_max));
  auto& record = (*stream)->record;
  record["firstEventTimestamp"] = json::at(events.front(), "timestamp");
  record["lastEventTimestamp"] = json::at(events.back(), "timestamp");
  record["lastIngestionTime"] = scene.now.ms;
  (*stream)->internals["events"] = std::move(events);
  return json::Object{{"nextSequenceToken", scene.ids.digits(56)}};
}

bool in_time(const Scene& scene, const json::Value& event) {
  auto time = json::integer(json::at(event, "timestamp"));
  const auto &from = scene.input("startTime"), &to = scene.input("endTime");
  return (from.is_null() || time >= json::integer(from)) &&
         (to.is_null() || time < json::integer(to));
}

Result<json::Object> get_events(Scene& scene) {
  CHECK_OK(scene.need(group_type, scene.text("logGroupName")));
  auto stream = scene.need(stream_type, stream_id(scene));
  if (!stream)
    return fail(
        scene.error("ResourceNotFoundException", "The specified log stream does not exist."));
  json::Array all;
  for (const auto& event : events_of(scene, **stream))
    if (in_time(scene, event)) all.push_back(event);
  auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(json::integer(scene.input("limit"), events_max), 1, events_max));
  // Tokens say where to go on, from the beginning: f/3, b/0. There is one of each, always.
  bool forward = json::truth(scene.input("startFromHead"));
  std::size_t at = forward ? 0 : all.size();
  if (auto token = scene.text("nextToken"); !token.empty()) {
    auto place = read_page_token(scene.call.operation, token);
    if (!place) return fail(bad_token(scene, "nextToken"));
    forward = place->starts_with("f/");
    at = std::min(all.size(), static_cast<std::size_t>(json::integer(json::Value(place->substr(2)))));
  }
  auto first = forward ? at : at - std::min(at, limit);
  auto last = forward ? std::min(all.size(), at + limit) : at;
  json::Array events(all.begin() + static_cast<std::ptrdiff_t>(first),
                     all.begin() + static_cast<std::ptrdiff_t>(last));
  return json::Object{{"events", std::move(events)},
                      {"nextForwardToken", page_token(scene.call.operation, fmt::format("f/{}", last))},
                      {"nextBackwardToken", page_token(scene.call.operation, fmt::format("b/{}", first))}};
}

// All words must stand in the message, and none that has a minus before it. Other patterns are
// refused.
Result<std::vector<std::string>> words_of(Scene& scene) {
  std::vector<std::string> words;
  auto pattern = scene.text("filterPattern");
  if (pattern.find_first_of("{[?") != std::string::npos)
    return fail(scene.error("InvalidParameterException",
                            "The emulated cloud understands filter patterns of words only"));
  bool quoted = pattern.size() >= 2 && pattern.front() == '"' && pattern.back() == '"' &&
                std::ranges::count(pattern, '"') == 2;
  if (quoted) return std::vector{pattern.substr(1, pattern.size() - 2)};
  for (auto& word : split(pattern, ' '))
    if (!word.empty()) words.push_back(replace_all(word, "\"", ""));
  return words;
}

bool holds(const std::string& message, const std::vector<std::string>& words) {
  return std::ranges::all_of(words, [&](const std::string& word) {
    if (word.starts_with('-')) return message.find(word.substr(1)) == std::string::npos;
    return message.find(word) != std::string::npos;
  });
}

Result<json::Object> filter_events(Scene& scene) {
  auto group = scene.text("logGroupName");
  CHECK_OK(scene.need(group_type, group));
  auto words = TRY(words_of(scene));
  auto names = json::texts(scene.input("logStreamNames"));
  auto prefix = scene.text("logStreamNamePrefix");
  json::Array found;
  for (const auto* stream : scene.world.all(scene.ref(stream_type, group + "|"))) {
    auto name = stream->ref.id.substr(group.size() + 1);
    if (!name.starts_with(prefix) ||
        (!names.empty() && std::ranges::find(names, name) == names.end()))
      continue;
    for (auto& event : events_of(scene, *stream)) {
      if (!in_time(scene, event) || !holds(json::text(event, "message", ""), words)) continue;
      event.as_object()["logStreamName"] = name;
      found.push_back(std::move(event));
    }
  }
  std::ranges::stable_sort(found, {}, [](const json::Value& event) {
    return json::integer(json::at(event, "timestamp"));
  });
  auto output = TRY(page_of(scene, "events", found, {.limit = "limit", .token = "nextToken", .most = events_max}));
  output["searchedLogStreams"] = json::Array();
  return output;
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("logs:PutLogEvents", put_events);
  hooks.emulate("logs:GetLogEvents", get_events);
  hooks.emulate("logs:FilterLogEvents", filter_events);
}

}  // namespace aright::sandbox::logs_hooks
