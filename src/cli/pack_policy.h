#pragma once
// A conformance pack put into a policy file: what that would change, and the file's new text. Writes nothing.

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/settings.h"

namespace aright::cli {

struct PackPlan {
  struct Line {
    std::string what, detail;
  };
  std::string pack, file;
  std::string text;      // of the file, when the pack is in it
  unsigned mode = 0600;  // that the file has
  std::vector<Line> added, removed, changed;  // controls
  std::vector<Line> remediations;             // that come to hold, or change
  std::vector<Line> not_evaluated;            // rules of the pack, and why

  bool empty() const { return added.empty() && removed.empty() && changed.empty() && remediations.empty(); }
};

// A pack of this name that is there already is replaced. Fails where there is no policy file, where the policy would
// not be sound, and where a remediation names a runbook that is not there.
Result<PackPlan> plan_pack(const Settings& settings, const std::string& file, const std::string& name,
                           const std::map<std::string, std::string>& parameters);

}  // namespace aright::cli
