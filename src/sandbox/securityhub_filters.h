#pragma once
// What Security Hub's filters want of a finding. Pure.

#include "sandbox/hook.h"

namespace aright::sandbox {

// Where findings have what a filter, or an insight that groups by it, speaks of: Severity.Label of SeverityLabel. ""
// where there is no such attribute.
std::string finding_path(std::string_view attribute);
// All that stands at a path such as Resources.Id; lists on the way are gone through.
json::Array values_at(const json::Value& finding, std::string_view path);
// Whether a finding is one of those that `filters` of GetFindings want. Fails with InvalidInputException.
Result<bool> is_wanted_finding(const Scene& scene, const json::Value& filters, const json::Value& finding);
// Refuses filters and sort criteria that no finding could be asked by.
Result<> check_finding_filters(const Scene& scene, const json::Value& filters);
Result<> check_insight(const Scene& scene);
Result<> check_sort_criteria(const Scene& scene, const json::Value& criteria);

}  // namespace aright::sandbox
