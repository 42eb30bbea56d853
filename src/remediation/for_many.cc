#include "remediation/for_many.h"

namespace aright::remediation {

namespace {

constexpr std::string_view alarms = "AlarmConfiguration";

}  // namespace

json::Object for_whom(json::Object manner) {
  manner.erase(alarms);
  return manner;
}

json::Object about_of(const json::Object& manner) {
  json::Object out;
  for (auto member : runbook::for_each_members)
    if (const auto& given = json::at(manner, member); !given.is_null()) out[member] = given;
  if (const auto& given = json::at(manner, alarms); !given.is_null()) out[alarms] = given;
  if (out.contains("TargetLocations")) out["AutomationType"] = "CrossAccount";
  return out;
}

Result<> look_at_one(const Library& library, std::string_view runbook, const std::string& version,
                     json::Object parameters, const json::Object& for_each, aws::Caller& door, const Context& context) {
  auto by = json::text(for_each, "TargetParameterName", "");
  bool known = true;
  for (const auto& target : json::items(json::at(for_each, "Targets"))) {
    const auto& values = json::items(json::at(target, "Values"));
    known = json::text(target, "Key", "") == "ParameterValues" && !values.empty();
    parameters[by] = json::Array{known ? values.front() : json::Value(by)};
  }
  if (const auto& maps = json::items(json::at(for_each, "TargetMaps")); !maps.empty())
    for (const auto& [parameter, values] : json::members(maps.front())) parameters[parameter] = values;
  auto one = prepare_version(library, runbook, version, parameters, door, context);
  if (one || (!known && one.error().code == Errc::invalid && one.error().wire_code.empty())) return {};
  return fail(one.error());
}

}  // namespace aright::remediation
