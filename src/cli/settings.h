#pragma once
// What every command can be told. Filled by the command line; plain data.

#include <string>

namespace aright::cli {

struct Settings {
  bool json = false;
  bool quiet = false;
  std::string state;      // directory of the ledger and of server.json
  std::string store;      // URL of the PostgreSQL database that has the ledger; empty: a file in the state directory
  std::string policy;     // file
  std::string target;     // "sandbox", "aws", or the URL of a compatible endpoint
  std::string region, profile;
  std::string server;     // URL of a running `aright serve`; empty: server.json, or none
  std::string token;
};

// Exit codes, the same for all commands.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;        // could not do it
inline constexpr int exit_usage = 2;         // was asked wrongly
inline constexpr int exit_non_compliant = 3; // did it, and found what is not as it should be

inline constexpr unsigned readable = 0644;   // the mode of files that are for others

std::string default_state_directory();

}  // namespace aright::cli
