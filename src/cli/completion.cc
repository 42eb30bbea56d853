#include "cli/completion.h"

#include "cli/commands.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

// The long names of options that `app` and what stands above it understand.
std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* level = &app; level; level = level->get_parent())
    for (const auto* option : level->get_options())
      for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  auto all = app.get_subcommands([](const CLI::App*) { return true; });
  return {all.begin(), all.end()};
}

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* sub : commands_of(app)) out.push_back(sub->get_name());
  return out;
}

void bash_case(const std::string& path, const CLI::App& app) {
  auto words = names_of(app);
  for (auto& option : options_of(app)) words.push_back(std::move(option));
  print_line(fmt::format("    \"{}\") words=\"{}\" ;;", path, fmt::join(words, " ")));
  for (const auto* sub : commands_of(app))
    bash_case(path.empty() ? sub->get_name() : path + " " + sub->get_name(), *sub);
}

void bash(const CLI::App& app) {
  print_line("_aright() {\n  local path=\"\" word words\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
             "    case \"$word\" in -*) ;; *) path=\"${path:+$path }$word\" ;; esac\n  done\n  case \"$path\" in");
  bash_case("", app);
  print_line("    *) words=\"\" ;;\n  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
             "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
             "complete -F _aright aright");
}

void fish(const CLI::App& app) {
  auto quoted = [](std::string text) {
    for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 2)) text.insert(at, "\\");
    return text;
  };
  for (const auto* sub : commands_of(app)) {
    print_line(fmt::format("complete -c aright -n __fish_use_subcommand -a {} -d '{}'", sub->get_name(),
                           quoted(sub->get_description())));
    for (const auto* inner : commands_of(*sub))
      print_line(fmt::format("complete -c aright -n '__fish_seen_subcommand_from {}' -a {} -d '{}'", sub->get_name(),
                             inner->get_name(), quoted(inner->get_description())));
    for (const auto* option : sub->get_options())
      for (const auto& name : option->get_lnames())
        print_line(fmt::format("complete -c aright -n '__fish_seen_subcommand_from {}' -l {} -d '{}'", sub->get_name(),
                               name, quoted(option->get_description())));
  }
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      print_line(fmt::format("complete -c aright -l {} -d '{}'", name, quoted(option->get_description())));
}

}  // namespace

int completion(const CLI::App& app, const std::string& shell) {
  if (shell == "fish") {
    fish(app);
    return exit_ok;
  }
  if (shell == "zsh") print_line("autoload -U +X bashcompinit && bashcompinit");
  bash(app);
  return exit_ok;
}

}  // namespace aright::cli
