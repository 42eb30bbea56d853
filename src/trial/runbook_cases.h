#pragma once
// Tests of a runbook as a YAML file; docs/reference/runbook-tests.md has every member.
//
//   runbook: AWS-DisableS3BucketPublicReadWrite
//   tests:
//     - name: closes a public bucket
//       given:
//         - {call: s3:CreateBucket, input: {Bucket: acme}}
//       parameters: {S3BucketName: acme}
//       expect:
//         status: Success
//         writes: [s3:PutPublicAccessBlock]
//         rollback: restores

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::trial {

inline constexpr std::size_t test_file_bytes_max = 1u << 20;

// What one test came to.
struct Verdict {
  std::string file, name;
  int line = 0;
  std::vector<std::string> unmet;  // what was expected and is not so, one sentence each; empty: it passed
  json::Value execution;           // as GetAutomationExecution answers; null when it never started
  std::vector<std::string> writes; // service:Operation, in order
  std::vector<std::string> made;   // those that took effect, as the emulated cloud counts them

  bool passed() const { return unmet.empty(); }
};
json::Object to_json(const Verdict& verdict);

// All tests of a file, in order; only those whose name contains `only`, when that is given. `runbooks` are documents
// that the tests may name beside the catalog's. Fails with invalid, naming the line, when the file itself is wrong.
Result<std::vector<Verdict>> test_runbook(const std::string& file, std::string_view yaml,
                                          const std::map<std::string, std::string>& runbooks,
                                          const std::string& only = "");

// The catalog's: file name → text.
std::map<std::string, std::string> catalog_runbook_tests();

}  // namespace aright::trial
