#include "sandbox/tags.h"

#include <algorithm>
#include <array>

#include "cloud/shapers.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view reserved_prefix = "aws:";

// The most exact first.
constexpr std::array too_many{"TooManyTagsError", "TooManyTagsException", "TagLimitExceededException",
                              "LimitExceededException"};
constexpr std::array usual{"ValidationException", "BadRequestException", "InvalidInputException",
                           "InvalidParameterValueException", "ValidationError"};

template <std::size_t count>
const char* known_among(const Scene& scene, const std::array<const char*, count>& codes) {
  const auto* service = scene.catalog.service(scene.call.service);
  auto known = [&](const char* code) { return service != nullptr && service->errors.contains(code); };
  auto found = std::ranges::find_if(codes, known);
  return found == codes.end() ? nullptr : *found;
}

}  // namespace

std::map<std::string, std::string> tags_in(const json::Value& tags) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : json::members(tags)) out[std::string(key)] = json::text(value);
  for (const auto& tag : json::items(tags)) out.insert_or_assign(cloud::tag_of(tag).first, cloud::tag_of(tag).second);
  return out;
}

Result<> check_tags(const Scene& scene, const json::Value& before, const json::Value& all) {
  auto tags = tags_in(all), old = tags_in(before);
  const auto* bad = known_among(scene, usual);
  if (tags.size() > tags_max && tags.size() > old.size()) {
    const auto* code = known_among(scene, too_many);
    if (code == nullptr) code = bad;
    if (code != nullptr)
      return fail(scene.error(code, fmt::format("A resource has {} tags at most; this would be {}.", tags_max,
                                                tags.size())));
  }
  bool taken = std::ranges::any_of(tags, [&](const auto& tag) {
    return tag.first.starts_with(reserved_prefix) && !old.contains(tag.first);
  });
  if (!taken || bad == nullptr) return {};
  return fail(scene.error(bad, "aws: prefixed tag key names are not allowed for external use."));
}

}  // namespace aright::sandbox
