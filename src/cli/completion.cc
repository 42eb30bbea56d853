#include "cli/completion.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

// What may stand at one place of the command line: a command, an option or a value, and what it is
// for.
struct Word {
  std::string text, why;
};

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  auto all = app.get_subcommands([](const CLI::App*) { return true; });
  return {all.begin(), all.end()};
}

// The long names of options that `app` understands; with `above`, those of what stands above it as
// well.
std::vector<Word> options_of(const CLI::App& app, bool above) {
  std::vector<Word> out;
  for (const auto* level = &app; level; level = above ? level->get_parent() : nullptr)
    for (const auto* option : level->get_options())
      for (const auto& name : option->get_lnames())
        if (!option->get_group().empty()) out.push_back({"--" + name, option->get_description()});
  return out;
}

std::vector<Word> words_of(const CLI::App& app) {
  std::vector<Word> out;
  for (const auto* sub : commands_of(app))
    out.push_back({sub->get_name(), sub->get_description()});
  if (app.get_name() == "completion")
    for (const auto* shell : {"bash", "zsh", "fish"})
      out.push_back({shell, "for this shell"});
  for (auto& option : options_of(app, true))
    out.push_back(std::move(option));
  return out;
}

// Every command, as it is said: "", "runbook", "runbook validate" …
struct Place {
  std::string path;
  const CLI::App* app;
};
std::vector<Place> places_of(const CLI::App& app, const std::string& path = "") {
  std::vector<Place> out{{path, &app}};
  for (const auto* sub : commands_of(app))
    for (auto& below :
         places_of(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name()))
      out.push_back(std::move(below));
  return out;
}

std::string quoted(const std::string& text) {
  return "'" + replace_all(text, "'", "'\\''") + "'";
}

// The pattern of a shell's case that names every command.
std::string any_of(const std::vector<Place>& places) {
  std::string out;
  for (const auto& place : places)
    if (!place.path.empty()) out += (out.empty() ? "" : "|") + quoted(place.path);
  return out;
}

// Words that are no command, such as ids and the values of options, leave the place as it is.
std::string find_place(const std::vector<Place>& places, std::string_view words) {
  return fmt::format(
      "  local at='' word\n  for word in {}; do\n    case \"${{at:+$at }}$word\" in {}) "
      "at=\"${{at:+$at }}$word\" ;; esac\n  done\n",
      words, any_of(places));
}

struct Script {
  std::string text;

  void add(std::string_view line) {
    text += line;
    text += '\n';
  }
};

std::string bash(const CLI::App& app) {
  Script script;
  auto places = places_of(app);
  script.add("_aright() {\n" + find_place(places, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"") +
             "  case \"$at\" in");
  for (const auto& place : places) {
    std::vector<std::string> words;
    for (auto& word : words_of(*place.app))
      words.push_back(std::move(word.text));
    script.add(fmt::format("    {}) word={} ;;", quoted(place.path),
                           quoted(fmt::format("{}", fmt::join(words, " ")))));
  }
  script.add(
      "  esac\n  COMPREPLY=($(compgen -W \"$word\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
      "complete -o default -F _aright aright");
  return script.text;
}

std::string zsh(const CLI::App& app) {
  Script script;
  auto places = places_of(app);
  script.add(
      "#compdef aright\n(( $+functions[compdef] )) || { autoload -U compinit && compinit; "
      "}\n_aright() {\n" +
      find_place(places, "${words[2,CURRENT-1]}") + "  local -a offered\n  case \"$at\" in");
  for (const auto& place : places) {
    std::string offered;
    for (const auto& word : words_of(*place.app))
      offered += " " + quoted(word.text + ":" + replace_all(word.why, ":", "\\:"));
    script.add(fmt::format("    {}) offered=({} ) ;;", quoted(place.path), offered));
  }
  script.add("  esac\n  _describe aright offered || _files\n}\ncompdef _aright aright");
  return script.text;
}

std::string fish(const CLI::App& app) {
  Script script;
  auto offer = [&script](const std::string& when, const std::string& what, const std::string& why) {
    script.add(fmt::format("complete -c aright {} {} -d {}",
                           when.empty() ? "" : "-n " + quoted(when), what, quoted(why)));
  };
  script.add(
      "complete -c aright -f\ncomplete -c aright -F -n '__fish_seen_subcommand_from validate "
      "verify'");
  for (const auto& word : options_of(app, false))
    offer("", "-l " + word.text.substr(2), word.why);
  for (const auto* sub : commands_of(app)) {
    auto seen = "__fish_seen_subcommand_from " + sub->get_name();
    offer("__fish_use_subcommand", "-a " + sub->get_name(), sub->get_description());
    auto inner = names_of(*sub);
    for (const auto* one : commands_of(*sub)) {
      offer(fmt::format("{}; and not __fish_seen_subcommand_from {}", seen, fmt::join(inner, " ")),
            "-a " + one->get_name(), one->get_description());
      for (const auto& word : options_of(*one, false))
        offer(fmt::format("{}; and __fish_seen_subcommand_from {}", seen, one->get_name()),
              "-l " + word.text.substr(2), word.why);
    }
    if (sub->get_name() == "completion") offer(seen, "-a 'bash zsh fish'", "the shell");
    for (const auto& word : options_of(*sub, false))
      offer(seen, "-l " + word.text.substr(2), word.why);
  }
  return script.text;
}

}  // namespace

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* sub : commands_of(app))
    out.push_back(sub->get_name());
  return out;
}

int completion(const CLI::App& app, const std::string& shell, bool as_json) {
  auto script = shell == "fish" ? fish(app) : shell == "zsh" ? zsh(app) : bash(app);
  if (as_json)
    print_json(json::Object{{"shell", shell}, {"script", script}});
  else
    print_bytes(script);
  return exit_ok;
}

}  // namespace aright::cli
