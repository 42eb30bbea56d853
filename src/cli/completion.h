#pragma once
// Shell completion, made from the command line's own description.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace aright::cli {

// The commands below `app`.
std::vector<std::string> names_of(const CLI::App& app);

// bash, zsh or fish. Prints the script, as it is or as {"shell", "script"}.
int completion(const CLI::App& app, const std::string& shell, bool as_json);

}  // namespace aright::cli
