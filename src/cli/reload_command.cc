// reload: a running aright reads its policy again.

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

Result<int> reload_policy(const Settings& settings) {
  auto server = TRY(find_server(settings));
  if (!server)
    return fail({.code = Errc::unavailable,
                 .message = "no aright runs over " + settings.state + "; say which one with --server or --state",
                 .number = "AR-0015"});
  auto done = TRY(server->post("/reload"));
  if (settings.json) {
    print_json(done);
    return exit_ok;
  }
  bool changed = json::truth(json::at(done, "changed"));
  print_line(tone(Tone::good, changed ? "reloaded" : "unchanged") + ": " + json::text(done, "policy", "") + ", " +
             json::text(done, "hash", "").substr(0, 12));
  return exit_ok;
}

}  // namespace

int reload(const Settings& settings) {
  return told(reload_policy(settings), settings.json);
}

}  // namespace aright::cli
