#pragma once
// Tests of a control as a YAML file; docs/reference/control-tests.md has every member.
//
//   control: s3-bucket-public-read-prohibited
//   tests:
//     - name: a bucket whose policy lets everyone read
//       given:
//         - {call: s3:CreateBucket, input: {Bucket: acme}}
//       resource: acme
//       expect: NON_COMPLIANT
//       remediation: {after: COMPLIANT, rollback: restores}

#include <map>
#include <string>
#include <vector>

#include "rules/control.h"
#include "trial/runbook_cases.h"

namespace aright::trial {

// As test_runbook() does, for the tests of one control. With `remediation`, the finding goes the whole way: scan, plan,
// execution, verification, and back.
Result<std::vector<Verdict>> test_control(const std::string& file, std::string_view yaml, const std::string& only = "",
                                          const rules::Controls& controls = rules::Controls::embedded());

// The catalog's: control id → text. Controls without tests are not there.
std::map<std::string, std::string> catalog_control_tests();
// The names of the tests of one of them, in order; none for others.
std::vector<std::string> catalog_test_names(const std::string& control);

}  // namespace aright::trial
