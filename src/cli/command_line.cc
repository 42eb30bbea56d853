#include "cli/command_line.h"

#include <algorithm>

#include "base/error.h"
#include "base/known.h"
#include "cli/checks.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

constexpr const char* footer = R"(Examples:
  aright demo                        play the four examples in a sandbox, then keep the console open
  aright sandbox --port 4566         an AWS account on loopback, for awscli, boto3 and tests
  aright serve --policy aright.yaml --endpoint-url http://127.0.0.1:4566
  aright scan && aright findings     look for what is out of policy
  aright plan fnd_…                  what a fix would change, call for call
  aright fix fnd_… --yes             do it, and verify it
  aright rollback rem_…              take it back

Exit codes: 0 done, 1 could not, 2 asked wrongly, 3 done and something is not compliant.)";

}  // namespace

CommandLine::CommandLine()
    : app{"Sets cloud resources aright: finds what is out of policy, works out the fix, rehearses it, asks where it "
          "must, applies exactly what was approved, proves that it worked, and can take it back.",
          "aright"} {
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer);
  app.set_help_all_flag("--help-all", "Help for all commands");
  app.set_version_flag("--version", "aright " ARIGHT_VERSION, "Print the version");
  common();
  story();
  tools();
  events();
  running();
  operations();
}

int CommandLine::run(std::vector<std::string> words) {
  // `aright help fix` is `aright fix --help`.
  if (auto said = plain_words(words); !said.empty() && said[0] == "help") {
    words.erase(std::ranges::find(words, "help"));
    words.emplace_back("--help");
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // taken from the back
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return asked_wrongly(error, words);
    app.exit(error);
    return exit_ok;
  }
  if (said.aws) said.settings.target = "aws";
  return action ? action() : exit_usage;
}

// Those that are neither options nor the values of options that stand before the command.
std::vector<std::string> CommandLine::plain_words(const std::vector<std::string>& words) const {
  std::vector<std::string> out;
  bool value = false;
  for (const auto& word : words) {
    const auto* option = word.starts_with('-') ? app.get_option_no_throw(word) : nullptr;
    if (!value && !word.starts_with('-')) out.push_back(word);
    value = option && option->get_items_expected_min() > 0;
  }
  return out;
}

// Says what is wrong, and where the help to it stands.
int CommandLine::asked_wrongly(const CLI::ParseError& error, const std::vector<std::string>& words) const {
  std::string asked = "aright";
  const CLI::App* at = &app;
  for (auto named = at->get_subcommands(); !named.empty(); named = at->get_subcommands()) {
    at = named.front();
    asked += " " + at->get_name();
  }
  std::string what = error.what();
  auto commands = names_of(*at);
  auto said_words = plain_words(words);
  auto word = std::ranges::find_if(said_words, [&](const auto& one) {
    return (" " + asked + " ").find(" " + one + " ") == std::string::npos;
  });
  if (!commands.empty() && error.get_name() != "ExtrasError" && word == said_words.end()) {
    fmt::print(stderr, "{}", at->help());
    return exit_usage;
  }
  if (!commands.empty() && word != said_words.end()) {
    auto meant = aright::nearest(*word, commands);
    what = fmt::format("there is no command '{} {}'", asked, *word) +
           (meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
  }
  if (!what.ends_with('?')) what += '.';
  aright::Error told{.code = aright::Errc::invalid, .message = fmt::format("{} Try: {} --help", what, asked)};
  print_error(told, std::ranges::find(words, "--json") != words.end());
  return exit_usage;
}

void CommandLine::common() {
  auto& s = said.settings;
  app.add_flag("--json", s.json, "Print results as JSON");
  app.add_flag("-q,--quiet", s.quiet, "No progress");
  app.add_option("--state", s.state, "Directory of the ledger and of the running server's address")
      ->envname("ARIGHT_STATE");
  app.add_option("--store", s.store, "PostgreSQL database that has the ledger, for several workers: postgresql://…")
      ->envname("ARIGHT_STORE")->check(store());
  app.add_option("--policy", s.policy, "Policy file; else ./aright.yaml, else the demonstration's")
      ->envname("ARIGHT_POLICY");
  app.add_option("--endpoint-url", s.target, "An AWS-compatible endpoint where the resources live")
      ->check(endpoint());
  app.add_flag("--aws", said.aws, "The resources live in AWS");
  app.add_option("--region", s.region, "Region, where a command needs one")->envname("AWS_REGION")->check(region());
  app.add_option("--profile", s.profile, "Profile of the AWS configuration files")->envname("AWS_PROFILE");
  app.add_option("--server", s.server, "URL of a running aright; else the one the state directory names")
      ->envname("ARIGHT_SERVER")->check(endpoint());
  app.add_option("--token", s.token, "Its bearer token")->envname("ARIGHT_TOKEN");
}

// Of commands; its help shows the examples of all of them.
CLI::App* CommandLine::group(const char* name, const char* what) {
  auto* sub = app.add_subcommand(name, what);
  sub->require_subcommand(1)->fallthrough();
  sub->footer(examples_of(name));
  return sub;
}

CLI::App* CommandLine::command(const char* name, const char* what, const Action& does, CLI::App* parent) {
  auto* sub = (parent ? parent : &app)->add_subcommand(name, what);
  sub->fallthrough();
  sub->footer(examples_of(parent ? parent->get_name() + " " + name : name));
  sub->callback([this, does] { action = does; });
  return sub;
}

void CommandLine::for_each(CLI::App* sub) {
  auto& s = said.for_each;
  auto* parameter = sub->add_option("--target-parameter-name", s.parameter, "The parameter that takes a target");
  auto* targets = sub->add_option("--targets", s.targets, "Once for each: Key=tag:env,Values=prod; repeat it")
                      ->needs(parameter);
  sub->add_option("--target-maps", s.maps, "Once for each: a JSON list of parameters")->excludes(targets);
  sub->add_option("--target-locations", s.locations, "Everywhere: Accounts=…,Regions=us-east-1; repeat it");
  sub->add_option("--max-concurrency", s.concurrency_max, "At most so many at one time, or a percentage");
  sub->add_option("--max-errors", s.errors_max, "Goes on after so many failures, or a percentage");
}

void CommandLine::waiting(CLI::App* sub) {
  sub->add_flag("--no-wait", said.waiting.no_wait, "Return at once");
  sub->add_option("--wait", said.waiting.seconds, "Seconds to wait for the end")->capture_default_str()
      ->check(CLI::Range(0, wait_s_max));
}

void CommandLine::listen(CLI::App* sub) {
  sub->add_option("--host", said.listen.host, "Address to listen on")->capture_default_str();
  sub->add_option("--port", said.listen.port, "Port; 0 takes any free one")->check(CLI::Range(0, 65535))
      ->capture_default_str();
}

}  // namespace aright::cli
