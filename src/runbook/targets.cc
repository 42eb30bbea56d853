#include "runbook/targets.h"

#include <algorithm>
#include <charconv>

#include "json/value.h"

namespace aright::runbook {

namespace {

bool is_account(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_unit(std::string_view text) { return text.starts_with("ou-") || text.starts_with("r-"); }

Result<Location> location_of(const json::Value& given) {
  Location out{.excluded = json::texts(json::at(given, "ExcludeAccounts")),
               .regions = json::texts(json::at(given, "Regions")),
               .execution_role = json::text(given, "ExecutionRoleName", ""),
               .child_units = json::truth(json::at(given, "IncludeChildOrganizationUnits")),
               .errors_max = json::at(given, "TargetLocationMaxErrors"),
               .concurrency_max = json::at(given, "TargetLocationMaxConcurrency"),
               .targets = json::at(given, "Targets"),
               .targets_errors_max = json::at(given, "TargetsMaxErrors"),
               .targets_concurrency_max = json::at(given, "TargetsMaxConcurrency")};
  auto accounts = json::texts(json::at(given, "Accounts"));
  if (accounts.empty() || accounts.size() > accounts_max)
    return fail(Errc::invalid, "a location of TargetLocations has 1 to {} Accounts", accounts_max);
  if (out.regions.empty() || out.regions.size() > regions_max)
    return fail(Errc::invalid, "a location of TargetLocations has 1 to {} Regions", regions_max);
  for (auto& account : accounts) {
    if (is_account(account))
      out.accounts.push_back(std::move(account));
    else if (is_unit(account))
      out.units.push_back(std::move(account));
    else
      return fail(Errc::invalid, "TargetLocations: {} is no account and no organizational unit", account);
  }
  return out;
}

// arn:aws:ec2:us-east-1:111122223333:instance/i-0123: what a parameter takes is the id at its end.
std::string id_of(const std::string& arn) {
  auto from = arn.find_last_of("/:");
  return from == std::string::npos ? arn : arn.substr(from + 1);
}

constexpr std::string_view tag = "tag:";

}  // namespace

Result<std::size_t> errors_allowed(const json::Value& value, std::size_t count, std::string_view what) {
  auto text = value.is_null() ? "0" : json::scalar_text(value);
  const bool percentage = text.ends_with('%');
  if (percentage) text.pop_back();
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  if (!whole || (percentage && number > 100)) return fail(Errc::invalid, "{} is a number or a percentage", what);
  return percentage ? count * number / 100 : number;
}

Result<std::size_t> side_by_side(const json::Value& value, std::size_t count, std::string_view what,
                                 std::size_t otherwise) {
  if (value.is_null()) return otherwise;
  auto number = TRY(errors_allowed(value, count, what));
  bool none = number == 0 && !json::scalar_text(value).ends_with('%');
  if (none) return fail(Errc::invalid, "{} is at least 1", what);
  return std::max<std::size_t>(number, 1);
}

Result<std::vector<Location>> locations_of(const json::Value& target_locations) {
  if (target_locations.is_null()) return std::vector<Location>{{.accounts = {""}, .regions = {""}}};
  const auto& given = json::items(target_locations);
  if (given.empty() || given.size() > locations_max)
    return fail(Errc::invalid, "TargetLocations is a list of 1 to {}", locations_max);
  std::vector<Location> out;
  for (const auto& one : given) out.push_back(TRY(location_of(one)));
  return out;
}

Result<std::optional<TargetCall>> lookup_of(const json::Array& targets) {
  json::Array filters;
  std::size_t instances = 0, listed = 0;
  for (const auto& target : targets) {
    auto key = json::text(target, "Key", "");
    const auto& values = json::items(json::at(target, "Values"));
    if (key.starts_with(tag) || key == "tag-key") {
      filters.push_back(json::Object{{"Name", key}, {"Values", values}});
    } else if (key == "AWS::EC2::Instance") {
      ++instances;
    } else if (key == "ResourceGroup") {
      if (targets.size() != 1 || values.size() != 1)
        return fail(Errc::invalid, "Targets: a ResourceGroup stands alone, with one name");
      return TargetCall{"resource-groups", "ListGroupResources", {{"Group", values[0]}}};
    } else if (key == "ParameterValues" || key == "InstanceIds") {
      ++listed;
    } else {
      return fail(Errc::invalid, "Targets: Automation knows no key '{}'", key);
    }
  }
  if (listed == targets.size()) return std::nullopt;
  if (listed > 0) return fail(Errc::invalid, "Targets: values that are listed stand alone");
  json::Object input;
  if (!filters.empty()) input["Filters"] = std::move(filters);
  return TargetCall{"ec2", "DescribeInstances", std::move(input)};
}

std::vector<std::string> ids_in(const TargetCall& lookup, const json::Value& answer) {
  std::vector<std::string> out;
  if (lookup.service == "ec2") {
    for (const auto& reservation : json::items(json::at(answer, "Reservations")))
      for (const auto& instance : json::items(json::at(reservation, "Instances")))
        if (json::text(json::at(instance, {"State", "Name"})) != "terminated")
          out.push_back(json::text(instance, "InstanceId", ""));
    return out;
  }
  for (const auto& resource : json::items(json::at(answer, "Resources")))
    out.push_back(id_of(json::text(json::at(resource, {"Identifier", "ResourceArn"}))));
  return out;
}

std::vector<json::Object> for_values(const json::Object& common, const std::string& name,
                                     const std::vector<std::string>& values) {
  std::vector<json::Object> out;
  for (const auto& value : values) {
    out.push_back(common);
    out.back().insert_or_assign(name, json::Array{value});
  }
  return out;
}

std::vector<json::Object> for_maps(const json::Object& common, const json::Array& maps) {
  std::vector<json::Object> out;
  for (const auto& map : maps) {
    out.push_back(common);
    for (const auto& [key, value] : json::members(map)) out.back().insert_or_assign(key, value);
  }
  return out;
}

}  // namespace aright::runbook
