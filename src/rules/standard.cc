#include "rules/standard.h"

#include <algorithm>
#include <array>

namespace aright::rules {

namespace {

// How a standard's ARN ends, and the reference of the controls that it has.
struct Standard {
  std::string_view path, reference;
};
constexpr std::array standards{
    Standard{"aws-foundational-security-best-practices/v/1.0.0", security_hub_reference},
    Standard{"cis-aws-foundations-benchmark/v/3.0.0", "CIS AWS Foundations 3.0"},
    Standard{"nist-800-53/v/5.0.0", "NIST 800-53"},
    Standard{"pci-dss/v/3.2.1", "PCI DSS 3.2.1"},
    Standard{"pci-dss/v/4.0.1", "PCI DSS 4.0"},
};

}  // namespace

std::string security_hub_id(const Control& control) {
  auto found = control.references.find(std::string(security_hub_reference));
  return found == control.references.end() ? "" : found->second;
}

bool stands_in(const Control& control, std::string_view standard_arn) {
  if (security_hub_id(control).empty()) return false;
  auto known = std::ranges::find_if(standards, [&](const Standard& one) { return standard_arn.ends_with(one.path); });
  return known != standards.end() && control.references.contains(std::string(known->reference));
}

}  // namespace aright::rules
