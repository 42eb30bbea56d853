#pragma once
// Conformance packs: CloudFormation templates of Config rules and their remediations, as PutConformancePack takes them.
// Pure.

#include <map>

#include "cloudformation/parameters.h"
#include "rules/config_rule.h"

namespace aright::rules {

inline constexpr std::size_t conformance_pack_bytes_max = 300u << 10;  // as PutConformancePack takes from S3
inline constexpr std::size_t pack_parameters_max = 60;

struct ConformancePack {
  struct Rule {
    std::string logical_id;
    ConfigRule rule;
    std::string fault;     // why it could not be read; then `rule` has nothing but a name
    bool left_out = false;  // its Condition does not hold
  };
  struct Remediation {
    std::string logical_id;
    json::Object properties;  // RemediationConfiguration, as Config has it
    std::string fault;
  };
  std::vector<Rule> rules;                // in the order of the template
  std::vector<Remediation> remediations;
  std::vector<std::string> missing;       // parameters that have no value
};

// Fails with invalid where the template itself is wrong; what is wrong with one resource stands there. An empty account
// or region is not known: what refers to it is at fault.
Result<ConformancePack> read_conformance_pack(std::string_view text,
                                              const std::map<std::string, std::string>& parameters,
                                              const cloudformation::Place& place);

}  // namespace aright::rules
