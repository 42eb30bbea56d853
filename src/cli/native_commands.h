#pragma once
// aright export cloudformation, aright deploy: the policy for running without aright.

#include <string>
#include <vector>

#include "cli/settings.h"

namespace aright::cli {

struct NativeOptions {
  bool own_documents = false;           // ours in place of AWS's
  std::string format = "yaml";          // or json
  std::string to;                       // a directory; "": one template to standard output
  std::string target;                   // aws, or the URL of an endpoint
  std::string stack = "aright";
  std::vector<std::string> parameters;  // Name=value
  bool yes = false;
};

int export_cloudformation(const Settings& settings, const NativeOptions& options);
// Shows what CloudFormation would change, asks, and carries it out.
int deploy(const Settings& settings, const NativeOptions& options);

}  // namespace aright::cli
