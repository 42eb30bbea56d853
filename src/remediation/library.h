#pragma once
// What can be run, by name: runbooks and functions, from the policy and from the catalog.
// Immutable; any thread.

#include <map>
#include <memory>
#include <string>

#include "remediation/policy.h"
#include "runbook/document.h"
#include "script/script.h"

namespace aright::remediation {

inline constexpr std::size_t attachment_bytes_max = 4u << 20;  // of one
inline constexpr std::size_t attachments_max = 20;             // of one document: Systems Manager's own limit

struct Runbook {
  std::shared_ptr<const runbook::Document> document;
  std::string text;
};
// A document and its attachments, from the one object that keeps both: {"runbook", "text"} and, where it has some,
// {"attachments": name → base64}.
json::Object source_of(std::string_view name, const Runbook& runbook);
Result<Runbook> runbook_from(const json::Object& source);

struct Code {
  script::Program program;  // without event, account and region
  std::string hash;
};

class Library {
 public:
  // Fails with invalid when a runbook or a function of the policy is broken.
  static Result<Library> open(const Policy& policy);

  // Fails with not_found, naming what there is. The policy's runbooks come before the catalog's.
  Result<Runbook> runbook(std::string_view name) const;
  // The same by name, or by the function's ARN. Null when there is none.
  const Code* function(std::string_view name) const;

 private:
  std::map<std::string, Runbook, std::less<>> runbooks_;
  std::map<std::string, Code, std::less<>> functions_;
};

}  // namespace aright::remediation
