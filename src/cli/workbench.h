#pragma once
// A runbook tried by itself, with nothing but an endpoint: no policy, no ledger that stays, no server. The documents
// that stand beside its file can be called by it.

#include <map>
#include <memory>
#include <string>

#include "cli/house.h"
#include "cli/settings.h"

namespace aright::cli {

inline constexpr std::size_t sibling_documents_max = 500;

// Whether a runbook is meant as a file rather than as a name.
bool names_file(const std::string& document);

// Name → text, of the document in this file, and of the valid documents in its folder. Fails with invalid and all
// diagnostics when the document itself is not valid. A document is named as its file, without the ending.
struct Documents {
  std::string main;
  std::map<std::string, std::string> texts;
  std::string folder;  // where they stand
  json::Object functions = {};           // as a policy has them, by name,
  std::string functions_folder = ".";    // and the folder from which its paths go
};
Result<Documents> documents_of(const std::string& file);
// The valid documents of a folder.
std::map<std::string, std::string> documents_in(const std::string& folder);

// A house over the settings' target (an emulated account of its own when they name none), in whose account the target's
// credentials are, with these documents, and a ledger in memory. Not running yet.
// Calls to other accounts go by the role of this name, which is Systems Manager's own unless another is said.
inline constexpr const char* execution_role_default = "AWS-SystemsManager-AutomationExecutionRole";
Result<std::unique_ptr<House>> open_workbench(const Settings& settings, const Documents& documents,
                                              const std::string& execution_role = execution_role_default);

// Rehearses it in the house's account, and shows the plan. What the command ends with.
int show_rehearsal(const Settings& settings, House& house, remediation::Action action);

}  // namespace aright::cli
