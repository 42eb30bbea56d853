#pragma once
// Shell scripts in the jail that functions run in: with AWS at AWS_ENDPOINT_URL, and an `aws` that goes there by
// itself.

#include "script/script.h"

namespace aright::script {

inline constexpr std::size_t shell_output_bytes_max = 1u << 20;  // kept of stdout, and of stderr: the beginning

struct ShellScript {
  std::string text;       // run by its first line's interpreter, else by sh
  std::string directory;  // that it begins in; "": /tmp
  seconds timeout{3'600};
  std::string account, region, request_id;
  std::map<std::string, std::string> environment;
};

struct ShellOutcome {
  int code = 0;  // 128 and the signal, of one that a signal ended
  std::string out, err;
  bool timed_out = false;
};

// Fails when nothing can be said of what the script did: it could not be run, or `context` ended it.
Result<ShellOutcome> run_shell(const ShellScript& script, aws::Caller& door, const Context& context);

}  // namespace aright::script
