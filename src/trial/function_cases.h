#pragma once
// Tests of a function as a YAML file; docs/reference/function-tests.md has every member.
//
//   function: {directory: tag-owner, handler: index.handler, runtime: nodejs20.x}
//   tests:
//     - name: tags a bucket
//       given:
//         - {call: s3:CreateBucket, input: {Bucket: acme}}
//       event: {bucket: acme}
//       expect:
//         result: {tagged: acme}
//         writes: [s3:PutBucketTagging]

#include <map>
#include <string>
#include <vector>

#include "script/script.h"
#include "trial/runbook_cases.h"

namespace aright::trial {

// A function as the test file, or a command, says it: the members of a policy's `functions`, with paths from `folder`.
// What is left out is told from the files. Fails with invalid.
Result<script::Program> function_of(json::Object said, const std::string& folder);

// All tests of a file, as test_runbook plays them: each in an emulated account of its own, in virtual time.
Result<std::vector<Verdict>> test_function(const std::string& file, std::string_view yaml, const std::string& folder,
                                           const std::string& only = "");

}  // namespace aright::trial
