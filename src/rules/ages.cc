#include "rules/ages.h"

#include <charconv>

namespace aright::rules {

namespace {
constexpr std::int64_t ms_per_second = 1000;
constexpr std::int64_t ms_per_day = 24 * 60 * 60 * ms_per_second;
}  // namespace

std::optional<Timestamp> time_told(const json::Value& value) {
  if (value.is_string()) {
    auto parsed = parse_timestamp(value.get_string());
    return parsed ? std::optional(*parsed) : std::nullopt;
  }
  auto seconds = json::integer(value);
  return seconds > 0 ? std::optional(Timestamp{seconds * ms_per_second}) : std::nullopt;
}

std::int64_t days_since(Timestamp then, const cloud::Snapshot& snapshot) {
  auto passed = (snapshot.time - then).count();
  return passed >= 0 ? passed / ms_per_day : -((-passed + ms_per_day - 1) / ms_per_day);
}

std::int64_t whole_number(const json::Object& parameters, std::string_view name, std::int64_t otherwise) {
  auto text = json::scalar_text(json::at(parameters, name));
  std::int64_t out = otherwise;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  return fault == std::errc() && end == text.data() + text.size() ? out : otherwise;
}

}  // namespace aright::rules
