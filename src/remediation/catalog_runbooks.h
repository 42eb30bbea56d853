#pragma once
// The runbooks that the binary carries.

#include <string>
#include <vector>

namespace aright::remediation {

std::vector<std::string> catalog_runbooks();  // their names, sorted

}  // namespace aright::remediation
