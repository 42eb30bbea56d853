#pragma once
// function list|show|invoke|test: settings and arguments in, exit code out.

#include <string>
#include <vector>

#include "cli/settings.h"

namespace aright::cli {

struct FunctionChoice {
  std::string what;              // a name of the policy, a folder, a zip, or an ARN
  std::string handler, runtime;  // "": told from the files
  std::string event;             // JSON, a file, or "-"; "": {}
};
int function_list(const Settings& settings);
int function_show(const Settings& settings, const FunctionChoice& choice);
int function_invoke(const Settings& settings, const FunctionChoice& choice);
int function_rehearse(const Settings& settings, const FunctionChoice& choice);
int function_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only);

}  // namespace aright::cli
