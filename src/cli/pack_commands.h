#pragma once
// aright pack check|deploy|status: public conformance packs, as they are.

#include <string>
#include <vector>

#include "cli/settings.h"

namespace aright::cli {

struct PackOptions {
  std::vector<std::string> files;       // of templates; `status` takes names, too
  std::vector<std::string> parameters;  // Name=value
  std::string own;                      // a directory of own controls beside the catalog
  std::string name;                     // else the file's
  bool yes = false;
};

// Offline: which rules can be evaluated, and why others cannot. 3 when some cannot.
int pack_check(const Settings& settings, const PackOptions& options);
// Shows what would come to hold, asks, and writes it into the policy file.
int pack_deploy(const Settings& settings, const PackOptions& options);
// Compliance by rule. 3 when some are not compliant.
int pack_status(const Settings& settings, const PackOptions& options);

}  // namespace aright::cli
