#include "sandbox/tags.h"

#include <algorithm>
#include <array>

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

// Tags are a list of keys and values, or a map.
std::vector<std::string> keys_of(const json::Value& tags) {
  std::vector<std::string> out;
  for (const auto& [key, value] : json::members(tags)) out.emplace_back(key);
  for (const auto& tag : json::items(tags))
    out.push_back(json::text(tag, "Key", json::text(tag, "TagKey", json::text(tag, "key", ""))));
  return out;
}

}  // namespace

Result<> check_tags(const Scene& scene, const json::Value& before, const json::Value& all) {
  auto keys = keys_of(all), old = keys_of(before);
  const auto* bad = known_among(scene, usual);
  if (keys.size() > tags_max && keys.size() > old.size()) {
    const auto* code = known_among(scene, too_many);
    if (code == nullptr) code = bad;
    if (code != nullptr)
      return fail(scene.error(code, fmt::format("A resource has {} tags at most; this would be {}.", tags_max,
                                                keys.size())));
  }
  bool taken = std::ranges::any_of(keys, [&](const std::string& key) {
    return key.starts_with(reserved_prefix) && std::ranges::find(old, key) == old.end();
  });
  if (!taken || bad == nullptr) return {};
  return fail(scene.error(bad, "aws: prefixed tag key names are not allowed for external use."));
}

}  // namespace aright::sandbox
