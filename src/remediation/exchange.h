#pragma once
// Findings as other tools read them: Security Hub's ASFF, and OCSF's Compliance Finding and Detection Finding; and how
// many there are by group. From a finding as the API shows it, within the limits of each format. Pure.

#include <string>
#include <vector>

#include "base/error.h"
#include "json/value.h"
#include "rules/control.h"

namespace aright::remediation {

inline constexpr std::size_t asff_title_max = 256, asff_description_max = 1024;  // characters
inline constexpr std::size_t asff_recommendation_max = 512, asff_field_max = 2048, asff_requirements_max = 32;
inline constexpr std::size_t groups_max = 100;                                   // as an insight of Security Hub shows

// As BatchImportFindings takes it, for the default product of the finding's account. Its id stays the same for as long
// as the finding does.
json::Object asff(const json::Value& finding, const rules::Controls& controls);

// Class 2003; class 2004 when GuardDuty told of it. `version` is aright's own.
json::Object ocsf(const json::Value& finding, const rules::Controls& controls, std::string_view version);

// What findings may be grouped by.
const std::vector<std::string>& group_words();
struct Counted {
  std::string value;
  std::size_t findings = 0;
};
// The largest first, at most groups_max. Fails with invalid when `word` is none of group_words().
Result<std::vector<Counted>> grouped(const json::Array& findings, std::string_view word);

}  // namespace aright::remediation
