// Commands of those who keep it running.

#include "cli/command_line.h"

namespace aright::cli {

void CommandLine::operations() {
  auto& s = said;
  auto* look = command("doctor", "Look for what stands in the way, and say what to do about it; changes nothing",
                       [&] { return doctor(s.settings, s.doctor); });
  look->add_option("--host", s.doctor.host, "Address that aright serve is to listen on")->capture_default_str();
  look->add_option("--port", s.doctor.port, "Its port; 0: any")->check(CLI::Range(0, 65535))->capture_default_str();

  auto* out = command("backup", "Write the state directory into one file, while it is served or not",
                      [&] { return backup(s.settings, s.copy); });
  out->add_flag("--without-keys", s.copy.without_keys, "Leave the keys out; they are kept elsewhere");
  auto* in = command("restore", "Bring a backup back, once it is proven to be what was backed up",
                     [&] { return restore(s.settings, s.copy); });
  in->add_flag("--force", s.copy.force, "Set aside what is there");
  for (auto* sub : {out, in})
    sub->add_option("file", s.copy.file, "The backup")->required();

  command("reload", "Let a running aright read its policy again; one with faults changes nothing",
          [&] { return reload(s.settings); });
}

}  // namespace aright::cli
