#pragma once
// Whom one execution is started for: what Targets, TargetMaps and TargetLocations stand for. Internal to runbook.

#include <optional>
#include <string>
#include <vector>

#include "runbook/machine.h"

namespace aright::runbook {

inline constexpr std::size_t targets_at_once = 10;        // where no MaxConcurrency says otherwise
inline constexpr std::size_t places_at_once = 1;          // where no TargetLocationMaxConcurrency says otherwise
inline constexpr std::size_t locations_max = 100;         // Systems Manager's own limits
inline constexpr std::size_t accounts_max = 50;           // of one location, as it is written
inline constexpr std::size_t regions_max = 50;            // of one location
inline constexpr std::size_t children_max = 1'000;        // of one step in one place
inline constexpr std::size_t units_max = 1'000;           // of one step, those below others counted too
inline constexpr std::size_t lookup_pages_max = 100;      // of one question about targets or accounts

// A number, or a percentage of `count`, rounded down; null is none. `what` names it in the error.
Result<std::size_t> errors_allowed(const json::Value& value, std::size_t count, std::string_view what);
// The same of how many may run side by side: at least one, and `otherwise` for null.
Result<std::size_t> side_by_side(const json::Value& value, std::size_t count, std::string_view what,
                                 std::size_t otherwise);

// One element of TargetLocations.
struct Location {
  std::vector<std::string> accounts;  // 12 digits each
  std::vector<std::string> units;     // organizational units and roots, whose accounts are still to be asked for
  std::vector<std::string> excluded, regions;
  std::string execution_role;  // its name, in each of the accounts; "": whatever leads there
  bool child_units = false;
  json::Value errors_max, concurrency_max;  // TargetLocationMaxErrors, TargetLocationMaxConcurrency
  json::Value targets, targets_errors_max, targets_concurrency_max;  // instead of the step's, where given
};
// Without TargetLocations: one location, which is where the execution runs.
Result<std::vector<Location>> locations_of(const json::Value& target_locations);

// The call that tells which resources these targets mean, and their ids in its answer. Nothing when they say so
// themselves. Fails with invalid for a key that Automation doesn't know.
struct TargetCall {
  std::string service, operation;
  json::Object input;
};
Result<std::optional<TargetCall>> lookup_of(const json::Array& targets);
std::vector<std::string> ids_in(const TargetCall& lookup, const json::Value& answer);

// Each child's parameters, from the common ones.
std::vector<json::Object> for_values(const json::Object& common, const std::string& name,
                                     const std::vector<std::string>& values);
std::vector<json::Object> for_maps(const json::Object& common, const json::Array& maps);

}  // namespace aright::runbook
