#pragma once
// Security Hub's standards, as far as the catalog's controls say by which requirement they stand in one. Pure.

#include <string>
#include <string_view>

#include "rules/control.h"

namespace aright::rules {

inline constexpr std::string_view security_hub_reference = "Security Hub";  // under which a control has its id there

// "S3.2"; "" where Security Hub has none that is about the same.
std::string security_hub_id(const Control& control);

// Whether a standard, by its ARN, has the control. Of a standard that the catalog says nothing of: none.
bool stands_in(const Control& control, std::string_view standard_arn);

}  // namespace aright::rules
