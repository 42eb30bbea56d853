#pragma once
// A document explained without running it: the calls that it and the documents it starts can make, and the policy that
// allows them.

#include "cloud/permission_data.h"
#include "model/model.h"
#include "remediation/library.h"
#include "runbook/calls.h"

namespace aright::native {

inline constexpr std::size_t explained_documents_max = 100;  // that one starts, directly or through others

struct Explanation {
  struct Call {
    std::string document, step, service, operation;  // as AWS's models name them
    bool reads = false;
    bool known = true;  // false: AWS has no such operation
  };
  struct Note {
    std::string document, step, what;
  };
  std::vector<Call> calls;
  std::vector<Note> unknown;
  std::vector<std::string> documents;  // that it starts, beside itself
};
// Documents that nobody has are a note.
Explanation explain(const runbook::Document& document, const remediation::Library& library);

// How ARNs name what is not known before the run.
struct Somewhere {
  std::string partition = "aws", region = "*", account = "*";
};
// {"Version": "2012-10-17", "Statement": […]}: one statement for all actions on the same resources. Resources are
// patterns: what is not known before the run is *.
json::Object policy_of(const Explanation& explanation, const Somewhere& somewhere = {});

}  // namespace aright::native
