#pragma once
// Shell completion, made from the command line's own description.

#include <CLI/CLI.hpp>
#include <string>

namespace aright::cli {

// bash, zsh or fish. Prints the script.
int completion(const CLI::App& app, const std::string& shell);

}  // namespace aright::cli
