#include "cloud/config_form.h"

#include "base/text.h"

namespace aright::cloud {

namespace {

// Names of maps whose keys are somebody's own, and stay as they are.
bool holds_own_names(std::string_view name) {
  return name == "tags" || name == "variables" || name == "parameters" || name.ends_with("Map");
}

// A permission of a security group has its ranges twice: as structures, and as they once were, as texts.
void add_plain_ranges(json::Object& permission) {
  const auto ranges = json::at(permission, "ipRanges");
  if (!ranges.is_array()) return;
  json::Array plain;
  for (const auto& range : ranges.get_array()) plain.push_back(json::at(range, "cidrIp"));
  permission["ipv4Ranges"] = ranges;
  permission["ipRanges"] = std::move(plain);
}

json::Value small_names(const json::Value& value, bool own_names = false) {
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array())
      out.push_back(small_names(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [key, member] : value.get_object()) {
    std::string name(key);
    if (!own_names && !name.empty()) name[0] = lower(name.substr(0, 1))[0];
    out[name] = small_names(member, member.is_object() && holds_own_names(name));
  }
  add_plain_ranges(out);
  return out;
}

}  // namespace

json::Value in_config_form(const json::Value& shown) { return small_names(shown); }

}  // namespace aright::cloud
